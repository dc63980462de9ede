#include "harness/sweep/rerun_speed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/sweep/selfcheck_reruns.h"
#include "harness/sweep/trial_blocks.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = FindingOutcome;

const std::vector<std::string> kArms = {kBaselineArm, kTwinName, kNewArm};

// What a token costs now, against then: in the groups of a split of a token of 1 ms, of which the first has
// 60 %, the second 39.8 %, and the host the rest.
struct Change {
  double first = 1;
  double second = 1;
  double activation = 1;
  double memory = 1;
  double twin = 1;
};

// Blocks with this noise of a process about its block, and none of tokens.
std::vector<BlockRow> blocks_of(const Change& change, double sd, int count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<BlockRow> blocks;
  for (int b = 0; b < count; ++b) {
    BlockRow block{.block = b, .trial = "t", .wall_ns = 1'000'000'000};
    const double level = 1e6 * std::exp(0.02 * normal(random));
    for (int position = 0; position < 3; ++position) {
      const std::string& arm = kArms[static_cast<std::size_t>(position)];
      const bool is_new = arm == kNewArm;
      const double process =
          level * std::exp(sd * normal(random)) * (arm == kTwinName ? change.twin : 1);
      const auto ns = [&](double share, double factor) {
        return static_cast<std::int64_t>(share * process * (is_new ? factor : 1));
      };
      CellRow cell{.arm = arm,
                   .split_key = "k",
                   .round = 0,
                   .position = position,
                   .groups = {"host", "[0,16)", "[16,32)"}};
      for (int token = 0; token < 4; ++token) {
        cell.group_ns.push_back({ns(0.002, 1), ns(0.6, change.first), ns(0.398, change.second)});
        const auto& groups = cell.group_ns.back();
        cell.token_ns.push_back(groups[0] + groups[1] + groups[2]);
      }
      cell.counters["anonymous_bytes"] =
          static_cast<std::int64_t>(1e8 * (is_new ? change.memory : 1));
      block.cells.push_back(cell);
      block.loads.push_back(
          {.arm = arm,
           .activation_ns = {{"[0,16)", ns(3, change.activation)}, {"head", ns(1, 1)}}});
    }
    blocks.push_back(block);
  }
  return blocks;
}

SpeedVerdict judge(const std::vector<BlockRow>& blocks, const SpeedRules& rules = {.figures = 5}) {
  return judge_speed("16+16", speed_tables(blocks, kArms), std::nullopt, {}, rules);
}

// "group_ms [0,16)" of those with this outcome.
std::vector<std::string> with(const SpeedVerdict& verdict, Outcome outcome) {
  std::vector<std::string> all;
  for (const RerunFinding& finding : verdict.findings) {
    if (finding.outcome == outcome)
      all.push_back(finding.metric + (finding.part.empty() ? "" : " " + finding.part));
  }
  return all;
}

TEST(RerunSpeed, LooksAtTheWholeAtGroupsThatCountAtFirstCallsAndAtMemory) {
  std::vector<std::string> tables;
  for (const SpeedTable& table : speed_tables(blocks_of({}, 0.01, 6, 1), kArms))
    tables.push_back(table.metric + " " + table.part);
  EXPECT_THAT(tables, ElementsAre("tok_per_s ", "group_ms [0,16)", "group_ms [16,32)",
                                  "activation_ms ", "anonymous_bytes "));
}

TEST(RerunSpeed, EqualArmsAreTheSameAndALossThatMattersIsExcluded) {
  const SpeedVerdict verdict = judge(blocks_of({}, 0.004, 14, 2));
  EXPECT_THAT(verdict.dirt, IsEmpty());
  EXPECT_THAT(with(verdict, Outcome::kSame), SizeIs(5));
  const RerunFinding& whole = verdict.findings.front();
  EXPECT_NEAR(*whole.before, 1000, 50);
  EXPECT_LT(*whole.low_rel, 0);
  EXPECT_GT(*whole.high_rel, 0);
  EXPECT_GT(*whole.smallest_detectable_rel, 0);
}

TEST(RerunSpeed, TheGroupThatBecameSlowerIsNamedAndNoOther) {
  const SpeedVerdict verdict = judge(blocks_of({.second = 1.05}, 0.004, 14, 3));
  EXPECT_THAT(with(verdict, Outcome::kRegression), ElementsAre("tok_per_s", "group_ms [16,32)"));
  const RerunFinding& whole = verdict.findings.front();
  EXPECT_NEAR(*whole.change_rel, 1 / (1 + 0.398 * 0.05) - 1, 0.005);  // tok/s: less
  EXPECT_LT(*whole.high_rel, 0);
  const RerunFinding& group = verdict.findings[2];
  EXPECT_NEAR(*group.change_rel, 0.05, 0.006);  // ms: more
  EXPECT_NEAR(*group.before, 0.398, 0.03);
  EXPECT_NEAR(*group.now, 0.398 * 1.05, 0.03);
}

TEST(RerunSpeed, WhatBecameFasterIsAnImprovement) {
  const SpeedVerdict verdict = judge(blocks_of({.first = 0.9}, 0.004, 14, 4));
  EXPECT_THAT(with(verdict, Outcome::kImproved), ElementsAre("tok_per_s", "group_ms [0,16)"));
  EXPECT_THAT(with(verdict, Outcome::kRegression), IsEmpty());
}

TEST(RerunSpeed, ALossBelowTheMarginIsNoneHoweverSure) {
  const Change change{.first = 1.004, .second = 1.004};
  const std::vector<BlockRow> blocks = blocks_of(change, 0.0002, 30, 5);
  EXPECT_THAT(with(judge(blocks), Outcome::kRegression), IsEmpty());
  EXPECT_THAT(
      with(judge(blocks, {.margin_rel = 0.002, .figures = 5}), Outcome::kRegression),
      ElementsAre("tok_per_s", "group_ms [0,16)"));  // the other group's is 0.16 % of a token
}

TEST(RerunSpeed, WhereALossThatMattersCannotBeExcludedItSaysSo) {
  const SpeedVerdict verdict = judge(blocks_of({}, 0.05, 8, 6));
  EXPECT_EQ(verdict.findings.front().outcome, Outcome::kInconclusive);
  EXPECT_THAT(with(verdict, Outcome::kRegression), IsEmpty());
  const SpeedVerdict few = judge(blocks_of({}, 0.001, 5, 6));
  EXPECT_EQ(few.findings.front().outcome, Outcome::kInconclusive);
}

TEST(RerunSpeed, ATwinThatDiffersMakesAllOfItDirty) {
  const SpeedVerdict verdict = judge(blocks_of({.first = 1.2, .twin = 1.05}, 0.002, 14, 7));
  EXPECT_THAT(verdict.dirt, SizeIs(1));
  EXPECT_THAT(with(verdict, Outcome::kDirty), SizeIs(5));
}

TEST(RerunSpeed, FirstCallsAndMemoryAreJudgedToo) {
  const SpeedVerdict verdict = judge(blocks_of({.activation = 1.4, .memory = 1.2}, 0.004, 14, 8));
  EXPECT_THAT(with(verdict, Outcome::kRegression), ElementsAre("activation_ms", "anonymous_bytes"));
  EXPECT_NEAR(*verdict.findings[4].change_rel, 0.2, 1e-6);  // exact: without a spread
  EXPECT_EQ(verdict.findings[4].low_rel, std::nullopt);
}

TEST(RerunSpeed, FirstCallsThatAreTooNoisyToJudgeAreToldAndDoubtNothingElse) {
  std::vector<BlockRow> blocks = blocks_of({}, 0.004, 14, 10);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (std::size_t arm = 0; arm < blocks[b].loads.size(); ++arm)
      blocks[b].loads[arm].activation_ns["[0,16)"] *= (b * 5 + arm * 3) % 4 == 0 ? 4 : 1;
  }
  const SpeedVerdict verdict = judge(blocks);
  EXPECT_EQ(verdict.findings.front().outcome, Outcome::kSame);
  EXPECT_THAT(with(verdict, Outcome::kToldOnly), ElementsAre("activation_ms"));
  EXPECT_THAT(with(verdict, Outcome::kInconclusive), IsEmpty());
}

TEST(RerunSpeed, RerunsCutFromABankFindADelayInTheRightGroupAndNothingWhereThereIsNone) {
  const std::vector<BlockRow> rows = blocks_of({}, 0.003, 60, 9);
  std::vector<BankBlock> bank;
  for (const BlockRow& row : rows)
    bank.push_back(bank_block(row, {kBaselineArm, kTwinName, kNewArm}));
  const std::vector<SpeedTable> tables = speed_tables(rows, kArms);
  const SelfcheckReruns equal = cut_reruns(tables, bank, 12, 0, "[0,16)", 40);
  EXPECT_EQ(equal.regressions.count, 0);
  EXPECT_EQ(equal.regressions.trials, 40);
  EXPECT_EQ(equal.blocks, 12);
  EXPECT_EQ(equal.group, "");
  const SelfcheckReruns delayed = cut_reruns(tables, bank, 12, 0.02, "[0,16)", 40);
  EXPECT_EQ(delayed.regressions.count, 40);
  EXPECT_EQ(delayed.right_group.count, 40);
  EXPECT_EQ(delayed.dirty.count, 0);
}

TEST(RerunSpeed, EqualArmsAreSeldomCalledARegression) {
  constexpr int kTrials = 2000;
  int wrong = 0;
  for (int i = 0; i < kTrials; ++i) {
    const auto seed = static_cast<std::uint64_t>(1000 + i);
    if (!with(judge(blocks_of({}, 0.01, 8, seed)), Outcome::kRegression).empty()) ++wrong;
  }
  EXPECT_LE(wrong, 0.003 * kTrials);
  RecordProperty("false_regressions", std::to_string(wrong));
}

}  // namespace
}  // namespace fusesweep
