// The sweep: finds the cliff, gates every candidate, measures the qualified ones together, and says
// which is the fastest or which may be. Every step is in the store when it is done, so that a sweep
// that is cut short anywhere goes on when the same is asked for again, and one that is done says so.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/gate/gate_limits.h"
#include "harness/sweep/sweep_answer.h"
#include "harness/sweep/sweep_spec.h"
#include "harness/sweep/sweep_trial.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

struct SweepSetup {
  SweepSpec spec;
  RunnableModel model;
  std::optional<Profile> profile;
  std::filesystem::path work;
  GateLimits limits;
  int threads = 1;  // for what is not the runner's work
  RunnerDescription description;
  StartRunner start_runner;
  // That the processes of a block may have together; absent: three quarters of the device's.
  std::optional<std::uint64_t> memory_bytes;
  bool is_fresh = false;                 // ask everything anew, whatever the store knows
  std::function<void()> start_afresh;    // ends the process of `runner`
  std::function<bool()> is_interrupted;  // asked between steps
};

struct SweepPlace {
  Runner& runner;  // for building, gating and probing
  Store& store;
  Uuid run;
  const Clock& clock;
  Progress& progress;
};

// Errors: wrong input, a store that cannot be written, a runner that cannot even build. A shard, a
// gate or an arm that fails disqualifies its candidates, and the sweep goes on.
// REQUIRES: at least one candidate.
Result<SweepAnswer> run_sweep(const SweepSetup& setup, const SweepPlace& place);

}  // namespace fusesweep
