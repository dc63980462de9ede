// A trial of a sweep: its blocks, measured one after the other and kept in the store, each whole or not
// at all; and what they come to. A trial that was cut short goes on where it was.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/stats/stein.h"
#include "harness/stats/trial_verdict.h"
#include "harness/sweep/sweep_answer.h"
#include "harness/sweep/sweep_spec.h"
#include "harness/sweep/trial_blocks.h"
#include "results/store.h"

namespace fusesweep {

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
  std::string name;                 // under which its blocks are stored
  std::vector<ArmFigures> figures;  // by arm, without the twin
  std::optional<TwoWayFit>
      fit;  // arms: control, twin, the others; absent: it was not measured whole
  std::optional<BlockPlan> plan;  // absent: before the pilot's end, or a pilot without spread
  TrialNoise noise;
  int blocks = 0;
  int wanted_blocks = 0;
  int new_blocks = 0;  // measured now
  double seconds = 0;  // of all blocks
  bool is_interrupted = false;
  bool lacks_blocks = false;  // of a sweep that has ended: the trial is none then
  // An arm that could not be measured, and why: the trial is none then.
  std::optional<std::size_t> failed_arm;
  std::string failure;
};

// The control is the first of the arms; its twin is added here.
// REQUIRES: at least one arm.  Errors: the store.
Result<TrialOutcome> run_trial(const std::vector<TrialArm>& arms, const SweepSpec& spec,
                               int vocab_size, const StartRunner& start_runner,
                               const TrialPlace& place);

// The same where not all arms may be in memory at once: in groups, each with the control and a twin, that
// share the budget.
struct GroupedTrials {
  // Of the arms, by number: what each trial measured, the control first.
  std::vector<std::vector<std::size_t>> groups;
  std::vector<TrialOutcome> trials;   // fewer than groups where one ended all
  std::vector<std::size_t> left_out;  // that do not fit even alone beside control and twin
};

// Errors: as above; control and twin do not fit.
Result<GroupedTrials> run_trials(const std::vector<TrialArm>& arms, std::uint64_t memory_bytes,
                                 const SweepSpec& spec, int vocab_size,
                                 const StartRunner& start_runner, const TrialPlace& place);

}  // namespace fusesweep
