#include "harness/gate/exactness_gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/figures.h"

namespace fusesweep {
namespace {

std::string in_words(const std::optional<int>& id, const std::optional<double>& logit) {
  if (!id) return "no id";
  return logit ? fmt::format("id {} (logit {:.6g})", *id, *logit) : fmt::format("id {}", *id);
}

std::optional<double> margin_of(const ExactnessDivergence& divergence) {
  if (!divergence.found_logit || !divergence.wanted_logit) return std::nullopt;
  return *divergence.wanted_logit - *divergence.found_logit;
}

std::string in_words(const ExactnessComparison& comparison) {
  const ExactnessDivergence& divergence = *comparison.divergence;
  const std::optional<double> margin = margin_of(divergence);
  return fmt::format("prompt {} leaves greedy decoding at token {}: found {}, want {}{}",
                     comparison.prompt, divergence.at,
                     in_words(divergence.found, divergence.found_logit),
                     in_words(divergence.wanted, divergence.wanted_logit),
                     margin ? fmt::format(", ahead by {:.3g}", *margin) : "");
}

}  // namespace

GateVerdict judge_exactness(std::span<const ExactnessComparison> comparisons, int least_prompts,
                            int least_tokens) {
  const ExactnessComparison* first = nullptr;
  std::size_t diverging = 0;
  std::size_t tokens = 0;
  std::size_t fewest = 0;
  int guard_calls = 0;
  for (const ExactnessComparison& one : comparisons) {
    fewest = &one == comparisons.data() ? one.tokens : std::min(fewest, one.tokens);
    tokens += one.tokens;
    guard_calls += one.guard_calls;
    if (!one.divergence) continue;
    ++diverging;
    if (first == nullptr) first = &one;
  }
  const auto count = [](auto n) { return static_cast<double>(n); };
  GateVerdict verdict = judge_figures(
      "exactness",
      {at_most("diverging_prompts", count(diverging), 0),
       shown("prompts", count(comparisons.size())), shown("compared_tokens", count(tokens)),
       shown("guard_calls", count(guard_calls)),
       shown("first_divergence",
             first == nullptr ? std::nullopt : std::optional(count(first->divergence->at))),
       shown("divergence_margin",
             first == nullptr ? std::nullopt : margin_of(*first->divergence))});
  if (first != nullptr) {
    verdict.reason = in_words(*first);
  } else if (std::ssize(comparisons) < least_prompts ||
             fewest < static_cast<std::size_t>(least_tokens)) {
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason =
        fmt::format("found {} prompts and {} tokens of the shortest, want {} and {}: equal so far",
                    comparisons.size(), fewest, least_prompts, least_tokens);
  } else {
    verdict.reason = fmt::format("equal to greedy decoding on {} prompts, {} tokens in all",
                                 comparisons.size(), tokens);
  }
  return verdict;
}

}  // namespace fusesweep
