// The harness measures itself: with this runner, on this machine, how often would it have cried wolf
// between equal arms, and how small a delay does it find? Banks of consecutive blocks of one split are
// measured and stored block by block; trials are cut from them; the headline is also measured as trials
// of their own. Cut short, it goes on when the same is asked for again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/selfcheck.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/trial_blocks.h"
#include "results/store.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

enum class MeasuringCondition {
  kIdle,         // nothing is started beside the trial
  kOneCoreBusy,  // another process keeps a core busy
};

std::string_view to_text(MeasuringCondition condition);  // "idle", "one core busy"

// Trials that are measured as such: so many, of so many seconds, with a delay.
struct PhysicalTrials {
  int trials = 0;
  int seconds = 0;
  double injected_rel = 0;

  bool operator==(const PhysicalTrials&) const = default;
};

struct SelfcheckSpec {
  Split split;
  int prompt_tokens = 16;
  int decode_tokens = 64;
  int decodings = 4;     // of every arm in a block
  int turn_tokens = 16;  // that an arm decodes before the next one has its turn; 0: all
  std::uint64_t seed = 1;
  int blocks = 300;  // of each bank
  std::vector<MeasuringCondition> conditions = {MeasuringCondition::kIdle,
                                                MeasuringCondition::kOneCoreBusy};
  std::vector<int> seconds = {10, 30, 60};                          // of trials that are cut
  std::vector<double> injected_rel = {0, 0.005, 0.01, 0.02, 0.05};  // 0: equal arms
  int cuts = 200;  // trials cut for each of those, at most
  std::vector<PhysicalTrials> physical = {{3, 60, 0}, {5, 30, 0.02}, {3, 60, 0.01}};  // idle
};

struct SelfcheckSetup {
  SelfcheckSpec spec;
  GateSetup gates;  // how the split is built, run, and gated: a wrong answer is never timed
  RunnerDescription description;
  StartRunner start_runner;
  bool is_fresh = false;
  std::function<bool()> is_interrupted;           // asked between blocks
  std::function<void(std::chrono::seconds)> say;  // about how long what is left will take, once
};

struct SelfcheckPlace {
  Runner& runner;
  Store& store;
  Uuid run;
  const Clock& clock;
  Progress& progress;
};

struct SelfcheckAnswer {
  SelfcheckFigures figures;  // of what is there, if it was interrupted
  int new_blocks = 0;
  bool is_interrupted = false;
};

// Errors: wrong input, a split that does not pass its gates, a store that cannot be written, a runner that
// cannot decode.
Result<SelfcheckAnswer> run_selfcheck(const SelfcheckSetup& setup, const SelfcheckPlace& place);

}  // namespace fusesweep
