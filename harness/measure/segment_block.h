// A block of segments, the replicate of a trial of segments: one process that is started for this block
// alone, in which every segment is loaded by itself, then rounds in which each of them has one call, in
// an order shuffled anew. There is no warm-up right before a call: it finds the processor's caches as the
// calls of others have left them, as in a decode, where all other weights pass in between. What it does
// not see is how one shard's end and the next one's beginning overlap or wait for each other: that is the
// cost of a boundary, which whole splits tell. Gives raw samples, and knows no store.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/measure/block.h"
#include "runners/runner.h"

namespace fusesweep {

// One thing that is timed.
struct SegmentToTime {
  std::string name;  // "[0,16)": its group in the runner; no other one has it
  std::filesystem::path artifact;
};

struct SegmentBlockDesign {
  RunnerOptions options;  // of all sessions, but for their warm-up calls, which are none
  int rounds = 64;
  int warmup_rounds = 4;   // before those: not counted, but for what fails in them
  std::uint64_t seed = 1;  // of all orders: the same seed and block number, the same orders
  std::filesystem::path system_root = "/";  // where /proc is; another one only in tests
};

struct SegmentTimes {
  std::size_t segment = 0;
  GroupLoad load;
  std::vector<std::int64_t> call_ns;  // by round
};

struct SegmentFault {
  std::size_t segment = 0;
  Error error;  // says in which block and round
};

// Segments have times here only where none has a fault, so that all that are compared went through the same.
struct SegmentBlock {
  int number = 0;
  std::vector<SegmentTimes> times;   // in the order in which they were given
  std::vector<SegmentFault> faults;  // in the order in which they came
  BlockNoise noise;
  std::chrono::nanoseconds wall{0};  // all of it: starting, loading, rounds, ending
};

// Runs one block. A segment that cannot be loaded, or of which a call does not give one time, has a fault,
// and the others go on without it, so that one block finds out about all of them; where the process may be
// lost (kCrashed, kTimedOut) the block ends. The process is gone on return.
// Errors: a process that cannot be started, a design that means nothing.
// REQUIRES: segments have names of their own, and there is at least one.
Result<SegmentBlock> run_segment_block(
    const std::vector<SegmentToTime>& segments, const SegmentBlockDesign& design,
    const std::function<Result<std::unique_ptr<Runner>>()>& start_runner, int number,
    const Clock& clock, Progress& progress);

}  // namespace fusesweep
