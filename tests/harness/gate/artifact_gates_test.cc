#include "harness/gate/artifact_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::HasSubstr;

TEST(ContractGate, PassesOnlyWhereNothingDiffers) {
  EXPECT_EQ(judge_contract({}, "the model").outcome, GateOutcome::kPass);
  const GateVerdict verdict = judge_contract({{"rope_dim", "128", "96"}}, "the model nano.gguf");
  EXPECT_EQ(verdict.outcome, GateOutcome::kFail);
  EXPECT_EQ(verdict.reason, "rope_dim: found 128, want 96, as the model nano.gguf");
  EXPECT_EQ(verdict.figures.front().value, 1);
}

TEST(ContractGate, NamesTheFirstDifferencesOfMany) {
  const GateVerdict verdict =
      judge_contract({{"a", "1", "2"}, {"b", "1", "2"}, {"c", "1", "2"}, {"d", "1", "2"}}, "M");
  EXPECT_THAT(verdict.reason, HasSubstr("c: found 1, want 2 and 1 more, as M"));
}

TEST(BuildGate, EveryWayToGoWrongIsNamed) {
  const struct {
    const char* name;
    BuildFacts facts;
    GateOutcome outcome;
    const char* reason;
  } kRows[] = {
      {"whole", {{}, "abc", "abc", 12}, GateOutcome::kPass, "finished"},
      {"altered", {{}, "abc", "abd", 12}, GateOutcome::kFail, "found the hash abd, want abc"},
      {"not built", {"the compiler died", "", {}, 0}, GateOutcome::kFail, "the compiler died"},
      {"a record", {{}, "abc", {}, 12}, GateOutcome::kNotRun, "no bytes"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const GateVerdict verdict = judge_build(row.facts);
    EXPECT_EQ(verdict.outcome, row.outcome);
    EXPECT_THAT(verdict.reason, HasSubstr(row.reason));
  }
}

TEST(WeightsGate, OursMustBeTheSameBitsAndForeignOnesWithinAStep) {
  const auto one = [](std::uint64_t differing, std::uint64_t non_finite, double steps) {
    return WeightFacts{.tensors = {{"blk.0.attn_qkv.weight", 100, 0, 0, 0},
                                   {"blk.3.ffn_down.weight", 100, differing, non_finite, steps}},
                       .missing = {},
                       .unexpected = {}};
  };
  const struct {
    const char* name;
    WeightFacts facts;
    double steps_at_most;
    GateOutcome outcome;
    const char* reason;
  } kRows[] = {
      {"the same bits", one(0, 0, 0), 0, GateOutcome::kPass, "bit for bit"},
      {"one bit off in ours", one(1, 0, 0.01), 0, GateOutcome::kFail,
       "blk.3.ffn_down.weight: 1 of 100 weights differ, by up to 0.01 steps"},
      {"half a step in a foreign one", one(80, 0, 0.5), 1, GateOutcome::kPass, "within 0.5 steps"},
      {"a scale one per cent off in a foreign one", one(99, 0, 1.27), 1, GateOutcome::kFail,
       "blk.3.ffn_down.weight"},
      {"one NaN in a foreign one", one(1, 1, 0), 1, GateOutcome::kFail, "1 weights are not finite"},
      {"nothing at all", {}, 1, GateOutcome::kNotEnoughData, "found no weight"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const GateVerdict verdict = judge_weights(row.facts, row.steps_at_most);
    EXPECT_EQ(verdict.outcome, row.outcome) << verdict.reason;
    EXPECT_THAT(verdict.reason, HasSubstr(row.reason));
  }
}

TEST(WeightsGate, WhatCannotBeMatchedIsNeverAPass) {
  const WeightFacts facts{.tensors = {{"blk.0.attn_qkv.weight", 100, 0, 0, 0}},
                          .missing = {"blk.0.ffn_down.weight"},
                          .unexpected = {"w_17"}};
  EXPECT_EQ(judge_weights(facts, 0).outcome, GateOutcome::kFail);
  const GateVerdict foreign = judge_weights(facts, 1);
  EXPECT_EQ(foreign.outcome, GateOutcome::kNotEnoughData);
  EXPECT_EQ(foreign.reason,
            "found nothing for blk.0.ffn_down.weight; cannot tell what these are: w_17");
}

}  // namespace
}  // namespace fusesweep
