// How often the statistics err, on trials whose truth is known. Bounds are asserted; the figures stand in
// harness/docs/MEASURING.md and come out as properties of these tests (--gtest_output=xml:FILE).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "harness/stats/distributions.h"
#include "harness/stats/grouped_fit.h"
#include "harness/stats/residual_figures.h"
#include "harness/stats/stein.h"
#include "harness/stats/trial_verdict.h"
#include "tests/harness/stats/simulated_trial.h"

namespace fusesweep {
namespace {

using Levels = std::vector<double>;
using Outcome = ComparisonOutcome;

const Levels kAllTheSame = {0, 0, 0, 0};  // control, twin, two candidates
// What TrialNoiseModel and TrialShape come to: medians of 8 tokens have 0.9 % by themselves, a cell of 48
// tokens against their rounds 0.29 %.
const double kRoundSd = std::hypot(0.003, 0.009);
const double kCellSd = std::hypot(0.007, 0.0029);
const VerdictRules kRules{.power = std::nullopt};  // which costs a fifth of a millisecond

class SimulatedTrialsTest : public testing::Test {
 protected:
  void record(const std::string& name, int count, int of) {
    RecordProperty(name, fmt::format("{:.2f} %", 100.0 * count / of));
  }
};

bool is_ranked(const Comparison& comparison) {
  return comparison.outcome == Outcome::kFaster || comparison.outcome == Outcome::kSlower;
}

Interval interval_of(const TwoWayFit& fit, std::size_t arm, double level) {
  return GroupedFit(fit, ControlLevel::kWithItsTwin).interval(arm, kControlArm, level);
}

bool covers(const TwoWayFit& fit, double truth) {
  return contains(interval_of(fit, 2, 0.95), truth);
}

bool has_ranked(const TrialVerdict& verdict) {
  return std::any_of(verdict.candidates.begin(), verdict.candidates.end(), is_ranked);
}

TEST_F(SimulatedTrialsTest, CellsHaveTheSpreadThatTheDirectOnesAreGiven) {
  SimulatedTrials trials(1);
  const TwoWayFit fit = fit_two_way(trials.trial(kAllTheSame, {.blocks = 4000}, {}));
  EXPECT_NEAR(std::sqrt(fit.error->variance), kCellSd, 0.02 * kCellSd);
  RecordProperty("cell_sd", fmt::format("{:.3f} %", 100 * std::sqrt(fit.error->variance)));
}

TEST_F(SimulatedTrialsTest, IntervalsCoverTheTruthAsOftenAsTheySay) {
  constexpr int kTrials = 5000;
  const Levels levels = {0, 0, -0.02, 0.05};
  for (const std::size_t blocks : {6U, 10U, 30U}) {
    SimulatedTrials trials(blocks);
    int covered = 0;
    for (int i = 0; i < kTrials; ++i) {
      const TwoWayFit fit = fit_two_way(trials.trial(levels, {.blocks = blocks}, {}));
      if (covers(fit, levels[2])) ++covered;
    }
    EXPECT_GE(covered, 0.93 * kTrials) << blocks;
    EXPECT_LE(covered, 0.97 * kTrials) << blocks;
    record(fmt::format("coverage_{}_blocks", blocks), covered, kTrials);
  }
}

TEST_F(SimulatedTrialsTest, RoundsOfOneProcessAreNoReplicates) {
  constexpr int kTrials = 2000;
  SimulatedTrials trials(2);
  int covered = 0;
  for (int i = 0; i < kTrials; ++i) {
    // The paired t interval of ten rounds of one process for each arm.
    const double processes = 0.007 * (trials.normal() - trials.normal());
    std::vector<BlockCells> rounds(10, BlockCells{0, processes});
    for (BlockCells& cells : rounds) {
      for (auto& cell : cells) *cell += kRoundSd * trials.normal();
    }
    if (contains(*log_ratio_interval(fit_two_way(rounds), 1, 0, 0.95), 0)) ++covered;
  }
  EXPECT_LT(covered, 0.7 * kTrials);
  record("coverage_of_rounds", covered, kTrials);
}

TEST_F(SimulatedTrialsTest, EqualArmsAreSeldomCalledFasterOrSlower) {
  constexpr int kTrials = 20000;
  SimulatedTrials trials(3);
  int ranked = 0;
  int dirty = 0;
  for (int i = 0; i < kTrials; ++i) {
    const TrialVerdict verdict =
        judge_trial(fit_two_way(trials.trial(kAllTheSame, {}, {})), {}, kRules);
    if (has_ranked(verdict)) ++ranked;
    if (!verdict.dirt.empty()) ++dirty;
  }
  EXPECT_LE(ranked, 0.002 * kTrials);
  EXPECT_LE(dirty, 0.002 * kTrials);
  record("false_verdicts", ranked, kTrials);
  record("dirty", dirty, kTrials);
}

TEST_F(SimulatedTrialsTest, TwoStagesKeepTheirLevelsWhenNoiseHalvesOrDoubles) {
  constexpr int kTrials = 10000;
  const struct {
    const char* name;
    double later;  // noise after the pilot, against the pilot's
    double least_coverage;
  } rows[] = {{"steady", 1, 0.93}, {"halves", 0.5, 0.93}, {"doubles", 2, 0.925}};
  for (const auto& row : rows) {
    SimulatedTrials trials(4);
    int covered = 0;
    int covered_by_pilot = 0;
    int covered_by_all = 0;
    int ranked = 0;
    int ranked_by_pilot = 0;
    double blocks = 0;
    for (int i = 0; i < kTrials; ++i) {
      const double cell_sd = 0.009 + 0.001 * (i % 6);
      std::vector<BlockCells> table;
      trials.add_blocks(table, 6, kAllTheSame, cell_sd);
      const auto plan = plan_blocks(fit_two_way(table), {.max_blocks = 40});
      trials.add_blocks(table, static_cast<std::size_t>(plan->blocks - 6), kAllTheSame,
                        row.later * cell_sd);
      const TwoWayFit fit = fit_two_stages(table, 6, *plan);
      TwoWayFit by_all = fit;
      by_all.pilot_error.reset();
      TwoWayFit by_pilot = by_all;
      by_pilot.error = fit.pilot_error.value_or(*fit.error);
      if (covers(fit, 0)) ++covered;
      if (covers(by_pilot, 0)) ++covered_by_pilot;
      if (covers(by_all, 0)) ++covered_by_all;
      if (has_ranked(judge_trial(fit, {}, kRules))) ++ranked;
      if (has_ranked(judge_trial(by_pilot, {}, kRules))) ++ranked_by_pilot;
      blocks += static_cast<double>(table.size()) / kTrials;
    }
    EXPECT_GE(covered, row.least_coverage * kTrials) << row.name;
    EXPECT_LE(covered, 0.975 * kTrials) << row.name;
    EXPECT_LE(ranked, 0.002 * kTrials) << row.name;
    record(fmt::format("coverage_{}", row.name), covered, kTrials);
    record(fmt::format("coverage_{}_by_pilot", row.name), covered_by_pilot, kTrials);
    record(fmt::format("coverage_{}_by_all", row.name), covered_by_all, kTrials);
    record(fmt::format("false_verdicts_{}", row.name), ranked, kTrials);
    record(fmt::format("false_verdicts_{}_by_pilot", row.name), ranked_by_pilot, kTrials);
    RecordProperty(fmt::format("blocks_{}", row.name), fmt::format("{:.1f}", blocks));
  }
}

// The budget is what ends most trials of a noisy machine. Some are ended by the precision all the same.
TEST_F(SimulatedTrialsTest, TrialsThatTheBudgetEndsKeepTheirLevelsWithAllBlocksVariance) {
  constexpr int kTrials = 10000;
  for (const int most : {7, 12, 20}) {
    SimulatedTrials trials(13);
    int covered = 0;
    int ranked = 0;
    int cut_short = 0;
    double narrower = 0;
    for (int i = 0; i < kTrials; ++i) {
      std::vector<BlockCells> table;
      const double cell_sd = 0.01 + 0.002 * (i % 6);
      trials.add_blocks(table, 6, kAllTheSame, cell_sd);
      const auto plan = plan_blocks(fit_two_way(table), {.max_blocks = most});
      trials.add_blocks(table, static_cast<std::size_t>(plan->blocks - 6), kAllTheSame, cell_sd);
      const TwoWayFit fit = fit_two_stages(table, 6, *plan);
      if (covers(fit, 0)) ++covered;
      if (has_ranked(judge_trial(fit, {}, kRules))) ++ranked;
      if (plan->is_short()) ++cut_short;
      TwoWayFit wider = fit;
      wider.pilot_error = fit_two_way(std::span(table).first(6)).error;
      narrower += *half_width(fit, 0.999) / *half_width(wider, 0.999) / kTrials;
    }
    EXPECT_GE(covered, 0.94 * kTrials) << most;
    EXPECT_LE(covered, 0.96 * kTrials) << most;
    EXPECT_LE(ranked, 0.002 * kTrials) << most;
    record(fmt::format("coverage_{}_blocks_at_most", most), covered, kTrials);
    record(fmt::format("false_verdicts_{}_blocks_at_most", most), ranked, kTrials);
    record(fmt::format("cut_short_{}", most), cut_short, kTrials);
    RecordProperty(fmt::format("width_{}", most), fmt::format("{:.3f}", narrower));
  }
}

// What the model does not hold of: cells that stand far out, and arms of different noise.
TEST_F(SimulatedTrialsTest, CellsThatStandFarOutWidenIntervalsRatherThanFakeVerdicts) {
  constexpr int kTrials = 20000;
  SimulatedTrials trials(11);
  int covered = 0;
  int ranked = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<BlockCells> table;
    trials.add_blocks(table, 10, kAllTheSame, kCellSd);
    for (BlockCells& cells : table) {
      for (auto& cell : cells) *cell += std::abs(trials.normal()) > 1.96 ? 0.05 : 0;  // one in 20
    }
    const TwoWayFit fit = fit_two_way(table);
    if (covers(fit, 0)) ++covered;
    if (has_ranked(judge_trial(fit, {}, kRules))) ++ranked;
  }
  EXPECT_GE(covered, 0.93 * kTrials);
  EXPECT_LE(ranked, 0.002 * kTrials);
  record("coverage", covered, kTrials);
  record("false_verdicts", ranked, kTrials);
}

TEST_F(SimulatedTrialsTest, AnArmTwiceAsNoisyAsTheOthersIsTheKnownWeakness) {
  constexpr int kTrials = 20000;
  SimulatedTrials trials(12);
  int covered = 0;
  int ranked = 0;
  double noisy_share = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<BlockCells> table;
    trials.add_blocks(table, 10, kAllTheSame, kCellSd);
    for (BlockCells& cells : table) *cells[2] += std::sqrt(3.0) * kCellSd * trials.normal();
    const TwoWayFit fit = fit_two_way(table);
    if (covers(fit, 0)) ++covered;
    if (has_ranked(judge_trial(fit, {}, kRules))) ++ranked;
    const std::vector<double> arm_sd = residual_figures(fit).arm_sd;
    noisy_share += arm_sd[2] / arm_sd[0] / kTrials;
  }
  EXPECT_GE(covered, 0.85 * kTrials);
  EXPECT_LE(ranked, 0.01 * kTrials);
  EXPECT_GT(noisy_share, 1.4);
  record("coverage", covered, kTrials);
  record("false_verdicts", ranked, kTrials);
  RecordProperty("its_sd_against_another", fmt::format("{:.2f}", noisy_share));
}

TEST_F(SimulatedTrialsTest, ADriftOfThreePercentMovesNoVerdict) {
  constexpr int kTrials = 3000;
  const Levels levels = {0, 0, 0, -0.03};
  SimulatedTrials still(5);
  SimulatedTrials drifting(5);  // the same noise
  TrialNoiseModel drift;
  drift.drift = 0.03;
  int moved = 0;
  int ranked = 0;
  double shift = 0;
  for (int i = 0; i < kTrials; ++i) {
    const TwoWayFit before = fit_two_way(still.trial(levels, {}, {}));
    const TwoWayFit after = fit_two_way(drifting.trial(levels, {}, drift));
    const TrialVerdict was = judge_trial(before, {}, kRules);
    const TrialVerdict is = judge_trial(after, {}, kRules);
    const bool has_flipped = is_ranked(was.candidates[1]) && is_ranked(is.candidates[1]) &&
                             was.candidates[1].outcome != is.candidates[1].outcome;
    EXPECT_FALSE(has_flipped);
    if (was.candidates[0].outcome != is.candidates[0].outcome) ++moved;
    if (is_ranked(is.candidates[0])) ++ranked;
    shift += (log_ratio(after, 2, 0) - log_ratio(before, 2, 0)) / kTrials;
  }
  EXPECT_LE(moved, 0.02 * kTrials);  // those that stood at a limit
  EXPECT_LE(ranked, 0.002 * kTrials);
  EXPECT_NEAR(shift, 0, 5e-5);
  record("verdicts_that_moved", moved, kTrials);
  record("false_verdicts", ranked, kTrials);
  RecordProperty("mean_shift", fmt::format("{:.4f} %", 100 * shift));
}

TEST_F(SimulatedTrialsTest, TheSameDriftOverArmsMeasuredOneAfterTheOtherMovesNearlyAll) {
  constexpr int kTrials = 1000;
  SimulatedTrials trials(6);
  int ranked = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<BlockCells> table;
    trials.add_blocks(table, 20, {0, 0.03 / 4, 0.03 / 2, 0.03 * 3 / 4}, kCellSd);
    if (!contains(interval_of(fit_two_way(table), 3, 0.9995), 0)) ++ranked;
  }
  EXPECT_GT(ranked, 0.9 * kTrials);
  record("false_verdicts", ranked, kTrials);
}

TEST_F(SimulatedTrialsTest, ADifferenceAtTheMarginIsSeldomCalledEquivalent) {
  constexpr int kTrials = 20000;
  SimulatedTrials trials(7);
  int equivalent = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<BlockCells> table;
    trials.add_blocks(table, 20, {0, 0, std::log(1.01)}, kCellSd);
    const TrialVerdict verdict = judge_trial(fit_two_way(table), {}, kRules);
    if (verdict.candidates[0].outcome == Outcome::kEquivalent) ++equivalent;
  }
  EXPECT_LE(equivalent, 0.03 * kTrials);
  record("called_equivalent", equivalent, kTrials);
}

TEST_F(SimulatedTrialsTest, TheTieSetHoldsTheFastestArm) {
  constexpr int kTrials = 20000;
  SimulatedTrials trials(8);
  int held = 0;
  double size = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<BlockCells> table;
    trials.add_blocks(table, 6, {0, 0, 0, 0, 0}, kCellSd);  // the hardest case: all are
    const TwoWayFit fit = fit_two_way(table);
    const auto ties = tie_set(GroupedFit(fit, ControlLevel::kOfOneArm),
                              std::vector<std::size_t>{0, 1, 2, 3, 4}, 0.999);
    if (std::count(ties->arms.begin(), ties->arms.end(), 2U) > 0) ++held;
    size += static_cast<double>(ties->arms.size()) / kTrials;
  }
  EXPECT_GE(held, 0.999 * kTrials);
  record("held", held, kTrials);
  RecordProperty("mean_size_of_5", fmt::format("{:.3f}", size));
}

TEST_F(SimulatedTrialsTest, TheSmallestDetectableDifferenceIsDetectedAsOftenAsItsPowerSays) {
  constexpr int kTrials = 5000;
  for (const std::size_t blocks : {6U, 20U}) {
    const auto freedom = static_cast<int>(2 * (blocks - 1));
    const double effect = *detectable_standard_errors(t_half_width(0.999, freedom), 0.95, freedom) *
                          kCellSd * std::sqrt(kArmAgainstTwo / static_cast<double>(blocks));
    SimulatedTrials trials(9);
    int found = 0;
    for (int i = 0; i < kTrials; ++i) {
      std::vector<BlockCells> table;
      trials.add_blocks(table, blocks, {0, 0, -effect}, kCellSd);
      if (interval_of(fit_two_way(table), 2, 0.999).high < 0) ++found;
    }
    EXPECT_NEAR(found, 0.95 * kTrials, 0.01 * kTrials);
    record(fmt::format("found_with_{}_blocks", blocks), found, kTrials);
  }
}

TEST_F(SimulatedTrialsTest, PowerGrowsWithTheDifference) {
  constexpr int kTrials = 2000;
  for (const std::size_t blocks : {6U, 10U, 20U, 30U}) {
    int least_found = 0;
    for (const double effect : {0.0, 0.005, 0.01, 0.02, 0.03}) {
      SimulatedTrials trials(10);
      int found = 0;
      int equivalent = 0;
      for (int i = 0; i < kTrials; ++i) {
        std::vector<BlockCells> table;
        trials.add_blocks(table, blocks, {0, 0, 0, -effect}, kCellSd);
        const Comparison candidate = judge_trial(fit_two_way(table), {}, kRules).candidates[1];
        if (candidate.outcome == Outcome::kFaster) ++found;
        if (candidate.outcome == Outcome::kEquivalent) ++equivalent;
      }
      EXPECT_GE(found, least_found);
      least_found = found;
      const std::string name = fmt::format("{}_blocks_{:.1f}_percent", blocks, 100 * effect);
      record(name + "_faster", found, kTrials);
      record(name + "_equivalent", equivalent, kTrials);
    }
  }
}

}  // namespace
}  // namespace fusesweep
