// Blocks of a trial, as the store has them, as one document in google-benchmark's JSON format: for its
// tools/compare.py, which compares any two arms of it (harness/docs/RUNS.md).
#pragma once

#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "results/rows.h"

namespace fusesweep {

// "context" of what is known of the machine that a run was made on: what google-benchmark fills, from
// the provenance; the date is that of the run's start.
Json benchmark_context_of(const RunRow& run);

// As merge_benchmarks() (harness/measure/benchmark_document.h) makes it: an entry for each round of
// each arm, arms in the order in which the first block ran them, named "<workload>/<arm>/manual_time".
// Processor time is not stored: cpu_time, which readers of the format insist on, is 0. A round without
// a step after its first token has no entry.
Json benchmark_document_of(const std::vector<BlockRow>& blocks, std::string_view workload,
                           Json context);

}  // namespace fusesweep
