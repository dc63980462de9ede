// One split decoded greedily and speculatively, in one trial: exactness first, then the speed of what is
// exact. harness/docs/SPECULATION.md has what its figures mean.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/speculation.h"
#include "harness/core/speculation_report.h"
#include "harness/sweep/exactness.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/trial_blocks.h"
#include "results/store.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

enum class SpeculativeWorkload {
  kTiled,   // a prompt that repeats itself
  kRandom,  // one in which nothing is to be found
  kOracle,  // the random one, with a recorded draft: the greedy ids, so that all is accepted
};

std::string_view to_text(SpeculativeWorkload workload);  // "tiled", "random", "oracle"
std::string_view to_text(VerifierLoading loading);       // "beside", "alone"

struct SpeculateSpec {
  Split split;
  std::vector<int> tokens = {2, 4, 8};  // of each verifier
  VerifierLoading loading = VerifierLoading::kBeside;
  Speculation speculation;
  bool is_guard_measured =
      false;  // by measure_guard, for each T, in place of the one that is given
  SpeculativeWorkload workload = SpeculativeWorkload::kTiled;
  int prompt_tokens = 32;
  int decode_tokens = 64;
  int decodings = 2;  // of every arm in a block, each in one turn
  int blocks = 8;
  std::uint64_t seed = 1;
};

struct SpeculateSetup {
  SpeculateSpec spec;
  GateSetup gates;  // how the split is built, run and gated; its shape takes one token a call
  RunnerDescription description;
  StartRunner start_runner;
  bool is_fresh = false;
  std::function<bool()> is_interrupted;  // asked between blocks
};

struct SpeculatePlace {
  Runner& runner;
  Store& store;
  Uuid run;
  const Clock& clock;
  Progress& progress;
};

struct SpeculateAnswer {
  SpeculationReport report;  // of what is there, if it was interrupted
  Uuid sweep{};
  bool is_interrupted = false;
};

// The prompt that is decoded: the same on every machine.
std::vector<int> speculative_prompt(const SpeculateSpec& spec, int vocab_size);

// Errors: wrong input, a split that does not pass its gates, shards that one process does not hold, a store
// that cannot be written, a runner that cannot speculate.
Result<SpeculateAnswer> run_speculate(const SpeculateSetup& setup, const SpeculatePlace& place);

}  // namespace fusesweep
