// The tables of a sweep's report. Pure functions; one without rows is left out by whoever asks.
#pragma once

#include "reports/document.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// A row a split: how fast, against the control, its verdict or why it is out.
DocumentTable splits_table(const SweepRows& sweep);

// What is recorded of each split, a row a run.
DocumentTable recorded_table(const SweepRows& sweep);

// A row a length that was probed.
DocumentTable probes_table(const SweepRows& sweep);

// Verdicts that fail or lack data, and those that were not run, with their reasons.
DocumentTable failed_gates_table(const SweepRows& sweep);
DocumentTable gates_not_run_table(const SweepRows& sweep);

// A row a subject, a column a gate.
DocumentTable gates_table(const SweepRows& sweep);

// Where the time of a token goes.
DocumentTable groups_table(const SweepRows& sweep);

// What the first token costs beside a warm one.
DocumentTable cold_warm_table(const SweepRows& sweep);

// The blocks as they followed each other, with what disturbed them.
DocumentTable blocks_table(const SweepRows& sweep);

// What the harness found of itself.
DocumentTable selfcheck_table(const SweepRows& sweep);

}  // namespace fusesweep
