// Speculative decoding for spreadsheets. A pure function.
#pragma once

#include "harness/core/speculation_report.h"
#include "reports/csv.h"

namespace fusesweep {

// A row a verifier, those that are not exact among them.
CsvTable speculation_csv(const SpeculationReport& report);

}  // namespace fusesweep
