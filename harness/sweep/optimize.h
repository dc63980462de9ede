// The search for the fastest of all splits: gates the model, finds the cliff, asks plan/optimizer.h which
// segments to build and measure until no other split can be faster by more than what was granted, and then
// measures the best splits whole, as a sweep of their own (sweep.h), which has the last word. Every step is in the
// store when it is done: cut short anywhere, the search goes on when the same is asked for again, and one that is
// done says what it found.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/cliff.h"
#include "harness/core/optimize.h"
#include "harness/core/segment.h"
#include "harness/sweep/sweep.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

struct OptimizeSpec {
  Candidate
      form;  // of all splits: shape, slices of the head, threads; its own split counts nothing
  std::optional<int> longest_shard;
  std::optional<int> max_shards;
  std::vector<Segment> forbidden;
  std::string tail = "6+2";  // of the front-fused splits of which the best is verified too
  double regret_rel = 0.01;
  double confidence = 0.95;
  int max_builds = 64;
  int verified = 3;  // of the best splits
  int rounds = 64;   // of a block of segments
  // For all measuring: an eighth of it for whole splits that tell the cost of a boundary, a quarter for the
  // verification, the rest for segments, of which no trial takes more than a sixteenth.
  std::chrono::milliseconds budget{300'000};
};

struct OptimizeSetup {
  OptimizeSpec spec;
  SweepSetup sweep;  // how all is built, gated and verified, but for the candidates
  std::optional<RecordedFacts>
      facts;  // that the runner replays; absent: it measures, or they are not known
};

struct OptimizeAnswer {
  Uuid id{};  // of the search, as the store knows it
  OptimizeReport report;
  std::optional<CliffResult> cliff;
  std::optional<SweepAnswer> verification;
  std::filesystem::path manifest;  // of the split that was chosen; empty: there is none
  int work_done = 0;  // probes, verdicts and blocks of this call; 0: all was known before
  bool is_interrupted = false;
};

// Errors: wrong input, a store that cannot be written, a runner that cannot be started, build or time. A segment
// that fails is left out, and the search goes on.
Result<OptimizeAnswer> run_optimize(const OptimizeSetup& setup, const SweepPlace& place);

}  // namespace fusesweep
