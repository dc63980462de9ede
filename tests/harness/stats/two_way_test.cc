#include "harness/stats/two_way.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Table = std::vector<BlockCells>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// By hand: block means 12, 13, 14, arm means 11, 13, 15, residuals 0 0 0, 0 -1 1, 0 1 -1.
const Table kByHand = {{10, 12, 14}, {11, 12, 16}, {12, 15, 15}};

Table random_table(std::size_t blocks, std::size_t arms, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Table table(blocks, BlockCells(arms));
  for (BlockCells& cells : table) {
    for (auto& cell : cells) cell = 18 + static_cast<double>(random() % 1000) / 1e4;
  }
  return table;
}

TEST(TwoWay, FitsATableThatWasWorkedByHand) {
  const TwoWayFit fit = fit_two_way(kByHand);
  EXPECT_THAT(fit.blocks, ElementsAre(0, 1, 2));
  EXPECT_THAT(fit.block_means, ElementsAre(12, 13, 14));
  EXPECT_THAT(fit.arm_means, testing::Pointwise(testing::DoubleEq(), {11.0, 13.0, 15.0}));
  EXPECT_THAT(fit.residuals,
              testing::Pointwise(testing::DoubleNear(1e-12), {0, 0, 0, 0, -1, 1, 0, 1, -1}));
  ASSERT_TRUE(fit.error);
  EXPECT_EQ(fit.error->degrees_of_freedom, 4);
  EXPECT_NEAR(fit.error->variance, 1, 1e-12);
  EXPECT_NEAR(standard_error(fit, *fit.error), std::sqrt(2.0 / 3), 1e-12);
  const auto interval = log_ratio_interval(fit, 1, 0, 0.95);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 2 - 2.776445 * std::sqrt(2.0 / 3), 1e-6);
  EXPECT_NEAR(interval->high, 2 + 2.776445 * std::sqrt(2.0 / 3), 1e-6);
}

TEST(TwoWay, WithTwoArmsItIsThePairedTTest) {
  const TwoWayFit fit = fit_two_way(Table{{1, 3}, {2, 7}, {5, 6}, {4, 9}});  // differences 2 5 1 5
  ASSERT_TRUE(fit.error);
  EXPECT_EQ(fit.error->degrees_of_freedom, 3);
  EXPECT_NEAR(log_ratio(fit, 1, 0), 13.0 / 4, 1e-12);
  const double squares = 55 - 13.0 * 13 / 4;
  EXPECT_NEAR(standard_error(fit, *fit.error), std::sqrt(squares / 3 / 4), 1e-12);
}

TEST(TwoWay, WhatAllArmsOfABlockShareChangesNothingBetweenArms) {
  Table table = random_table(8, 4, 3);
  const TwoWayFit before = fit_two_way(table);
  double level = 0.1;
  for (BlockCells& cells : table) {
    for (auto& cell : cells) *cell += level;
    level *= 1.7;
  }
  const TwoWayFit after = fit_two_way(table);
  EXPECT_NEAR(after.error->variance, before.error->variance, 1e-12);
  for (std::size_t arm = 1; arm < 4; ++arm)
    EXPECT_NEAR(log_ratio(after, arm, 0), log_ratio(before, arm, 0), 1e-12);
}

TEST(TwoWay, OrderOfArmsAndOfBlocksDoesNotMatter) {
  const Table table = random_table(6, 3, 4);
  Table turned(table.rbegin(), table.rend());
  for (BlockCells& cells : turned) cells = {cells[2], cells[0], cells[1]};
  const TwoWayFit fit = fit_two_way(table);
  const TwoWayFit other = fit_two_way(turned);
  EXPECT_NEAR(fit.error->variance, other.error->variance, 1e-15);
  EXPECT_NEAR(log_ratio(fit, 2, 1), log_ratio(other, 0, 2), 1e-12);
}

TEST(TwoWay, BlocksThatAreNotWholeAreLeftOutAndNamed) {
  Table table = kByHand;
  table.insert(table.begin() + 1, {std::nullopt, 12, 14});
  table.push_back({10, kNan, 14});
  table.push_back({10, 12, kInfinity});
  const TwoWayFit fit = fit_two_way(table);
  EXPECT_THAT(fit.blocks, ElementsAre(0, 2, 3));
  EXPECT_THAT(fit.left_out, ElementsAre(1, 4, 5));
  EXPECT_EQ(fit.error, fit_two_way(kByHand).error);
}

TEST(TwoWay, WithoutDegreesOfFreedomOrSpreadThereIsNoInterval) {
  const struct {
    const char* name;
    Table table;
  } rows[] = {
      {"one block", {{1, 2, 4}}},
      {"one arm", {{1}, {2}, {4}}},
      {"the same numbers again", {{1, 2}, {1, 2}, {1, 2}}},
      {"nothing but rounding", {{18.1, 18.2}, {18.3, 18.4}, {18.7, 18.8}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const TwoWayFit fit = fit_two_way(row.table);
    EXPECT_EQ(fit.error, std::nullopt);
    EXPECT_EQ(log_ratio_interval(fit, 0, 0, 0.95), std::nullopt);
    EXPECT_EQ(fit.blocks.size(), row.table.size());
  }
  EXPECT_EQ(log_ratio(fit_two_way(Table{{1, 2, 4}}), 2, 0), 3);
}

TEST(TwoWay, OfNoWholeBlockThereIsNothing) {
  for (const Table& table : {Table{}, Table{{1, std::nullopt}, {kNan, 2}}}) {
    const TwoWayFit fit = fit_two_way(table);
    EXPECT_THAT(fit.blocks, IsEmpty());
    EXPECT_THAT(fit.arm_means, IsEmpty());
    EXPECT_EQ(fit.left_out.size(), table.size());
    EXPECT_EQ(fit.error, std::nullopt);
  }
}

TEST(TwoWay, BonferroniSharesTheRiskAmongTheIntervals) {
  EXPECT_DOUBLE_EQ(level_of_each(0.999, 1), 0.999);
  EXPECT_DOUBLE_EQ(level_of_each(0.95, 5), 0.99);
}

}  // namespace
}  // namespace fusesweep
