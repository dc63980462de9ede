// The segments of a search for the fastest split for spreadsheets. A pure function.
#pragma once

#include "harness/core/optimize.h"
#include "reports/csv.h"

namespace fusesweep {

// A row a segment; `in_best` tells those of the split that answers.
CsvTable segments_csv(const OptimizeReport& report);

}  // namespace fusesweep
