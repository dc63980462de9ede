#include "harness/gate/residency_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::HasSubstr;

Placement placed(ResidentCount conv, ResidentCount compute) {
  return {.conv = conv, .compute = compute};
}

TEST(ResidencyGate, JudgesByEveryOperationAndNotByConvolutionsAlone) {
  Placement head = placed({1, 1}, {11, 9});
  head.non_resident = {{"picked", "topk", "cpu", "not supported"}, {"turned", "cast", "cpu", ""}};
  const struct {
    const char* name;
    Placement plan;
    GateOutcome outcome;
    const char* reason;
  } kRows[] = {
      {"all", placed({80, 80}, {1407, 1407}), GateOutcome::kPass,
       "1407 of 1407 operations resident, 80 of 80 convolutions"},
      {"a head whose one convolution is resident", head, GateOutcome::kFail,
       "9 of 11 operations resident, 1 of 1 convolutions; first topk 'picked' on cpu: not "
       "supported"},
      {"none", placed({96, 0}, {1687, 0}), GateOutcome::kFail, "0 of 1687 operations resident"},
      {"one", placed({80, 80}, {1407, 1406}), GateOutcome::kFail, "1406 of 1407"},
      {"nothing to judge by", placed({0, 0}, {5, 5}), GateOutcome::kFail, "no convolution in it"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const GateVerdict verdict = judge_residency(row.plan, std::nullopt);
    EXPECT_EQ(verdict.outcome, row.outcome);
    EXPECT_THAT(verdict.reason, HasSubstr(row.reason));
    EXPECT_EQ(verdict.gate, "residency");
  }
}

TEST(ResidencyGate, FailsWherePlanAndRunDisagreeAndBelievesTheRunWhereOnlyThatIsThere) {
  const Placement resident = placed({4, 4}, {77, 77});
  Placement moved = placed({4, 0}, {77, 0});
  moved.evidence = PlacementEvidence::kRun;
  const GateVerdict verdict = judge_residency(resident, moved);
  EXPECT_EQ(verdict.outcome, GateOutcome::kFail);
  EXPECT_EQ(verdict.reason,
            "plan and run disagree: by the plan 77 of 77 operations resident, 4 of 4 convolutions, "
            "in the run 0 of 77 operations resident, 0 of 4 convolutions");
  EXPECT_EQ(judge_residency(resident, resident).outcome, GateOutcome::kPass);
  EXPECT_EQ(judge_residency(std::nullopt, moved).outcome, GateOutcome::kFail);
  EXPECT_EQ(judge_residency(std::nullopt, resident).outcome, GateOutcome::kPass);
}

TEST(ResidencyGate, ARecordSaysWhatItStates) {
  const Placement by_word{.evidence = PlacementEvidence::kRecorded, .stated_resident = true};
  EXPECT_EQ(judge_residency(by_word, std::nullopt).outcome, GateOutcome::kPass);
  const Placement half{.evidence = PlacementEvidence::kRecorded,
                       .compute = ResidentCount{2983, 2983},
                       .stated_resident = true};
  EXPECT_EQ(judge_residency(half, std::nullopt).reason, "2983 of 2983 operations resident");
  const Placement refuted{.evidence = PlacementEvidence::kRecorded,
                          .conv = ResidentCount{96, 0},
                          .stated_resident = true};
  EXPECT_EQ(judge_residency(refuted, std::nullopt).outcome, GateOutcome::kFail);
  const Placement silent{.evidence = PlacementEvidence::kRecorded};
  EXPECT_EQ(judge_residency(silent, std::nullopt).outcome, GateOutcome::kNotEnoughData);
}

TEST(ResidencyGate, WithoutAPlacementItWasNotRun) {
  EXPECT_EQ(judge_residency(std::nullopt, std::nullopt).outcome, GateOutcome::kNotRun);
}

TEST(ResidencyGate, SlownessOnlyWarns) {
  GateVerdict verdict{.gate = "residency", .outcome = GateOutcome::kPass, .reason = "all of it"};
  warn_of_slowness(verdict, 30, 20);
  EXPECT_EQ(verdict.reason, "all of it");
  warn_of_slowness(verdict, 2.5, 20);
  EXPECT_EQ(verdict.outcome, GateOutcome::kPass);
  EXPECT_EQ(verdict.reason,
            "all of it; warning: its weights are read at 2.5 GB/s, below the floor of 20");
}

}  // namespace
}  // namespace fusesweep
