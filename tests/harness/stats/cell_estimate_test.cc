#include "harness/stats/cell_estimate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fusesweep {
namespace {

using Rounds = std::vector<RoundTokenNs>;

TEST(CellEstimate, IsTheMeanLogarithmOfTheRoundsMedians) {
  const auto found = cell_estimate(Rounds{{100, 300, 200}, {800, 800}});
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(*found, (std::log(200.0) + std::log(800.0)) / 2);
}

TEST(CellEstimate, TokensThatWereInterruptedDoNotMoveIt) {
  EXPECT_EQ(cell_estimate(Rounds{{100, 101, 102, 103, 104}}),
            cell_estimate(Rounds{{100, 101, 102, 9000000, 8000000}}));
}

TEST(CellEstimate, IsAbsentWhereARoundHasNothingToSay) {
  EXPECT_EQ(cell_estimate({}), std::nullopt);
  EXPECT_EQ(cell_estimate(Rounds{{100}, {}}), std::nullopt);
  EXPECT_EQ(cell_estimate(Rounds{{100, 0}}), std::nullopt);
  EXPECT_EQ(cell_estimate(Rounds{{100, -5, 100}}), std::nullopt);
}

}  // namespace
}  // namespace fusesweep
