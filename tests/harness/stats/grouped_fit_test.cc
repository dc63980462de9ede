#include "harness/stats/grouped_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "harness/stats/trial_verdict.h"
#include "tests/harness/stats/simulated_trial.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

using Levels = std::vector<double>;

TwoWayFit fit_of(SimulatedTrials& trials, const Levels& levels, std::size_t blocks, double sd) {
  std::vector<BlockCells> table;
  trials.add_blocks(table, blocks, levels, sd);
  return fit_two_way(table);
}

TEST(GroupedFit, OneGroupIsTheFitItself) {
  SimulatedTrials trials(1);
  const TwoWayFit fit = fit_of(trials, {0, 0, 0.02, -0.01}, 8, 0.01);
  const GroupedFit grouped(fit, ControlLevel::kOfOneArm);
  EXPECT_EQ(grouped.arms(), 4U);
  EXPECT_EQ(grouped.log_ratio(3, 2), log_ratio(fit, 3, 2));
  EXPECT_EQ(grouped.interval(3, 2, 0.95), *log_ratio_interval(fit, 3, 2, 0.95));
}

TEST(GroupedFit, ArmsOfDifferentGroupsAreComparedThroughTheControl) {
  SimulatedTrials trials(2);
  // The second group was measured while everything took 10 % longer.
  const std::vector<TwoWayFit> fits = {fit_of(trials, {0, 0, 0.05}, 10, 1e-6),
                                       fit_of(trials, {0.1, 0.1, 0.12, 0.07}, 10, 1e-6)};
  const GroupedFit grouped(fits, ControlLevel::kOfOneArm);
  ASSERT_EQ(grouped.arms(), 5U);
  EXPECT_NEAR(grouped.log_ratio(3, 0), 0.02, 1e-5);
  EXPECT_NEAR(grouped.log_ratio(3, 2), -0.03, 1e-5);
  EXPECT_NEAR(grouped.log_ratio(4, 3), -0.05, 1e-5);
  EXPECT_NEAR(grouped.log_ratio(2, 4), 0.08, 1e-5);
}

TEST(GroupedFit, AControlWithItsTwinIsTheMeanOfBothAndHasLessVariance) {
  SimulatedTrials trials(7);
  const TwoWayFit fit = fit_of(trials, {0, 0.04, 0.1, 0.2}, 10, 0.01);
  const GroupedFit one(fit, ControlLevel::kOfOneArm);
  const GroupedFit two(fit, ControlLevel::kWithItsTwin);
  EXPECT_NEAR(two.log_ratio(2, 0), (log_ratio(fit, 2, 0) + log_ratio(fit, 2, 1)) / 2, 1e-12);
  EXPECT_NEAR(two.log_ratio(0, 2), -two.log_ratio(2, 0), 1e-12);
  EXPECT_EQ(two.log_ratio(3, 2), one.log_ratio(3, 2));
  const auto width = [](const Interval& interval) { return interval.high - interval.low; };
  EXPECT_NEAR(width(two.interval(2, 0, 0.95)), std::sqrt(0.75) * width(one.interval(2, 0, 0.95)),
              1e-12);
  EXPECT_NEAR(width(two.interval(3, 2, 0.95)), width(one.interval(3, 2, 0.95)), 1e-12);
}

TEST(GroupedFit, IntervalsAcrossGroupsCoverTheTruthAndAreWider) {
  constexpr int kTrials = 4000;
  SimulatedTrials trials(3);
  int covered = 0;
  double wider = 0;
  for (int i = 0; i < kTrials; ++i) {
    const std::vector<TwoWayFit> fits = {fit_of(trials, {0, 0, 0.02}, 6, 0.008),
                                         fit_of(trials, {0, 0, -0.01, 0}, 12, 0.012)};
    const GroupedFit grouped(fits, ControlLevel::kWithItsTwin);
    const Interval across = grouped.interval(2, 3, 0.95);
    const Interval within = grouped.interval(4, 3, 0.95);
    wider += (across.high - across.low) / (within.high - within.low) / kTrials;
    if (contains(across, 0.03)) ++covered;
  }
  EXPECT_GT(wider, 1.2);
  EXPECT_GE(covered, 0.94 * kTrials);
  EXPECT_LE(covered, 0.98 * kTrials);  // two t of few degrees are a little too wide together
}

TEST(GroupedFit, ATrialInGroupsRanksAllCandidatesTogether) {
  SimulatedTrials trials(4);
  const std::vector<TwoWayFit> fits = {fit_of(trials, {0, 0, 0.03, -0.05}, 12, 0.002),
                                       fit_of(trials, {0.2, 0.2, 0.15, 0.2}, 12, 0.002)};
  const TrialVerdict verdict = judge_groups(fits, {});
  ASSERT_THAT(verdict.candidates, SizeIs(4));
  const auto outcome = [&](std::size_t i) { return verdict.candidates[i].outcome; };
  EXPECT_EQ(outcome(0), ComparisonOutcome::kSlower);
  EXPECT_EQ(outcome(1), ComparisonOutcome::kFaster);
  EXPECT_EQ(outcome(2), ComparisonOutcome::kFaster);
  EXPECT_EQ(outcome(3), ComparisonOutcome::kEquivalent);
  ASSERT_TRUE(verdict.ties);
  EXPECT_THAT(verdict.ties->arms, ElementsAre(3, 4));  // -5 % each, in groups of their own
}

TEST(GroupedFit, ATwinThatDiffersInAnyGroupMakesTheTrialDirty) {
  SimulatedTrials trials(5);
  const std::vector<TwoWayFit> fits = {fit_of(trials, {0, 0, 0.03}, 12, 0.002),
                                       fit_of(trials, {0, 0.04, 0.01}, 12, 0.002)};
  const TrialVerdict verdict = judge_groups(fits, {});
  ASSERT_THAT(verdict.dirt, SizeIs(1));
  EXPECT_NEAR(verdict.dirt.front().found_rel, std::expm1(0.04), 0.005);
  EXPECT_FALSE(verdict.ties);
  EXPECT_EQ(verdict.candidates.front().outcome, ComparisonOutcome::kDirty);
}

TEST(GroupedFit, AGroupWithTooFewBlocksLeavesAllWithoutAVerdict) {
  SimulatedTrials trials(6);
  const std::vector<TwoWayFit> fits = {fit_of(trials, {0, 0, 0.03}, 12, 0.002),
                                       fit_of(trials, {0, 0, 0.01}, 3, 0.002)};
  const TrialVerdict verdict = judge_groups(fits, {});
  EXPECT_FALSE(verdict.ties);
  for (const Comparison& comparison : verdict.candidates)
    EXPECT_EQ(comparison.outcome, ComparisonOutcome::kNotEnoughData);
}

}  // namespace
}  // namespace fusesweep
