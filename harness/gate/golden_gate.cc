#include "harness/gate/golden_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace fusesweep {
namespace {

// The lowest of the tokens' cosines; absent when there are none, or one of them is.
std::optional<double> worst_token(const GoldenNumbers& numbers) {
  std::optional<double> worst;
  for (const std::optional<double>& cosine : numbers.per_token_cosine) {
    if (!cosine) return std::nullopt;
    worst = std::min(worst.value_or(*cosine), *cosine);
  }
  return worst;
}

bool fails(const GateFigure& figure) {
  if (!figure.value) return false;
  return (figure.at_least && *figure.value < *figure.at_least) ||
         (figure.at_most && *figure.value > *figure.at_most);
}

std::string in_words(const GateFigure& figure) {
  return fmt::format("{} {:.6g}, want {} {:.6g}", figure.name, *figure.value,
                     figure.at_least ? "at least" : "at most",
                     figure.at_least ? *figure.at_least : *figure.at_most);
}

}  // namespace

GateVerdict judge_golden(std::string_view gate, const GoldenNumbers& numbers,
                         const GoldenLimits& limits) {
  GateVerdict verdict{.gate = std::string(gate)};
  verdict.figures = {
      {.name = "non_finite_count",
       .value = static_cast<double>(numbers.non_finite_count),
       .at_least = std::nullopt,
       .at_most = 0},
      {.name = "cosine",
       .value = numbers.cosine,
       .at_least = limits.cosine_at_least,
       .at_most = std::nullopt},
      {.name = "worst_token_cosine",
       .value = worst_token(numbers),
       .at_least = limits.per_token_cosine_at_least,
       .at_most = std::nullopt},
      {.name = "relative_l2",
       .value = numbers.relative_l2,
       .at_least = std::nullopt,
       .at_most = limits.relative_l2_at_most},
      {.name = "rmse", .value = numbers.rmse, .at_least = std::nullopt, .at_most = std::nullopt},
      {.name = "max_abs",
       .value = numbers.max_abs,
       .at_least = std::nullopt,
       .at_most = std::nullopt}};
  if (numbers.non_finite_count > 0) {
    verdict.outcome = GateOutcome::kFail;
    verdict.reason = fmt::format("{} values are not finite", numbers.non_finite_count);
    return verdict;
  }
  for (const GateFigure& figure : verdict.figures) {
    if (!fails(figure)) continue;
    verdict.outcome = GateOutcome::kFail;
    verdict.reason = in_words(figure);
    return verdict;
  }
  verdict.outcome = GateOutcome::kPass;
  for (const GateFigure& figure : verdict.figures) {
    if (figure.value || (!figure.at_least && !figure.at_most)) continue;
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = fmt::format("{} is not known", figure.name);
    return verdict;
  }
  for (const GateFigure& figure : verdict.figures) {
    if (figure.name == "non_finite_count" || (!figure.at_least && !figure.at_most)) continue;
    verdict.reason += (verdict.reason.empty() ? "" : "; ") + in_words(figure);
  }
  return verdict;
}

}  // namespace fusesweep
