// Sweeps as a store would give them, made by hand: what plots of them show is the same on every machine.
#pragma once

#include <string>

#include "harness/core/selfcheck.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// 12+12+6+2 (control), 16+8+6+2 and 20+4+6+2 tie within 1.2 %; 24+6+2 is not resident.
SweepRows tied_sweep();

// The same with 20+4+6+2 ahead of the others, alone.
SweepRows decided_sweep();

// 40 splits, a few of them out, five in the tie.
SweepRows wide_sweep();

// Every split is out.
SweepRows hopeless_sweep();

// What others measured: three splits overlap, 24+6+2 is not resident.
SweepRows recorded_sweep();

// It was cut short, and has no answer.
SweepRows interrupted_sweep();

// It ended, and no split was measured.
SweepRows unmeasured_sweep();

// Splits, groups, gates, reasons, model and runner that are called so.
SweepRows hostile_sweep(const std::string& name);

SelfcheckFigures example_selfcheck();

}  // namespace fusesweep
