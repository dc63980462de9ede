// What a trial comes to: for each candidate whether it is faster or slower than the control, the same
// within a margin, or none of that; which arms may be the fastest; and whether the trial may be
// believed at all. harness/docs/MEASURING.md has the rules, their sources and how often they err.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/stats/interval.h"
#include "harness/stats/tie_set.h"
#include "harness/stats/two_way.h"

namespace fusesweep {

// The arms of a trial's table; candidates follow, in the order of preference among equals.
constexpr std::size_t kControlArm = 0;
constexpr std::size_t kTwinArm =
    1;  // the control once more, loaded for itself; its level is that of both
constexpr std::size_t kFirstCandidateArm = 2;

struct VerdictRules {
  double level = 0.999;             // for faster and slower: of all candidates' intervals together
  double equivalence_level = 0.95;  // of each candidate's interval by itself
  double margin_rel = 0.01;         // 1 % to either side, in logarithms: whoever is the control
  int min_blocks = 6;
  std::optional<double> power = 0.95;  // of the smallest detectable difference; absent: not asked
  // Of time that is taken away medians of tokens lose little, and shuffled rounds share it out. Blocks of
  // which up to 5 % was stolen had the spread of those without (MEASURING.md); the limit of heat is
  // judgement.
  double max_steal_rel = 0.05;
  double max_throttled_rel = 0.02;
};

// Shares of the trial's time, 0.02 is 2 %; absent where the system does not tell.
struct TrialNoise {
  std::optional<double> steal_rel;
  std::optional<double> throttled_rel;
};

enum class ComparisonOutcome {
  kFaster,
  kSlower,
  kEquivalent,
  kInconclusive,
  kNotEnoughData,
  kDirty,  // the trial is, and ranks nothing
};

std::string_view to_text(ComparisonOutcome outcome);  // "faster", ..., "not enough data", "dirty"

// An arm against the control. Shares of the control's time per token: -0.03 takes 3 % less.
struct Comparison {
  std::size_t arm = 0;
  ComparisonOutcome outcome = ComparisonOutcome::kNotEnoughData;
  std::optional<double> size_rel;
  std::optional<Interval> interval_rel;              // simultaneous, at VerdictRules::level
  std::optional<Interval> equivalence_interval_rel;  // at VerdictRules::equivalence_level

  bool operator==(const Comparison&) const = default;
};

struct Dirt {
  enum class Kind { kTwinDiffers, kSteal, kThrottled };
  Kind kind = Kind::kTwinDiffers;
  double found_rel = 0;  // of the twin: how much slower it is than the control
  double limit_rel = 0;  // of the twin: half its interval

  bool operator==(const Dirt&) const = default;
};

std::string to_text(const Dirt& dirt);  // one line

struct TrialVerdict {
  std::vector<Dirt> dirt;  // empty: the trial is clean
  Comparison twin;         // by the candidates' rule, as though the trial were clean
  std::vector<Comparison> candidates;
  // The true difference, as a share of the control's time, that another trial of as many blocks and this
  // spread would call slower (or its inverse faster) with probability VerdictRules::power.
  std::optional<double> smallest_detectable_rel;
  std::optional<TieSet> ties;  // control and candidates; absent where the trial ranks nothing

  bool operator==(const TrialVerdict&) const = default;
};

// REQUIRES: a fit of no whole block, or of a control, a twin and any number of candidates.
TrialVerdict judge_trial(const TwoWayFit& fit, const TrialNoise& noise,
                         const VerdictRules& rules = {});

// The same of a trial whose arms were measured in groups, each in blocks of its own and each with the
// control and a twin: arms of different groups are compared through the control, with the variances of
// both and the fewer degrees of freedom. Candidates are counted through, group after group. The twin
// told is the one that differs most.  REQUIRES: as above, of each; at least one.
TrialVerdict judge_groups(std::span<const TwoWayFit> groups, const TrialNoise& noise,
                          const VerdictRules& rules = {});

}  // namespace fusesweep
