// Trends of recorded runs: a series for each split, one of all runs by date, and the best so far.
// For trend_reader.cc and trend_rows.h's recorded_trend().
#pragma once

#include <vector>

#include "reports/trend_rows.h"
#include "results/rows.h"

namespace fusesweep {

// Not judged yet. Only metrics that were recorded have any.  REQUIRES: the rows of a record stand
// together, in its order.
std::vector<TrendSeries> recorded_series(const std::vector<RecordedRunRow>& rows,
                                         const TrendQuery& query);

}  // namespace fusesweep
