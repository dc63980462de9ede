// Blocks of a trial, as the store has them, as one document in google-benchmark's JSON format: for its
// tools/compare.py, which compares any two arms of it (harness/docs/RUNS.md). For `sweep` and `runs export`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "results/store.h"

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

// All that a sweep's answer comes from, in one document: its trials, or, of a sweep without an answer, those
// that it began. Where there are several (arms that do not fit into memory together), the entries are
// "decode/trial<number>/<arm>/manual_time", as only arms of one trial were measured together. Absent
// where there is no block. Errors: those of the store.
Result<std::optional<Json>> sweep_benchmarks(const Store& store, const StoredSweep& sweep);

}  // namespace fusesweep
