// A block, the replicate of a trial: every arm in a process of its own that is started for this block
// alone, then rounds in which each arm has one turn, in an order shuffled anew. What drifts hits all
// arms alike; what a process was dealt when it started (pages, cores) is dealt again in the next block.
// Gives raw samples; harness/docs/MEASURING.md says what becomes of them. Knows no store.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// The session uses the runner; they end in reverse order, and with them the process.
struct StartedArm {
  std::unique_ptr<Runner> runner;
  Opened opened;
};

// One thing that is measured.
struct Arm {
  std::string name;  // "16+8+6+2"; no other arm has it
  // Starts it afresh, in a process of its own. Called once a block.
  std::function<Result<StartedArm>(Progress&)> start;
};

struct BlockDesign {
  std::string workload = "decode";  // its name, for benchmark_document.h
  DecodeRequest request;            // one decoding of one arm; at least one token after the first
  int decodings = 4;                // of each arm
  // Tokens of a turn: a decoding is cut into so many rounds as it has turns. 0: it is one turn. Others
  // want runners that go on with a decoding (kContinueCapability).
  int turn_tokens = 0;
  int warmup_decodings = 1;  // before those, in one turn each; checked like them, and no samples
  std::uint64_t seed = 1;    // of all orders: the same seed and block number, the same orders
  std::filesystem::path system_root = "/";  // where /proc is; another one only in tests
};

// What an arm's start told. A twin has its own.
struct ArmLoad {
  std::size_t arm = 0;
  std::vector<GroupLoad> groups;        // with activation, the cost of a group's first call
  std::optional<std::int64_t> load_ns;  // of all together
};

struct ArmRound {
  std::size_t arm = 0;
  int round = 0;     // from 0, without warm-up, through all decodings
  int position = 0;  // in the order of the round, from 0; an arm that failed keeps its place
  DecodeResult result;
  std::int64_t waiting_cpu_ns = 0;  // processor time of our own thread meanwhile
};

enum class ArmFault {
  kNotStarted,
  kNotDecoded,        // an error, or an answer without the times that were asked for
  kNotDeterministic,  // it generated other ids than in its first decoding of this block
};

std::string_view to_text(ArmFault fault);  // "not started", "not decoded", "not deterministic"

struct ArmFailure {
  std::size_t arm = 0;
  ArmFault fault = ArmFault::kNotStarted;
  Error error;  // says in which block and round
};

// Evidence of disturbance during the rounds. Absent: not told.
struct BlockNoise {
  // Of the time wanted of this machine's processors; says nothing of a runner on another machine.
  std::optional<double> steal_rel;
  std::optional<double> throttled_rel;  // of the time of the rounds, by heat; of this machine too
  // Sums over the rounds, as counted where the runner is; absent unless each of them told.
  std::optional<std::int64_t> steal_ns;
  std::optional<std::int64_t> involuntary_switches;
  std::optional<std::int64_t> migrations;
  std::optional<std::int64_t> minor_faults;
  std::optional<std::int64_t> major_faults;
  // Over those rounds that told.
  std::optional<std::int64_t> frequency_min_hz;
  std::optional<std::int64_t> frequency_max_hz;

  bool operator==(const BlockNoise&) const = default;
};

// An arm has either all of its rounds here or a failure, never both: samples of an arm that failed
// later are dropped.
struct Block {
  int number = 0;
  std::vector<ArmLoad> loads;        // in the order in which arms were started
  std::vector<ArmRound> rounds;      // in the order in which they ran
  std::vector<ArmFailure> failures;  // in the order in which they came
  BlockNoise noise;
  std::chrono::nanoseconds wall{0};  // all of it: starting, warming up, rounds, ending
};

// Runs one block. An arm that fails is ended there and then, and the others go on; every process is
// gone on return. Progress gets the item at work; stages and steps are the caller's. An error only where
// nothing could be run at all: a design that means nothing.
// Uses benchmark_loop.h.  REQUIRES: arms have names of their own, and there is at least one.
Result<Block> run_block(const std::vector<Arm>& arms, const BlockDesign& design, int number,
                        const Clock& clock, Progress& progress);

// Of the steps after the first token: what a round counts for. The median, or the mean of a sum.
// REQUIRES: there is one, or a sum.
double typical_token_ns(const DecodeResult& result);

}  // namespace fusesweep
