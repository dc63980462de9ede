#include "harness/gate/exactness_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace fusesweep {
namespace {

using testing::HasSubstr;

std::vector<ExactnessComparison> equal(std::size_t prompts, std::size_t tokens) {
  return std::vector(prompts, ExactnessComparison{.prompt = "p", .tokens = tokens});
}

const GateFigure* figure(const GateVerdict& verdict, std::string_view name) {
  for (const GateFigure& one : verdict.figures) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

TEST(ExactnessGate, PassesOnlyWhenAllIsEqualOnEnoughPrompts) {
  const struct {
    const char* name;
    std::vector<ExactnessComparison> comparisons;
    GateOutcome want;
  } kRows[] = {
      {"enough", equal(20, 65), GateOutcome::kPass},
      {"nothing", {}, GateOutcome::kNotEnoughData},
      {"too few prompts", equal(19, 65), GateOutcome::kNotEnoughData},
      {"too few tokens", equal(20, 63), GateOutcome::kNotEnoughData},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const GateVerdict verdict = judge_exactness(row.comparisons);
    EXPECT_EQ(verdict.outcome, row.want);
    EXPECT_EQ(verdict.gate, "exactness");
    EXPECT_FALSE(verdict.reason.empty());
  }
}

TEST(ExactnessGate, OneOtherIdOfOnePromptFailsAndIsShownWithItsMargin) {
  auto comparisons = equal(20, 65);
  comparisons[7] = {
      .prompt = "repeated-7",
      .tokens = 65,
      .divergence = ExactnessDivergence{
          .at = 12, .found = 5, .wanted = 9, .found_logit = 3.25, .wanted_logit = 3.5}};
  comparisons[9].divergence = ExactnessDivergence{.at = 1, .found = 1, .wanted = 2};
  const GateVerdict verdict = judge_exactness(comparisons);
  EXPECT_EQ(verdict.outcome, GateOutcome::kFail);
  EXPECT_EQ(verdict.reason,
            "prompt repeated-7 leaves greedy decoding at token 12: found id 5 (logit 3.25), "
            "want id 9 (logit 3.5), ahead by 0.25");
  EXPECT_EQ(figure(verdict, "diverging_prompts")->value, 2);
  EXPECT_EQ(figure(verdict, "divergence_margin")->value, 0.25);
}

TEST(ExactnessGate, ADivergenceFailsHoweverFewPromptsThereAre) {
  auto comparisons = equal(1, 3);
  comparisons[0].divergence = ExactnessDivergence{.at = 2, .found = std::nullopt, .wanted = 4};
  const GateVerdict verdict = judge_exactness(comparisons);
  EXPECT_EQ(verdict.outcome, GateOutcome::kFail);
  EXPECT_THAT(verdict.reason, HasSubstr("found no id, want id 4"));
  EXPECT_EQ(figure(verdict, "divergence_margin")->value, std::nullopt);
}

}  // namespace
}  // namespace fusesweep
