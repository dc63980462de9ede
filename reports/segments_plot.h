// The picture of a search for the fastest split: what every segment costs, and the best split through them.
#pragma once

#include "harness/core/optimize.h"
#include "reports/plot.h"

namespace fusesweep {

// First layer against length; the colour is the time a layer against the best split's own. Measured ones are whole
// framed squares, predicted ones small, excluded ones hatched; the best split is a line through its segments.
// A pure function.
Plot segments_plot(const OptimizeReport& report);

}  // namespace fusesweep
