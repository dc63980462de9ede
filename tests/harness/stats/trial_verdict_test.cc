#include "harness/stats/trial_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = ComparisonOutcome;

using Table = std::vector<BlockCells>;

// Blocks of exactly these log levels of the arms, with noise of about this sd that no mean sees.
// REQUIRES: an even number of blocks.
Table table_of(const std::vector<double>& levels, double sd, std::size_t blocks = 6) {
  Table table;
  for (std::size_t block = 0; block < blocks; ++block) {
    BlockCells cells;
    for (std::size_t arm = 0; arm < levels.size(); ++arm)
      cells.push_back(18 + 0.01 * static_cast<double>(block) + levels[arm] +
                      ((block + arm) % 2 == 0 ? sd : -sd));
    table.push_back(cells);
  }
  return table;
}

Outcome outcome_at(double log_ratio_of_candidate, double sd, std::size_t blocks = 6) {
  const TwoWayFit fit = fit_two_way(table_of({0, 0, log_ratio_of_candidate}, sd, blocks));
  return judge_trial(fit, {}).candidates.at(0).outcome;
}

TEST(TrialVerdict, FollowsTheIntervals) {
  const struct {
    const char* name;
    double log_ratio;
    double sd;
    std::size_t blocks;
    Outcome want;
  } rows[] = {
      {"far below", -0.05, 0.005, 6, Outcome::kFaster},
      {"far above", 0.05, 0.005, 6, Outcome::kSlower},
      {"near, and known well", 0.003, 0.003, 6, Outcome::kEquivalent},
      {"near, and known badly", 0.003, 0.02, 6, Outcome::kInconclusive},
      {"beyond the margin, not beyond doubt", 0.012, 0.006, 6, Outcome::kInconclusive},
      {"faster goes before equivalent", -0.002, 0.0002, 6, Outcome::kFaster},
      {"four blocks are too few", -0.05, 0.005, 4, Outcome::kNotEnoughData},
      {"no spread", -0.05, 0, 6, Outcome::kNotEnoughData},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(outcome_at(row.log_ratio, row.sd, row.blocks), row.want);
  }
}

TEST(TrialVerdict, TurnsExactlyWhereTheIntervalLeavesZero) {
  const double reach = *half_width(fit_two_way(table_of({0, 0, 0}, 0.005)), 0.999, kArmAgainstTwo);
  EXPECT_EQ(outcome_at(-1.001 * reach, 0.005), Outcome::kFaster);
  EXPECT_EQ(outcome_at(-0.999 * reach, 0.005), Outcome::kInconclusive);
}

TEST(TrialVerdict, TheMarginIsTheSameBothWays) {
  const double reach = *half_width(fit_two_way(table_of({0, 0, 0}, 0.003)), 0.95, kArmAgainstTwo);
  const double furthest = std::log(1.01) - reach;
  for (const double sign : {-1.0, 1.0}) {
    EXPECT_EQ(outcome_at(sign * (furthest - 1e-6), 0.003), Outcome::kEquivalent);
    EXPECT_EQ(outcome_at(sign * (furthest + 1e-6), 0.003), Outcome::kInconclusive);
  }
}

TEST(TrialVerdict, SaysSizeAndIntervalsAsSharesOfTheControlsTime) {
  const TwoWayFit fit = fit_two_way(table_of({0, 0, std::log(0.9), 0}, 0.005));
  const TrialVerdict verdict = judge_trial(fit, {});
  const Comparison& candidate = verdict.candidates.at(0);
  EXPECT_EQ(candidate.arm, 2U);
  EXPECT_NEAR(*candidate.size_rel, -0.1, 1e-9);
  const double wide = *half_width(fit, 0.9995, kArmAgainstTwo);  // 99.9 % for two candidates
  EXPECT_NEAR(candidate.interval_rel->low, 0.9 * std::exp(-wide) - 1, 1e-9);
  EXPECT_NEAR(candidate.interval_rel->high, 0.9 * std::exp(wide) - 1, 1e-9);
  EXPECT_NEAR(candidate.equivalence_interval_rel->high,
              0.9 * std::exp(*half_width(fit, 0.95, kArmAgainstTwo)) - 1, 1e-9);
  EXPECT_EQ(verdict.ties, (TieSet{2, {2}}));
}

TEST(TrialVerdict, FewBlocksStillHaveASizeAndIntervalsWhereThereAreTwo) {
  const TrialVerdict two = judge_trial(fit_two_way(table_of({0, 0, 0.02}, 0.005, 2)), {});
  EXPECT_NEAR(*two.candidates.at(0).size_rel, std::expm1(0.02), 1e-9);
  EXPECT_TRUE(two.candidates.at(0).interval_rel);
  EXPECT_TRUE(two.smallest_detectable_rel);
  EXPECT_EQ(two.ties, std::nullopt);
  const TrialVerdict one = judge_trial(fit_two_way(Table{{18, 18, 18.5}}), {});
  EXPECT_TRUE(one.candidates.at(0).size_rel);
  EXPECT_EQ(one.candidates.at(0).interval_rel, std::nullopt);
  EXPECT_EQ(one.smallest_detectable_rel, std::nullopt);
  EXPECT_THAT(judge_trial(fit_two_way({}), {}).candidates, IsEmpty());
}

TEST(TrialVerdict, ATwinThatDiffersMakesTheTrialDirtyAndNothingIsRanked) {
  const TrialVerdict verdict = judge_trial(fit_two_way(table_of({0, 0.03, -0.05}, 0.003)), {});
  ASSERT_THAT(verdict.dirt, SizeIs(1));
  EXPECT_EQ(verdict.dirt[0].kind, Dirt::Kind::kTwinDiffers);
  EXPECT_NEAR(verdict.dirt[0].found_rel, std::expm1(0.03), 1e-9);
  EXPECT_LT(verdict.dirt[0].limit_rel, 0.03);
  EXPECT_EQ(verdict.twin.outcome, Outcome::kSlower);
  EXPECT_EQ(verdict.candidates.at(0).outcome, Outcome::kDirty);
  EXPECT_TRUE(verdict.candidates.at(0).size_rel);
  EXPECT_EQ(verdict.ties, std::nullopt);
}

TEST(TrialVerdict, TimeThatWasTakenAwayMakesTheTrialDirtyAboveItsLimit) {
  const TwoWayFit fit = fit_two_way(table_of({0, 0, -0.05}, 0.003));
  const struct {
    const char* name;
    TrialNoise noise;
    std::vector<Dirt> want;
  } rows[] = {
      {"nobody tells", {}, {}},
      {"at the limit", {.steal_rel = 0.05, .throttled_rel = 0.02}, {}},
      {"steal", {.steal_rel = 0.06}, {{Dirt::Kind::kSteal, 0.06, 0.05}}},
      {"throttled", {.throttled_rel = 0.5}, {{Dirt::Kind::kThrottled, 0.5, 0.02}}},
      {"both",
       {.steal_rel = 0.06, .throttled_rel = 0.5},
       {{Dirt::Kind::kSteal, 0.06, 0.05}, {Dirt::Kind::kThrottled, 0.5, 0.02}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const TrialVerdict verdict = judge_trial(fit, row.noise);
    EXPECT_EQ(verdict.dirt, row.want);
    EXPECT_EQ(verdict.ties.has_value(), row.want.empty());
    EXPECT_EQ(verdict.candidates.at(0).outcome == Outcome::kDirty, !row.want.empty());
  }
}

TEST(TrialVerdict, ControlAndCandidatesTieInTheTablesOrderAndTheTwinIsNotAmongThem) {
  const TwoWayFit fit = fit_two_way(table_of({0, 0.0005, -0.001, 0.08, -0.002}, 0.004));
  const TrialVerdict verdict = judge_trial(fit, {});
  ASSERT_TRUE(verdict.ties);
  EXPECT_EQ(verdict.ties->best, 4U);
  EXPECT_THAT(verdict.ties->arms, ElementsAre(0, 2, 4));
}

TEST(TrialVerdict, ATrialWithoutCandidatesStillHasATwin) {
  const TrialVerdict verdict = judge_trial(fit_two_way(table_of({0, 0.0001}, 0.004)), {});
  EXPECT_THAT(verdict.candidates, IsEmpty());
  EXPECT_EQ(verdict.twin.outcome, Outcome::kEquivalent);
  EXPECT_EQ(verdict.ties, (TieSet{0, {0}}));
}

TEST(TrialVerdict, SmallestDetectableDifferenceIsThatOfTheNoncentralT) {
  const TwoWayFit fit = fit_two_way(table_of({0, 0, 0}, 0.005));
  const double errors = *detectable_standard_errors(t_half_width(0.999, 10), 0.95, 10);
  EXPECT_NEAR(errors, 6.848872, 1e-5);
  EXPECT_NEAR(*judge_trial(fit, {}).smallest_detectable_rel,
              std::expm1(errors * standard_error(fit, *fit.error, kArmAgainstTwo)), 1e-12);
  EXPECT_EQ(judge_trial(fit, {}, {.power = std::nullopt}).smallest_detectable_rel, std::nullopt);
}

TEST(TrialVerdict, SaysInWordsWhatItMeans) {
  EXPECT_EQ(to_text(Outcome::kNotEnoughData), "not enough data");
  EXPECT_EQ(to_text({Dirt::Kind::kTwinDiffers, 0.031, 0.012}),
            "the control's twin differs by +3.10 %, want 0 within 1.20 %");
  EXPECT_EQ(to_text({Dirt::Kind::kSteal, 0.031, 0.02}),
            "3.10 % of the time was stolen, want at most 2.00 %");
}

}  // namespace
}  // namespace fusesweep
