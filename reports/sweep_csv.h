// A sweep's splits for spreadsheets. A pure function.
#pragma once

#include "reports/csv.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// A row a split, then a row for each of its recorded runs; the column `evidence` tells them apart.
CsvTable sweep_csv(const SweepRows& sweep);

}  // namespace fusesweep
