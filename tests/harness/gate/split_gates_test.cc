#include "harness/gate/split_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::HasSubstr;

constexpr GoldenNumbers near_numbers(double relative_l2) {
  return {.cosine = 1 - relative_l2 * relative_l2 / 2,
          .rmse = relative_l2,
          .max_abs = 4 * relative_l2,
          .relative_l2 = relative_l2};
}

TEST(ErrorBudget, TellsOwnErrorFromInheritedOne) {
  const GoldenLimits limits = GateLimits{}.fidelity;
  const GateVerdict inherited = judge_error_budget(near_numbers(2e-2), 1e-3, limits);
  EXPECT_EQ(inherited.outcome, GateOutcome::kFail);
  EXPECT_THAT(inherited.reason, HasSubstr("relative_l2 0.02"));
  EXPECT_THAT(inherited.reason, HasSubstr("0.001 of it the shard's own"));
  EXPECT_EQ(judge_error_budget(near_numbers(4e-3), 1e-3, limits).outcome, GateOutcome::kPass);
  const GateVerdict nan = judge_error_budget({.non_finite_count = 3}, 1e-3, limits);
  EXPECT_EQ(nan.outcome, GateOutcome::kFail);
  EXPECT_EQ(nan.reason, "3 values are not finite");
}

TEST(TopTokens, AFlipHasTheMarginOfTheReference) {
  const std::vector<float> found = {1, 3, 2, /**/ 5, 1, 1, /**/ 0, 1, 2};
  const std::vector<float> wanted = {1, 2, 3, /**/ 5, 1, 1, /**/ 2.5F, 1, 2};
  const TopTokens top = compare_top_tokens("p", found, wanted, 3);
  EXPECT_EQ(top.positions, 3U);
  EXPECT_EQ(top.flips, (std::vector<TopFlip>{{"p", 0, 1, 2, 1}, {"p", 2, 2, 0, 0.5}}));
}

FullStackFacts good_facts() {
  return {.calibration = near_numbers(0.01),
          .logits = near_numbers(0.012),
          .top = {.positions = 100, .flips = {}},
          .original_cosine = 0.994,
          .original_top1_agreement = 0.9,
          .greedy = {{"p", 32, std::nullopt}, {"q", 32, 8, 0.01}}};
}

TEST(DecodedStack, HoldsIdsToWhatRoundingExplains) {
  const GoldenNumbers rounding = near_numbers(0.1);  // 0.6 are explained
  const struct {
    const char* name;
    DecodedStackFacts facts;
    GateOutcome want;
    const char* said;
  } rows[] = {
      {"all agree",
       {rounding, {{"p", 32, std::nullopt}}},
       GateOutcome::kPass,
       "by decoded ids alone, for there are no logits: greedy ids agree for 32 of 32"},
      {"undecided",
       {rounding, {{"p", 32, 8, 0.5}, {"q", 32, std::nullopt}}},
       GateOutcome::kPass,
       "agree for 40 of 64, and leave the reference by at most 0.5 where 0.6 is explained"},
      {"astray",
       {rounding, {{"p", 32, 8, 0.5}, {"q", 32, 0, 3.0}}},
       GateOutcome::kFail,
       "decoding prompt q leaves the reference at token 0, which prefers its own by 3, more than "
       "the 0.6 that "
       "rounding the weights explains"},
      {"nothing decoded", {rounding, {}}, GateOutcome::kNotEnoughData, "nothing was decoded"},
      {"no figure",
       {{.non_finite_count = 1}, {{"p", 32, std::nullopt}}},
       GateOutcome::kNotEnoughData,
       "no figure of rounding"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const GateVerdict verdict = judge_decoded_stack(row.facts, {});
    EXPECT_EQ(verdict.gate, "full-stack");
    EXPECT_EQ(verdict.outcome, row.want) << verdict.reason;
    EXPECT_THAT(verdict.reason, HasSubstr(row.said));
  }
}

TEST(FullStack, PassesAndReportsBesideIt) {
  const GateVerdict verdict = judge_full_stack(good_facts(), {});
  EXPECT_EQ(verdict.outcome, GateOutcome::kPass) << verdict.reason;
  const auto value = [&](std::string_view name) {
    for (const GateFigure& figure : verdict.figures) {
      if (figure.name == name) return figure.value;
    }
    return std::optional<double>(-1);
  };
  EXPECT_EQ(value("top1_agreement"), 1);
  EXPECT_EQ(value("original_top1_agreement"), 0.9);
  EXPECT_EQ(value("greedy_agreement"), 40.0 / 64);
  EXPECT_EQ(value("first_divergence"), 8);
}

TEST(FullStack, EveryFaultIsNamed) {
  const struct {
    const char* name;
    void (*spoil)(FullStackFacts& facts);
    GateOutcome outcome;
    const char* reason;
  } kRows[] = {
      {"a flip where the reference was undecided",
       [](FullStackFacts& f) {
         f.top.flips = {{"p", 7, 1, 2, 0.05}};
       },
       GateOutcome::kPass, ""},
      {"a flip that no error explains",
       [](FullStackFacts& f) {
         f.top.flips = {{"p", 3, 5, 6, 0.01}, {"p", 7, 1, 2, 0.07}};
       },
       GateOutcome::kFail, "prompt p, position 7: top token 1, want 2"},
      {"garbage", [](FullStackFacts& f) { f.logits.cosine = 0.3; }, GateOutcome::kFail,
       "cosine 0.3, want at least 0.99"},
      {"decoding that leaves the reference where it was decided",
       [](FullStackFacts& f) {
         f.greedy = {{"p", 32, 3, 0.5}};
       },
       GateOutcome::kFail, "decoding prompt p leaves the reference at token 3"},
      // Or else a stack that is wrong everywhere would loosen its own bound.
      {"a calibration that is garbage itself",
       [](FullStackFacts& f) { f.calibration.cosine = 0.5; }, GateOutcome::kFail,
       "calibration_cosine 0.5"},
      {"NaN", [](FullStackFacts& f) { f.logits = {.non_finite_count = 2}; }, GateOutcome::kFail,
       "2 logits are not finite"},
      {"no calibration", [](FullStackFacts& f) { f.calibration = {}; }, GateOutcome::kNotEnoughData,
       "no calibration"},
      {"no position", [](FullStackFacts& f) { f.top = {}; }, GateOutcome::kNotEnoughData,
       "no position"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    FullStackFacts facts = good_facts();
    row.spoil(facts);
    const GateVerdict verdict = judge_full_stack(facts, {});
    EXPECT_EQ(verdict.outcome, row.outcome) << verdict.reason;
    EXPECT_THAT(verdict.reason, HasSubstr(row.reason));
  }
}

}  // namespace
}  // namespace fusesweep
