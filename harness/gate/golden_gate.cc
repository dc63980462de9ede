#include "harness/gate/golden_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/gate/figures.h"

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

}  // namespace

GateVerdict judge_golden(std::string_view gate, const GoldenNumbers& numbers,
                         const GoldenLimits& limits) {
  const double non_finite = static_cast<double>(numbers.non_finite_count);
  GateVerdict verdict = judge_figures(
      gate, {at_least("cosine", numbers.cosine, limits.cosine_at_least),
             at_least("worst_token_cosine", worst_token(numbers), limits.per_token_cosine_at_least),
             at_most("relative_l2", numbers.relative_l2, limits.relative_l2_at_most),
             shown("rmse", numbers.rmse), shown("max_abs", numbers.max_abs)});
  verdict.figures.insert(verdict.figures.begin(), at_most("non_finite_count", non_finite, 0));
  if (numbers.non_finite_count > 0) {
    verdict.outcome = GateOutcome::kFail;
    verdict.reason = fmt::format("{} values are not finite", numbers.non_finite_count);
  }
  return verdict;
}

GateVerdict judge_stated_golden(std::string_view gate, const std::optional<GoldenNumbers>& stated,
                                GoldenLimits limits) {
  if (!stated) {
    return {.gate = std::string(gate),
            .outcome = GateOutcome::kFail,
            .reason = "values are not finite, says who compared them",
            .figures = {}};
  }
  if (stated->per_token_cosine.empty()) limits.per_token_cosine_at_least.reset();
  if (!stated->relative_l2) limits.relative_l2_at_most.reset();
  return judge_golden(gate, *stated, limits);
}

}  // namespace fusesweep
