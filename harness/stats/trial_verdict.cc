#include "harness/stats/trial_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"

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

Comparison compare(const TwoWayFit& fit, std::size_t arm, double level_each,
                   const VerdictRules& rules) {
  Comparison comparison{.arm = arm};
  comparison.size_rel = std::expm1(log_ratio(fit, arm, kControlArm));
  if (!fit.error) return comparison;
  const Interval simultaneous = *log_ratio_interval(fit, arm, kControlArm, level_each);
  const Interval single = *log_ratio_interval(fit, arm, kControlArm, rules.equivalence_level);
  comparison.interval_rel = relative(simultaneous);
  comparison.equivalence_interval_rel = relative(single);
  if (static_cast<int>(fit.blocks.size()) >= rules.min_blocks)
    comparison.outcome = outcome_of(simultaneous, single, rules);
  return comparison;
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
    largest = std::max(largest.value_or(0), *errors * standard_error(fit, *error));
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

TrialVerdict judge_trial(const TwoWayFit& fit, const TrialNoise& noise, const VerdictRules& rules) {
  TrialVerdict verdict{.twin = {.arm = kTwinArm}};
  if (fit.blocks.empty()) {
    verdict.dirt = find_dirt(verdict.twin, noise, rules);
    return verdict;
  }
  const std::size_t arms = fit.arm_means.size();
  FUSESWEEP_CHECK(arms >= kFirstCandidateArm);
  const std::size_t comparisons = std::max<std::size_t>(arms - kFirstCandidateArm, 1);
  const double level_each = level_of_each(rules.level, comparisons);
  verdict.twin = compare(fit, kTwinArm, level_each, rules);
  verdict.dirt = find_dirt(verdict.twin, noise, rules);
  std::vector<std::size_t> competing = {kControlArm};
  for (std::size_t arm = kFirstCandidateArm; arm < arms; ++arm) {
    competing.push_back(arm);
    verdict.candidates.push_back(compare(fit, arm, level_each, rules));
    if (!verdict.dirt.empty()) verdict.candidates.back().outcome = ComparisonOutcome::kDirty;
  }
  verdict.smallest_detectable_rel = smallest_detectable_rel(fit, level_each, rules.power);
  if (verdict.dirt.empty() && static_cast<int>(fit.blocks.size()) >= rules.min_blocks)
    verdict.ties = tie_set(fit, competing, rules.level);
  return verdict;
}

}  // namespace fusesweep
