#include "harness/stats/stein.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

using Table = std::vector<BlockCells>;

// A variance of exactly `sd` squared, with 10 degrees of freedom: arms -sd, 0, +sd about the block's
// level in turns, scaled for what the means take up.
Table table_of(std::size_t blocks, double sd) {
  const double step = sd * std::sqrt(10.0 / 12.0);
  Table table;
  for (std::size_t block = 0; block < blocks; ++block) {
    const double sign = block % 2 == 0 ? step : -step;
    table.push_back({18.0 + sign, 18.0 - sign, 18.0});
  }
  return table;
}

TEST(Stein, TheNumberOfBlocksIsThatOfTheFormula) {
  const TwoWayFit pilot = fit_two_way(table_of(6, 0.01));
  ASSERT_NEAR(std::sqrt(pilot.error->variance), 0.01, 1e-12);
  ASSERT_EQ(pilot.error->degrees_of_freedom, 10);
  const auto plan = plan_blocks(pilot, {.half_width_rel = 0.01, .level = 0.95, .max_blocks = 100});
  ASSERT_TRUE(plan);
  // 1.5 (0.01 x 2.228139 / log 1.01)^2 = 7.52
  EXPECT_EQ(plan->wanted, 8);
  EXPECT_EQ(plan->blocks, 8);
  EXPECT_NEAR(plan->half_width_rel, std::expm1(0.02228139 * std::sqrt(1.5 / 8)), 1e-8);
}

TEST(Stein, TheBudgetCapsTheNumberAndThePilotStaysInIt) {
  const TwoWayFit pilot = fit_two_way(table_of(6, 0.01));
  const struct {
    const char* name;
    double half_width_rel;
    int max_blocks;
    int wanted;
    int blocks;
  } rows[] = {
      {"as wanted", 0.01, 11, 8, 8},       {"capped", 0.01, 7, 8, 7},
      {"no room", 0.01, 0, 8, 6},          {"precise already", 0.05, 100, 6, 6},
      {"hopeless", 1e-9, 50, 1000000, 50},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto plan = plan_blocks(
        pilot, {.half_width_rel = row.half_width_rel, .level = 0.95, .max_blocks = row.max_blocks});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->wanted, row.wanted);
    EXPECT_EQ(plan->blocks, row.blocks);
  }
}

TEST(Stein, ThereIsNoPlanWithoutASpread) {
  EXPECT_EQ(plan_blocks(fit_two_way(Table{{1, 2}}), {}), std::nullopt);
  EXPECT_EQ(plan_blocks(fit_two_way(Table{{1, 2}, {1, 2}}), {}), std::nullopt);
}

TEST(Stein, IntervalsAreTheWiderOfThePilotsAndOfAllBlocks) {
  const TwoWayFit pilot = fit_two_way(table_of(6, 0.01));
  Table quiet_later = table_of(6, 0.01);
  Table noisy_later = quiet_later;
  for (const BlockCells& cells : table_of(6, 0.001)) quiet_later.push_back(cells);
  for (const BlockCells& cells : table_of(6, 0.05)) noisy_later.push_back(cells);

  const TwoWayFit quiet = fit_two_stages(quiet_later, 6, {});
  EXPECT_EQ(quiet.pilot_error, pilot.error);
  EXPECT_DOUBLE_EQ(*half_width(quiet, 0.95),
                   t_half_width(0.95, 10) * std::sqrt(2 * pilot.error->variance / 12));
  const TwoWayFit noisy = fit_two_stages(noisy_later, 6, {});
  EXPECT_EQ(*half_width(noisy, 0.95), *half_width(fit_two_way(noisy_later), 0.95));
  EXPECT_GT(*half_width(noisy, 0.95), *half_width(quiet, 0.95));
}

TEST(Stein, APilotThatIsTheWholeTrialIsOneStage) {
  const TwoWayFit fit = fit_two_stages(table_of(6, 0.01), 6, {});
  EXPECT_EQ(fit.pilot_error, std::nullopt);
  EXPECT_EQ(fit.error, fit_two_way(table_of(6, 0.01)).error);
}

}  // namespace
}  // namespace fusesweep
