// The rounds of a trial as one document in google-benchmark's JSON format, for its tools/compare.py and
// for whatever else reads that. A view for others: the samples in the store are what counts.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/measure/block.h"
#include "harness/measure/machine.h"

namespace fusesweep {

// The members of "context" that google-benchmark fills, as far as the facts have them. More may be
// added to it.
Json benchmark_context(const MachineFacts& facts, std::chrono::system_clock::time_point date);

// {"context": ..., "benchmarks": [...]}: an entry a round, arm after arm, each arm's in the order of
// blocks and rounds, as repetitions of "<workload>/<arm>/manual_time". real_time is the median of the
// round's token times, cpu_time what our own process spent waiting for it; block, round, position,
// tok_per_s, prefill_ns and the counters that the runner told stand beside them.
// REQUIRES: the blocks are of these arms.
Json merge_benchmarks(const std::vector<Block>& blocks, const std::vector<std::string>& arms,
                      std::string_view workload, Json context);

}  // namespace fusesweep
