#include "harness/stats/tie_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace fusesweep {
namespace {

using testing::ElementsAre;

using Table = std::vector<BlockCells>;
using Arms = std::vector<std::size_t>;

// Noise that is orthogonal to blocks and arms: residuals of sd 0.1 about the given arm levels.
Table table_of(const std::vector<double>& levels) {
  Table table;
  for (std::size_t block = 0; block < 6; ++block) {
    BlockCells cells;
    for (std::size_t arm = 0; arm < levels.size(); ++arm)
      cells.push_back(levels[arm] + ((block + arm) % 2 == 0 ? 0.1 : -0.1));
    table.push_back(cells);
  }
  return table;
}

std::optional<TieSet> ties_of(const Table& table, const Arms& arms, double level) {
  const TwoWayFit fit = fit_two_way(table);
  return tie_set(GroupedFit(fit, ControlLevel::kOfOneArm), arms, level);
}

TEST(TieSet, HoldsTheArmsThatCannotBeToldFromTheBestInTheOrderTheyWereGiven) {
  const Table table = table_of({5.0, 3.02, 9.0, 3.0});
  const auto ties = ties_of(table, Arms{0, 1, 2, 3}, 0.999);
  ASSERT_TRUE(ties);
  EXPECT_EQ(ties->best, 3U);
  EXPECT_THAT(ties->arms, ElementsAre(1, 3));
  EXPECT_THAT(ties_of(table, Arms{3, 0, 1}, 0.999)->arms, ElementsAre(3, 1));
  EXPECT_EQ(ties_of(table, Arms{0, 2}, 0.999), (TieSet{0, {0}}));
}

TEST(TieSet, TwoArmsTieExactlyUntilTheirIntervalLeavesZero) {
  const double reach = *half_width(fit_two_way(table_of({0, 0})), 0.999);
  EXPECT_THAT(ties_of(table_of({0, 0.999 * reach}), Arms{0, 1}, 0.999)->arms, ElementsAre(0, 1));
  EXPECT_THAT(ties_of(table_of({0, 1.001 * reach}), Arms{0, 1}, 0.999)->arms, ElementsAre(0));
}

TEST(TieSet, AmongEqualsTheBestIsTheOneGivenFirst) {
  const Table table{{1, 2, 1}, {4, 1, 4}, {3, 6, 3}};
  EXPECT_EQ(ties_of(table, Arms{2, 0}, 0.95)->best, 2U);
  EXPECT_EQ(ties_of(table, Arms{0, 2}, 0.95)->best, 0U);
}

TEST(TieSet, OneArmIsItsOwnBestAndNoVarianceIsNoAnswer) {
  EXPECT_EQ(ties_of(table_of({1, 2}), Arms{1}, 0.999), (TieSet{1, {1}}));
  EXPECT_EQ(ties_of(Table{{1, 2}}, Arms{0, 1}, 0.999), std::nullopt);
}

}  // namespace
}  // namespace fusesweep
