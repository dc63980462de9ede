#include "harness/gate/golden_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "harness/gate/gate_limits.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

using Floats = std::vector<float>;

const GoldenLimits kCpuFidelity = default_limits("cpu").fidelity;
const GoldenLimits kQuality = default_limits("cpu").quality;

TEST(CompareOutputs, GivesTheFiguresOfAComparisonByHand) {
  const Floats found = {3, 4, 0, 1};
  const Floats wanted = {4, 3, 0, 1};
  const GoldenNumbers numbers = compare_outputs(found, wanted, 2);
  EXPECT_EQ(numbers.non_finite_count, 0U);
  EXPECT_NEAR(*numbers.cosine, 25.0 / 26, 1e-12);
  EXPECT_NEAR(*numbers.rmse, std::sqrt(2.0 / 4), 1e-12);
  EXPECT_EQ(numbers.max_abs, 1);
  EXPECT_NEAR(*numbers.relative_l2, std::sqrt(2.0 / 26), 1e-12);
  ASSERT_EQ(numbers.per_token_cosine.size(), 2U);
  EXPECT_NEAR(*numbers.per_token_cosine[0], 24.0 / 25, 1e-12);
  EXPECT_EQ(numbers.per_token_cosine[1], 1);
}

TEST(CompareOutputs, AValueThatIsNotFiniteLeavesNoFigureOfTheWhole) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const Floats found = {1, bad, 1, 2};
    const Floats wanted = {1, 1, 1, 2};
    const GoldenNumbers numbers = compare_outputs(found, wanted, 2);
    EXPECT_EQ(numbers.non_finite_count, 1U);
    EXPECT_FALSE(numbers.cosine || numbers.rmse || numbers.max_abs || numbers.relative_l2);
    EXPECT_FALSE(numbers.per_token_cosine[0]);
    EXPECT_NEAR(*numbers.per_token_cosine[1], 1, 1e-12);
  }
}

TEST(CompareOutputs, ZerosHaveNoDirection) {
  const Floats zeros = {0, 0};
  const Floats ones = {1, 1};
  EXPECT_EQ(compare_outputs(zeros, zeros, 2).cosine, 1);
  EXPECT_EQ(compare_outputs(zeros, zeros, 2).relative_l2, 0);
  EXPECT_EQ(compare_outputs(zeros, ones, 2).cosine, std::nullopt);
  EXPECT_EQ(compare_outputs(zeros, ones, 2).relative_l2, 1);
  EXPECT_EQ(compare_outputs(ones, zeros, 2).relative_l2, std::nullopt);
}

// Eight tokens of 64, near enough to pass the quality limits.
struct Outputs {
  Floats found;
  Floats wanted;
};

Outputs nearly_equal() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Outputs outputs;
  for (int i = 0; i < 8 * 64; ++i) {
    outputs.wanted.push_back(normal(random));
    outputs.found.push_back(outputs.wanted.back() + 0.001F * normal(random));
  }
  return outputs;
}

GateVerdict judge(const Outputs& outputs, const GoldenLimits& limits) {
  return judge_golden("golden", compare_outputs(outputs.found, outputs.wanted, 64), limits);
}

TEST(GoldenGate, PassesWhatIsNearAndSaysHowNear) {
  const GateVerdict verdict = judge(nearly_equal(), kQuality);
  EXPECT_EQ(verdict.outcome, GateOutcome::kPass) << verdict.reason;
  EXPECT_THAT(verdict.reason, HasSubstr("want at least 0.995; worst_token_cosine"));
  EXPECT_EQ(judge(nearly_equal(), kCpuFidelity).outcome, GateOutcome::kPass);
}

TEST(GoldenGate, EverySabotageIsCaughtByTheFigureThatSeesIt) {
  const struct {
    const char* name;
    void (*spoil)(Floats& found);
    GoldenLimits limits;
    const char* reason;
  } kRows[] = {
      {"one NaN", [](Floats& f) { f[100] = NAN; }, kQuality, "1 values are not finite"},
      {"one token of another",
       [](Floats& f) { std::copy(f.begin(), f.begin() + 64, f.begin() + 128); }, kQuality,
       "cosine"},
      {"one token off, too few to move the whole",
       [](Floats& f) {
         for (std::size_t i = 128; i < 144; ++i) f[i] = 0;
       },
       {.cosine_at_least = 0.9, .per_token_cosine_at_least = 0.98},
       "worst_token_cosine"},
      {"a scale one per cent off",
       [](Floats& f) {
         for (float& x : f) x *= 1.01F;
       },
       kCpuFidelity, "relative_l2 0.01"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    Outputs outputs = nearly_equal();
    row.spoil(outputs.found);
    const GateVerdict verdict = judge(outputs, row.limits);
    EXPECT_EQ(verdict.outcome, GateOutcome::kFail);
    EXPECT_THAT(verdict.reason, HasSubstr(row.reason));
  }
}

TEST(GoldenGate, ALimitWithoutItsFigureIsNotEnoughData) {
  const GoldenNumbers recorded{.cosine = 0.9985457359614087};
  EXPECT_EQ(judge_golden("golden", recorded, kQuality).outcome, GateOutcome::kNotEnoughData);
  EXPECT_EQ(judge_golden("golden", recorded, {.cosine_at_least = 0.995}).outcome,
            GateOutcome::kPass);
  EXPECT_EQ(judge_golden("golden", recorded, {.cosine_at_least = 0.999}).outcome,
            GateOutcome::kFail);
}

TEST(GoldenGate, ARecordIsHeldToWhatItStates) {
  const GoldenNumbers recorded{.cosine = 0.9985457359614087};
  EXPECT_EQ(judge_stated_golden("golden", recorded, kQuality).outcome, GateOutcome::kPass);
  EXPECT_EQ(judge_stated_golden("golden", GoldenNumbers{.cosine = 0.974}, kQuality).outcome,
            GateOutcome::kFail);
  EXPECT_EQ(judge_stated_golden("golden", GoldenNumbers{}, kQuality).outcome,
            GateOutcome::kNotEnoughData);
  // An aggregate that looks right does not hide a token that is not.
  const GoldenNumbers one_token_off{.cosine = 0.996, .per_token_cosine = {0.9999, 0.7}};
  EXPECT_EQ(judge_stated_golden("golden", one_token_off, kQuality).outcome, GateOutcome::kFail);
  const GateVerdict not_finite = judge_stated_golden("golden", std::nullopt, kQuality);
  EXPECT_EQ(not_finite.outcome, GateOutcome::kFail);
  EXPECT_THAT(not_finite.reason, HasSubstr("not finite"));
}

}  // namespace
}  // namespace fusesweep
