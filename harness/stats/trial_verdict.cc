#include "harness/stats/trial_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"
#include "harness/stats/grouped_fit.h"

namespace fusesweep {
namespace {

Interval relative(const Interval& logs) { return {std::expm1(logs.low), std::expm1(logs.high)}; }

// The margin in logarithms is symmetric, so that two arms are equivalent whichever is the control.
ComparisonOutcome outcome_of(const Interval& simultaneous, const Interval& single,
                             const VerdictRules& rules) {
  if (simultaneous.high < 0) return ComparisonOutcome::kFaster;
  if (simultaneous.low > 0) return ComparisonOutcome::kSlower;
  const double margin = std::log1p(rules.margin_rel);
  return contains(Interval{-margin, margin}, single) ? ComparisonOutcome::kEquivalent
                                                     : ComparisonOutcome::kInconclusive;
}

Comparison compare(const GroupedFit& groups, std::size_t arm, double level_each,
                   const VerdictRules& rules) {
  Comparison comparison{.arm = arm};
  comparison.size_rel = std::expm1(groups.log_ratio(arm, kControlArm));
  if (!groups.has_error()) return comparison;
  const Interval simultaneous = groups.interval(arm, kControlArm, level_each);
  const Interval single = groups.interval(arm, kControlArm, rules.equivalence_level);
  comparison.interval_rel = relative(simultaneous);
  comparison.equivalence_interval_rel = relative(single);
  if (groups.has_blocks(rules.min_blocks))
    comparison.outcome = outcome_of(simultaneous, single, rules);
  return comparison;
}

// The twins of all groups: the one that stands out most.
Comparison compare_twins(const GroupedFit& groups, double level_each, const VerdictRules& rules) {
  const auto is_told_apart = [](const Comparison& comparison) {
    return comparison.outcome == ComparisonOutcome::kFaster ||
           comparison.outcome == ComparisonOutcome::kSlower;
  };
  std::optional<Comparison> worst;
  for (const TwoWayFit& fit : groups.fits()) {
    const GroupedFit group(fit, ControlLevel::kOfOneArm);
    const Comparison twin = compare(group, kTwinArm, level_each, rules);
    const auto weight = [&](const Comparison& comparison) {
      return std::pair(is_told_apart(comparison), std::abs(*comparison.size_rel));
    };
    if (!worst || weight(twin) > weight(*worst)) worst = twin;
  }
  return *worst;
}

std::vector<Dirt> find_dirt(const Comparison& twin, const TrialNoise& noise,
                            const VerdictRules& rules) {
  std::vector<Dirt> dirt;
  if (twin.outcome == ComparisonOutcome::kFaster || twin.outcome == ComparisonOutcome::kSlower) {
    const double half_width_rel = (twin.interval_rel->high - twin.interval_rel->low) / 2;
    dirt.push_back({Dirt::Kind::kTwinDiffers, *twin.size_rel, half_width_rel});
  }
  if (noise.steal_rel && *noise.steal_rel > rules.max_steal_rel)
    dirt.push_back({Dirt::Kind::kSteal, *noise.steal_rel, rules.max_steal_rel});
  if (noise.throttled_rel && *noise.throttled_rel > rules.max_throttled_rel)
    dirt.push_back({Dirt::Kind::kThrottled, *noise.throttled_rel, rules.max_throttled_rel});
  return dirt;
}

std::optional<double> smallest_detectable_rel(const TwoWayFit& fit, double level_each,
                                              std::optional<double> power) {
  if (!power) return std::nullopt;
  std::optional<double> largest;
  for (const auto& error : {fit.error, fit.pilot_error}) {
    if (!fit.error || !error) continue;
    const int freedom = error->degrees_of_freedom;
    const std::optional<double> errors =
        detectable_standard_errors(t_half_width(level_each, freedom), *power, freedom);
    if (!errors) return std::nullopt;
    largest = std::max(largest.value_or(0), *errors * standard_error(fit, *error, kArmAgainstTwo));
  }
  if (!largest) return std::nullopt;
  return std::expm1(*largest);
}

}  // namespace

std::string_view to_text(ComparisonOutcome outcome) {
  switch (outcome) {
    case ComparisonOutcome::kFaster:
      return "faster";
    case ComparisonOutcome::kSlower:
      return "slower";
    case ComparisonOutcome::kEquivalent:
      return "equivalent";
    case ComparisonOutcome::kInconclusive:
      return "inconclusive";
    case ComparisonOutcome::kNotEnoughData:
      return "not enough data";
    case ComparisonOutcome::kDirty:
      return "dirty";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string to_text(const Dirt& dirt) {
  const double found = 100 * dirt.found_rel;
  const double limit = 100 * dirt.limit_rel;
  switch (dirt.kind) {
    case Dirt::Kind::kTwinDiffers:
      return fmt::format("the control's twin differs by {:+.2f} %, want 0 within {:.2f} %", found,
                         limit);
    case Dirt::Kind::kSteal:
      return fmt::format("{:.2f} % of the time was stolen, want at most {:.2f} %", found, limit);
    case Dirt::Kind::kThrottled:
      return fmt::format("{:.2f} % of the time was throttled, want at most {:.2f} %", found, limit);
  }
  FUSESWEEP_UNREACHABLE();
}

TrialVerdict judge_groups(std::span<const TwoWayFit> fits, const TrialNoise& noise,
                          const VerdictRules& rules) {
  FUSESWEEP_CHECK(!fits.empty());
  TrialVerdict verdict{.twin = {.arm = kTwinArm}};
  if (std::any_of(fits.begin(), fits.end(), [](const auto& fit) { return fit.blocks.empty(); })) {
    verdict.dirt = find_dirt(verdict.twin, noise, rules);
    return verdict;
  }
  const GroupedFit groups(fits, ControlLevel::kWithItsTwin);
  FUSESWEEP_CHECK(groups.arms() >= kFirstCandidateArm);
  const std::size_t comparisons = std::max<std::size_t>(groups.arms() - kFirstCandidateArm, 1);
  const double level_each = level_of_each(rules.level, comparisons);
  verdict.twin = compare_twins(groups, level_each, rules);
  verdict.dirt = find_dirt(verdict.twin, noise, rules);
  std::vector<std::size_t> competing = {kControlArm};
  for (std::size_t arm = kFirstCandidateArm; arm < groups.arms(); ++arm) {
    competing.push_back(arm);
    verdict.candidates.push_back(compare(groups, arm, level_each, rules));
    if (!verdict.dirt.empty()) verdict.candidates.back().outcome = ComparisonOutcome::kDirty;
  }
  for (const TwoWayFit& fit : fits) {
    const auto smallest = smallest_detectable_rel(fit, level_each, rules.power);
    if (smallest) {
      verdict.smallest_detectable_rel =
          std::max(*smallest, verdict.smallest_detectable_rel.value_or(0));
    }
  }
  if (verdict.dirt.empty() && groups.has_blocks(rules.min_blocks))
    verdict.ties = tie_set(groups, competing, rules.level);
  return verdict;
}

TrialVerdict judge_trial(const TwoWayFit& fit, const TrialNoise& noise, const VerdictRules& rules) {
  return judge_groups(std::span(&fit, 1), noise, rules);
}

}  // namespace fusesweep
