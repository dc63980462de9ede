#include "harness/stats/cell_estimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace fusesweep {
namespace {

using Tokens = std::vector<std::int64_t>;

TEST(CellEstimate, IsTheLogarithmOfTheMedianToken) {
  EXPECT_DOUBLE_EQ(*cell_estimate(Tokens{100, 300, 200, 800, 800}), std::log(300.0));
  EXPECT_DOUBLE_EQ(*cell_estimate(Tokens{100, 300}), std::log(200.0));
}

TEST(CellEstimate, TokensThatWereInterruptedDoNotMoveIt) {
  EXPECT_EQ(cell_estimate(Tokens{100, 101, 102, 103, 104}),
            cell_estimate(Tokens{100, 101, 102, 9000000, 8000000}));
}

TEST(CellEstimate, IsAbsentWhereThereIsNothingToSay) {
  EXPECT_EQ(cell_estimate(Tokens{}), std::nullopt);
  EXPECT_EQ(cell_estimate(Tokens{100, 0}), std::nullopt);
  EXPECT_EQ(cell_estimate(Tokens{100, -5, 100}), std::nullopt);
}

TEST(CellsOfRounds, TakeEachTokenAgainstItsRound) {
  // The second round was twice as slow for both; the second arm takes a tenth longer in each.
  const std::vector<RoundTokens> rounds = {{{100, 100, 100}, {110, 110, 110}},
                                           {{200, 200, 200}, {220, 220, 220}}};
  const BlockCells cells = cells_of_rounds(rounds);
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_NEAR(*cells[1] - *cells[0], std::log(1.1), 1e-12);
  EXPECT_NEAR(*cells[0], (std::log(100.0) + std::log(200.0)) / 2, 1e-12);
}

TEST(CellsOfRounds, ARoundThatWasSlowForOneArmMovesLittle) {
  const std::vector<RoundTokens> rounds = {{{100, 101, 102}, {100, 101, 102}},
                                           {{100, 101, 102}, {300, 301, 302}},
                                           {{100, 101, 102}, {100, 101, 102}}};
  const BlockCells cells = cells_of_rounds(rounds);
  EXPECT_LT(std::abs(*cells[1] - *cells[0]), 0.25);  // its mean would be 37 % off
}

TEST(CellsOfRounds, AnArmWithNothingToSayLeavesTheOthersTheirs) {
  const std::vector<RoundTokens> rounds = {{{100}, {}, {0, 100}}, {{100}, {}, {100}}};
  const BlockCells cells = cells_of_rounds(rounds);
  EXPECT_TRUE(cells[0]);
  EXPECT_EQ(cells[1], std::nullopt);
  EXPECT_EQ(cells[2], std::nullopt);
  EXPECT_TRUE(cells_of_rounds({}).empty());
}

}  // namespace
}  // namespace fusesweep
