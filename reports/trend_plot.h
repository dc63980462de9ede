// The picture of figures over time. A pure function.
#pragma once

#include "reports/plot.h"
#include "reports/trend_rows.h"

namespace fusesweep {

// A line each for the longest series: the split's figure with its 95 % interval, the band of the points
// before the first change, changes as steps with their owner, changed toolchains as dashed lines, recorded
// points as triangles. Series that do not fit are counted in the subtitle, and are in the CSV.
Plot trend_plot(const TrendRows& rows);

}  // namespace fusesweep
