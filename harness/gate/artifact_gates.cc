#include "harness/gate/artifact_gates.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/gate/figures.h"

namespace fusesweep {
namespace {

// "a, b, c and 5 more".
std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

}  // namespace

GateVerdict judge_contract(const std::vector<ContractDifference>& differences,
                           std::string_view compared_with) {
  GateVerdict verdict = judge_figures(
      "contract", {at_most("contract_differences", static_cast<double>(differences.size()), 0)});
  verdict.reason = fmt::format("as {}", compared_with);
  if (!differences.empty()) {
    std::vector<std::string> lines;
    for (const ContractDifference& difference : differences) {
      lines.push_back(fmt::format("{}: found {}, want {}", difference.field, difference.found,
                                  difference.wanted));
    }
    verdict.reason = fmt::format("{}, as {}", first_of(lines), compared_with);
  }
  return verdict;
}

GateVerdict judge_build(const BuildFacts& facts) {
  GateVerdict verdict{.gate = "build"};
  verdict.outcome = GateOutcome::kFail;
  if (facts.failure) {
    verdict.reason = *facts.failure;
    return verdict;
  }
  verdict.figures.push_back(shown("bytes", static_cast<double>(facts.bytes)));
  if (!facts.found_hash) {
    verdict.outcome = GateOutcome::kNotRun;
    verdict.reason = "there are no bytes to look at";
  } else if (*facts.found_hash != facts.stated_hash) {
    verdict.reason =
        fmt::format("its bytes were altered: found the hash {}, want {} as it was built",
                    *facts.found_hash, facts.stated_hash);
  } else {
    verdict.outcome = GateOutcome::kPass;
    verdict.reason = fmt::format("finished, and its bytes are those that were built");
  }
  return verdict;
}

GateVerdict judge_weights(const WeightFacts& facts, double steps_at_most) {
  const bool is_exact = steps_at_most == 0;
  double elements = 0;
  double differing = 0;
  double non_finite = 0;
  double worst_steps = 0;
  std::vector<std::string> wrong;  // tensors, with what is wrong with them
  for (const TensorWeights& tensor : facts.tensors) {
    elements += static_cast<double>(tensor.elements);
    differing += static_cast<double>(tensor.differing);
    non_finite += static_cast<double>(tensor.non_finite);
    worst_steps = std::max(worst_steps, tensor.worst_steps);
    if (tensor.non_finite > 0) {
      wrong.push_back(
          fmt::format("{}: {} weights are not finite", tensor.tensor, tensor.non_finite));
    } else if (is_exact ? tensor.differing > 0 : tensor.worst_steps > steps_at_most) {
      wrong.push_back(fmt::format("{}: {} of {} weights differ, by up to {:.3g} steps",
                                  tensor.tensor, tensor.differing, tensor.elements,
                                  tensor.worst_steps));
    }
  }
  GateVerdict verdict = judge_figures(
      "weights", {shown("weights", elements), at_most("non_finite_count", non_finite, 0),
                  is_exact ? at_most("differing_weights", differing, 0)
                           : shown("differing_weights", differing),
                  is_exact ? shown("worst_weight_steps", worst_steps)
                           : at_most("worst_weight_steps", worst_steps, steps_at_most)});
  verdict.figures.push_back(shown("missing_tensors", static_cast<double>(facts.missing.size())));
  verdict.figures.push_back(
      shown("unexpected_tensors", static_cast<double>(facts.unexpected.size())));
  if (!wrong.empty()) {
    verdict.reason = first_of(wrong);
  } else if (!facts.missing.empty() || !facts.unexpected.empty()) {
    verdict.outcome = is_exact ? GateOutcome::kFail : GateOutcome::kNotEnoughData;
    verdict.reason = fmt::format(
        "{}{}{}", facts.missing.empty() ? "" : "found nothing for " + first_of(facts.missing),
        facts.missing.empty() || facts.unexpected.empty() ? "" : "; ",
        facts.unexpected.empty() ? ""
                                 : "cannot tell what these are: " + first_of(facts.unexpected));
  } else if (facts.tensors.empty()) {
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = "found no weight";
  } else {
    verdict.reason = fmt::format("{:.0f} weights of {} tensors are the model's, {}", elements,
                                 facts.tensors.size(),
                                 is_exact ? "bit for bit as the reference rounds them"
                                          : fmt::format("within {:.3g} steps", worst_steps));
  }
  return verdict;
}

}  // namespace fusesweep
