// The tables of a report of a search for the fastest split. Pure functions; one without rows is left out by
// whoever asks.
#pragma once

#include "harness/core/optimize.h"
#include "reports/document.h"

namespace fusesweep {

// The best splits by the sum of their segments, with intervals on one scale.
DocumentTable best_table(const OptimizeReport& report);

// Those that were measured, a row each.
DocumentTable measured_table(const OptimizeReport& report);

// Those that are excluded, a row a reason.
DocumentTable excluded_table(const OptimizeReport& report);

// f by length.
DocumentTable lengths_table(const OptimizeReport& report);

// What makes segments slower or faster than others of their length.
DocumentTable places_table(const OptimizeReport& report);

}  // namespace fusesweep
