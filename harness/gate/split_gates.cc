#include "harness/gate/split_gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/gate/figures.h"

namespace fusesweep {
namespace {

std::size_t top_of(std::span<const float> logits) {
  return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::string in_words(const std::optional<double>& figure) {
  return figure ? fmt::format("{:.3g}", *figure) : "not known";
}

// What the greedy ids of all prompts come to.
struct GreedySum {
  double compared = 0;  // tokens
  double equal = 0;     // of them, up to where each prompt leaves the reference
  std::optional<double> first_divergence;
  const GreedyComparison* astray = nullptr;  // the furthest from what the reference wanted

  std::optional<double> agreement() const {
    return compared > 0 ? std::optional(equal / compared) : std::nullopt;
  }
  std::string text() const {
    return fmt::format("greedy ids agree for {:.0f} of {:.0f}", equal, compared);
  }
};

GreedySum sum_up(const std::vector<GreedyComparison>& all) {
  GreedySum sum;
  for (const GreedyComparison& greedy : all) {
    sum.compared += static_cast<double>(greedy.tokens);
    sum.equal += static_cast<double>(greedy.first_divergence.value_or(greedy.tokens));
    if (!greedy.first_divergence) continue;
    if (sum.astray == nullptr || greedy.margin > sum.astray->margin) sum.astray = &greedy;
    sum.first_divergence = std::min(sum.first_divergence.value_or(HUGE_VAL),
                                    static_cast<double>(*greedy.first_divergence));
  }
  return sum;
}

std::string leaves_reference(const GreedyComparison& greedy, double bound,
                             std::string_view explanation) {
  return fmt::format(
      "decoding prompt {} leaves the reference at token {}, which prefers its own by {:.3g}, more "
      "than the {:.3g} that {} explains",
      greedy.prompt, *greedy.first_divergence, greedy.margin, bound, explanation);
}

}  // namespace

GateVerdict judge_error_budget(const GoldenNumbers& chained,
                               std::optional<double> local_relative_l2,
                               const GoldenLimits& fidelity) {
  GateVerdict verdict = judge_golden("error-budget", chained, fidelity);
  verdict.figures.push_back(shown("local_relative_l2", local_relative_l2));
  if (chained.non_finite_count == 0)
    verdict.reason += fmt::format("; {} of it the shard's own", in_words(local_relative_l2));
  return verdict;
}

TopTokens compare_top_tokens(std::string_view prompt, std::span<const float> found,
                             std::span<const float> wanted, std::size_t vocab_size) {
  FUSESWEEP_CHECK(found.size() == wanted.size() && vocab_size > 0 &&
                  found.size() % vocab_size == 0);
  TopTokens top{.positions = found.size() / vocab_size};
  for (std::size_t position = 0; position < top.positions; ++position) {
    const auto row = wanted.subspan(position * vocab_size, vocab_size);
    const std::size_t is = top_of(found.subspan(position * vocab_size, vocab_size));
    const std::size_t want = top_of(row);
    if (is == want) continue;
    top.flips.push_back({.prompt = std::string(prompt),
                         .position = position,
                         .found = static_cast<int>(is),
                         .wanted = static_cast<int>(want),
                         .margin = static_cast<double>(row[want]) - static_cast<double>(row[is])});
  }
  return top;
}

GateVerdict judge_full_stack(const FullStackFacts& facts, const FullStackLimits& limits) {
  const std::optional<double> bound =
      facts.calibration.rmse ? std::optional(limits.margin_per_rmse * *facts.calibration.rmse)
                             : std::nullopt;
  const TopFlip* widest = nullptr;
  for (const TopFlip& flip : facts.top.flips) {
    if (widest == nullptr || flip.margin > widest->margin) widest = &flip;
  }
  const auto positions = static_cast<double>(facts.top.positions);
  const auto flips = static_cast<double>(facts.top.flips.size());
  std::optional<double> agreement;
  if (facts.top.positions > 0) agreement = 1 - flips / positions;
  const GreedySum decoded = sum_up(facts.greedy);
  const GreedyComparison* astray = decoded.astray;

  const auto non_finite =
      static_cast<double>(facts.logits.non_finite_count + facts.calibration.non_finite_count);
  GateVerdict verdict = judge_figures(
      "full-stack",
      {at_most("non_finite_count", non_finite, 0),
       at_least("calibration_cosine", facts.calibration.cosine, limits.cosine_at_least),
       at_least("cosine", facts.logits.cosine, limits.cosine_at_least),
       at_most("largest_flip_margin", widest == nullptr ? 0 : widest->margin, bound),
       at_most("greedy_margin", astray == nullptr ? 0 : astray->margin, bound),
       shown("calibration_rmse", facts.calibration.rmse),
       shown("relative_l2", facts.logits.relative_l2), shown("positions", positions),
       shown("flips", flips), shown("top1_agreement", agreement),
       shown("original_cosine", facts.original_cosine),
       shown("original_top1_agreement", facts.original_top1_agreement),
       shown("greedy_agreement", decoded.agreement()),
       shown("first_divergence", decoded.first_divergence)});
  if (non_finite > 0) {
    verdict.reason = fmt::format("{:.0f} logits are not finite", non_finite);
  } else if (!bound || facts.top.positions == 0) {
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = bound ? "no position was looked at" : "there is no calibration";
  } else if (verdict.outcome == GateOutcome::kFail && widest != nullptr &&
             widest->margin > *bound && facts.logits.cosine >= limits.cosine_at_least) {
    verdict.reason = fmt::format(
        "prompt {}, position {}: top token {}, want {}, which the reference prefers by {:.3g}, "
        "more "
        "than the {:.3g} that the error of a logit explains",
        widest->prompt, widest->position, widest->found, widest->wanted, widest->margin, *bound);
  }
  if (verdict.outcome == GateOutcome::kFail && bound && astray != nullptr &&
      astray->margin > *bound && (widest == nullptr || widest->margin <= *bound) &&
      facts.logits.cosine >= limits.cosine_at_least) {
    verdict.reason = leaves_reference(*astray, *bound, "the error of a logit");
  }
  if (verdict.outcome == GateOutcome::kPass) {
    verdict.reason = fmt::format("cosine of logits {:.6g}, want at least {:.6g}; ",
                                 *facts.logits.cosine, limits.cosine_at_least);
    verdict.reason +=
        widest == nullptr
            ? fmt::format("all {:.0f} top tokens are the reference's", positions)
            : fmt::format(
                  "{:.0f} of {:.0f} top tokens flip, by at most {:.3g} where {:.3g} is explained",
                  flips, positions, widest->margin, *bound);
    if (decoded.compared > 0) verdict.reason += "; " + decoded.text();
  }
  return verdict;
}

GateVerdict judge_decoded_stack(const DecodedStackFacts& facts, const FullStackLimits& limits) {
  const std::optional<double> bound =
      facts.rounding.rmse ? std::optional(limits.margin_per_rmse * *facts.rounding.rmse)
                          : std::nullopt;
  const GreedySum decoded = sum_up(facts.greedy);
  GateVerdict verdict = judge_figures(
      "full-stack",
      {at_most("greedy_margin", decoded.astray == nullptr ? 0 : decoded.astray->margin, bound),
       shown("calibration_cosine", facts.rounding.cosine),
       shown("calibration_rmse", facts.rounding.rmse), shown("positions", decoded.compared),
       shown("greedy_agreement", decoded.agreement()),
       shown("first_divergence", decoded.first_divergence)});
  if (!bound || decoded.compared == 0) {
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = bound ? "nothing was decoded" : "there is no figure of rounding";
  } else if (decoded.astray != nullptr && decoded.astray->margin > *bound) {
    verdict.reason = leaves_reference(*decoded.astray, *bound, "rounding the weights");
  } else if (verdict.outcome == GateOutcome::kPass) {
    verdict.reason = "by decoded ids alone, for there are no logits: " + decoded.text();
    if (decoded.astray != nullptr)
      verdict.reason += fmt::format(
          ", and leave the reference by at most {:.3g} where {:.3g} is "
          "explained",
          decoded.astray->margin, *bound);
  }
  return verdict;
}

}  // namespace fusesweep
