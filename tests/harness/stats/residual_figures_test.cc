#include "harness/stats/residual_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace fusesweep {
namespace {

using Table = std::vector<BlockCells>;

constexpr double kNoiseSd = 0.005;

Table noisy_table(std::size_t blocks, std::size_t arms, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, kNoiseSd);
  Table table(blocks, BlockCells(arms));
  for (BlockCells& cells : table) {
    for (auto& cell : cells) cell = 18 + noise(random);
  }
  return table;
}

TEST(ResidualFigures, NameTheCellThatStandsOut) {
  Table table = noisy_table(8, 4, 1);
  *table[5][2] += 0.1;
  table.insert(table.begin(), BlockCells(4));  // left out, and counted in the places of the others
  const ResidualFigures figures = residual_figures(fit_two_way(table));
  ASSERT_TRUE(figures.furthest);
  EXPECT_EQ(figures.furthest->block, 6U);
  EXPECT_EQ(figures.furthest->arm, 2U);
  EXPECT_NEAR(figures.furthest->residual, 0.1 * 7 / 8 * 3 / 4, 0.01);
  EXPECT_LT(figures.furthest->probability, 1e-6);
}

TEST(ResidualFigures, ACellStandsOutByChanceAboutAsOftenAsItsProbabilitySays) {
  int below = 0;
  constexpr int kTrials = 4000;
  for (int i = 0; i < kTrials; ++i) {
    const TwoWayFit fit = fit_two_way(noisy_table(6, 4, static_cast<std::uint64_t>(i)));
    if (residual_figures(fit).furthest->probability < 0.05) ++below;
  }
  EXPECT_LT(below, 0.06 * kTrials);
  EXPECT_GT(below, 0.03 * kTrials);  // the bound is not far off
}

TEST(ResidualFigures, OfATableByHand) {
  // Residuals 0 0 0, 0 -1 1, 0 1 -1 with four degrees of freedom; block means 12, 13, 14.
  const ResidualFigures figures =
      residual_figures(fit_two_way(Table{{10, 12, 14}, {11, 12, 16}, {12, 15, 15}}));
  ASSERT_EQ(figures.arm_sd.size(), 3U);
  EXPECT_NEAR(figures.arm_sd[0], 0, 1e-7);
  EXPECT_NEAR(figures.arm_sd[1], std::sqrt(2.0 * 3 / 4), 1e-9);
  EXPECT_NEAR(*figures.block_sd, 1, 1e-12);
  EXPECT_NEAR(*figures.drift_rel, std::expm1(2.0), 1e-9);
}

TEST(ResidualFigures, TellANoisyArmAndADrift) {
  Table table = noisy_table(30, 4, 2);
  for (std::size_t block = 0; block < table.size(); ++block) {
    *table[block][3] += block % 2 == 0 ? 0.03 : -0.03;
    for (auto& cell : table[block]) *cell += 0.05 * static_cast<double>(block) / 29;
  }
  const ResidualFigures figures = residual_figures(fit_two_way(table));
  EXPECT_GT(figures.arm_sd[3], 2 * figures.arm_sd[0]);
  EXPECT_NEAR(*figures.drift_rel, 0.05, 0.01);
}

TEST(ResidualFigures, AreAbsentWithoutAnErrorVariance) {
  const ResidualFigures figures = residual_figures(fit_two_way(Table{{1, 2, 4}}));
  EXPECT_EQ(figures.furthest, std::nullopt);
  EXPECT_TRUE(figures.arm_sd.empty());
  EXPECT_EQ(figures.block_sd, std::nullopt);
  EXPECT_EQ(figures.drift_rel, std::nullopt);
  const ResidualFigures one_freedom = residual_figures(fit_two_way(Table{{1, 2}, {1, 4}}));
  EXPECT_EQ(one_freedom.furthest, std::nullopt);
  EXPECT_TRUE(one_freedom.block_sd);
}

}  // namespace
}  // namespace fusesweep
