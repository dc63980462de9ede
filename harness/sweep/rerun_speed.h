// The speeds of a rerun: whether what runs now is slower than what ran then, as a whole and by layer group,
// from blocks in which both ran side by side. Pure functions of tables; the rules are those of any trial
// (trial_verdict.h), with one level for all figures together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/rerun.h"
#include "harness/stats/stein.h"
#include "harness/stats/trial_verdict.h"
#include "results/rows.h"

namespace fusesweep {

// The arms of a duet, in the order of its tables: the baseline, the same once more, what runs now.
inline constexpr const char* kBaselineArm = "baseline";
inline constexpr const char* kNewArm = "new";

// Whether judge_speed() judges it.
bool is_timed_metric(std::string_view metric);

// One figure of a trial: in every block, of every arm, its logarithm.
struct SpeedTable {
  std::string metric;  // a metric's id: "tok_per_s", "group_ms", "activation_ms", "anonymous_bytes"
  std::string part;    // the group; empty: the whole split
  std::vector<BlockCells> cells;  // of times ns, of memory bytes
};

// The whole split's token time first, then each group that has a share of it worth looking at, then first
// calls and memory where they are known.  REQUIRES: the blocks have these three arms.
std::vector<SpeedTable> speed_tables(std::span<const BlockRow> blocks,
                                     std::span<const std::string> arms);

struct SpeedRules {
  double margin_rel = 0.005;   // of the token's time: a loss below it does not count
  double rule_out_rel = 0.02;  // a loss of it must be excluded at 95 % for "same"
  std::size_t figures = 1;     // that are judged together, of all splits
  VerdictRules trial;
};

struct SpeedVerdict {
  std::vector<RerunFinding> findings;  // of each table
  std::vector<std::string> dirt;       // of the token's time; empty: clean
};

// REQUIRES: as speed_tables gave them.
SpeedVerdict judge_speed(const std::string& split, std::span<const SpeedTable> tables,
                         const std::optional<BlockPlan>& plan, const TrialNoise& noise,
                         const SpeedRules& rules);

}  // namespace fusesweep
