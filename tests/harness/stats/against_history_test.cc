#include "harness/stats/against_history.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

using Runs = std::vector<MeasuredRatio>;

// The recorded case that this project began with: one split led by 2.7 % in one run and trailed by 3.5 %
// in another.
TEST(AgainstHistory, AHistoryThatContradictsItselfNamesNoWinner) {
  const Runs then = {{.log_ratio = -std::log(1.027)}, {.log_ratio = std::log(1.035)}};
  for (const double now : {-0.027, 0.0, 0.035, 0.1}) {
    const auto interval = interval_against({.log_ratio = now}, then, 0.95);
    ASSERT_TRUE(interval);
    EXPECT_TRUE(contains(*interval, 0)) << now;
    EXPECT_GT(interval->high - interval->low, 0.9);  // two runs say next to nothing
  }
  // However precise the new run says that it is.
  const MeasuredRatio precise{.log_ratio = 0.03, .standard_error = 1e-4, .degrees_of_freedom = 100};
  EXPECT_TRUE(contains(*interval_against(precise, then, 0.95), 0));
}

TEST(AgainstHistory, ASingleNumberOnBothSidesIsNoInterval) {
  const Runs one = {{.log_ratio = 0.01}};
  EXPECT_EQ(interval_against({.log_ratio = 0.05}, one, 0.95), std::nullopt);
  EXPECT_NEAR(change_against({.log_ratio = 0.05}, one), 0.04, 1e-12);
  const MeasuredRatio now{.log_ratio = 0.05, .standard_error = 0.001, .degrees_of_freedom = 20};
  EXPECT_EQ(interval_against(now, one, 0.95), std::nullopt);
}

TEST(AgainstHistory, RunsWithErrorsOfTheirOwnAddThemUp) {
  const MeasuredRatio run{.log_ratio = 0.01, .standard_error = 0.003, .degrees_of_freedom = 20};
  const MeasuredRatio now{.log_ratio = 0.05, .standard_error = 0.004, .degrees_of_freedom = 20};
  const auto interval = interval_against(now, Runs{run}, 0.95);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->high - 0.04, 0.005 * t_half_width(0.95, 20), 1e-12);
  EXPECT_NEAR(0.04 - interval->low, 0.005 * t_half_width(0.95, 20), 1e-12);
}

TEST(AgainstHistory, RunsThatLieApartWidenIt) {
  const auto run = [](double log_ratio) {
    return MeasuredRatio{.log_ratio = log_ratio, .standard_error = 0.001, .degrees_of_freedom = 20};
  };
  const auto width = [&](const Runs& then) {
    const Interval interval = *interval_against(run(0), then, 0.95);
    return interval.high - interval.low;
  };
  EXPECT_GT(width({run(-0.02), run(0.02), run(0)}), 10 * width({run(0), run(0), run(0)}));
}

TEST(AgainstHistory, CoversNoChangeAsOftenAsItSaysWhenRatiosWanderFromRunToRun) {
  constexpr int kTrials = 4000;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  int covered = 0;
  for (int i = 0; i < kTrials; ++i) {
    const auto run = [&] {
      return MeasuredRatio{.log_ratio = 0.02 * normal(random) + 0.002 * normal(random),
                           .standard_error = 0.002,
                           .degrees_of_freedom = 100};
    };
    const Runs then = {run(), run(), run(), run(), run()};
    if (contains(*interval_against(run(), then, 0.95), 0)) ++covered;
  }
  EXPECT_GE(covered, 0.935 * kTrials);
  EXPECT_LE(covered, 0.965 * kTrials);
}

}  // namespace
}  // namespace fusesweep
