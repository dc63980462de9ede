// A trial of a sweep: its blocks, measured one after the other and kept in the store, each whole or not
// at all; and what they come to. A trial that was cut short goes on where it was.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/stats/trial_verdict.h"
#include "harness/sweep/sweep_answer.h"
#include "harness/sweep/sweep_spec.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

// A runner in a process of its own.
using StartRunner = std::function<Result<std::unique_ptr<Runner>>()>;

// The control first; its twin is added by the trial.
struct TrialArm {
  std::string name;
  std::string split_key;
  std::string content;  // hash of all bytes that it runs
  OpenRequest open;
};

struct TrialPlace {
  Store& store;
  Uuid run;
  Uuid sweep;
  bool is_ended = false;  // the sweep: its blocks are read, and there will be no others
  const Clock& clock;
  Progress& progress;
  std::function<bool()> is_interrupted;
};

struct TrialOutcome {
  std::string name;                     // under which its blocks are stored
  std::vector<ArmFigures> figures;      // by arm, without the twin
  std::optional<TrialVerdict> verdict;  // arms: control, twin, the others
  TrialNoise noise;
  int blocks = 0;
  int wanted_blocks = 0;
  int new_blocks = 0;  // measured now
  bool is_interrupted = false;
  bool lacks_blocks = false;  // of a sweep that has ended: the trial is none then
  // An arm that could not be measured, and why: the trial is none then.
  std::optional<std::size_t> failed_arm;
  std::string failure;
};

// REQUIRES: at least one arm.  Errors: the store.
Result<TrialOutcome> run_trial(const std::vector<TrialArm>& arms, const SweepSpec& spec,
                               int vocab_size, const StartRunner& start_runner,
                               const TrialPlace& place);

}  // namespace fusesweep
