// A trial of segments: how long each of them takes by itself, per call and so per token, measured in blocks
// with those of the control, which is in every trial of a search. Blocks are stored like those of any trial,
// and one that was cut short goes on where it was.
//
// There is no twin here, and nothing is ranked: what comes of it are figures with standard errors, for the
// optimizer to decide what is worth measuring. Which split is faster is said by splits that are measured
// whole (sweep.h).
//
// Figures. In block b segment s has the median m_bs of its calls' ns, and the control the sum of those of its
// segments, c_b. The table log c_b, log m_bs is fitted as level of the block + level of the arm (two_way.h):
// whatever slows a whole block, an afternoon or a neighbour, falls out of a_s - a_c. Then
//   ms(s)        = exp(a_s - a_c) * C
//   sd_rel(s)    = sqrt(v / blocks) * w
//   trial_sd_rel = sqrt(v / blocks) * w      of the control's level, which all figures of the trial share
// with C the control's ms as the first trial of the search had them, exp(a_c), so that all trials are on one
// scale however the machine drifts; v the error variance of the fit, and w = sqrt(f / (f - 2)) the deviation
// of Student's t with its f degrees of freedom, for v is itself an estimate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/segment.h"
#include "harness/plan/optimizer.h"
#include "harness/sweep/sweep_trial.h"
#include "harness/sweep/trial_blocks.h"
#include "results/rows.h"
#include "runners/runner.h"

namespace fusesweep {

// A segment that was built and gated.
struct ReadySegment {
  Segment segment;
  std::string key;      // of its identity
  std::string content;  // hash of its bytes
  std::filesystem::path artifact;
  std::uint64_t bytes = 0;  // of memory that it needs, about

  bool operator==(const ReadySegment&) const = default;
};

struct SegmentTrialSpec {
  std::vector<ReadySegment> wanted;   // ascending, each once
  std::vector<ReadySegment> control;  // ascending, each once; they may be among those
  std::optional<double> control_ms;   // absent: this trial says
  int number = 0;                     // in its search: the same segments once more are other blocks
  RunnerOptions options;
  int rounds = 64;                           // of a block
  double target_sd_rel = 0.004;              // of a figure
  int max_blocks = 12;                       // but the pilot's, and what the budget has room for
  std::chrono::milliseconds budget{20'000};  // for this trial
  std::uint64_t seed = 1;                    // of all orders
};

// Of a segment of `wanted` or `control` that could not be timed.
struct FaultySegment {
  Segment segment;
  std::string reason;
};

struct SegmentTrialOutcome {
  std::string name;  // under which its blocks are stored
  // In the order of `wanted`; empty: it was not measured whole.
  std::vector<SegmentAnswers::Cost> costs;
  double control_ms = 0;  // of the control, as this trial has them
  double trial_sd_rel = 0;
  std::vector<FaultySegment> faults;  // the trial is none then
  int blocks = 0;
  int new_blocks = 0;  // measured now
  double seconds = 0;  // of all blocks
  bool is_interrupted = false;
};

// REQUIRES: something wanted, and a control.  Errors: the store, a runner that cannot be started.
Result<SegmentTrialOutcome> run_segment_trial(const SegmentTrialSpec& spec,
                                              const StartRunner& start_runner,
                                              const TrialPlace& place);

// The figures by the formulas above, of blocks that have all these segments; `fixed_ms` is C.
// REQUIRES: a block.
struct SegmentFigures {
  std::vector<SegmentAnswers::Cost> costs;
  double control_ms = 0;
  double trial_sd_rel = 0;
};
SegmentFigures segment_figures(std::span<const BlockRow> blocks, std::span<const Segment> wanted,
                               std::span<const Segment> control, std::optional<double> fixed_ms);

}  // namespace fusesweep
