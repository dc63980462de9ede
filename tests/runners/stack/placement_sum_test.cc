#include "runners/stack/placement_sum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

TEST(PlacementSum, CountsWhatIsResidentAndListsWhatIsNot) {
  PlacementSum sum;
  EXPECT_TRUE(sum.is_empty());
  sum.add({.name = "a", .type = "conv", .place = "ane", .implementation = {}, .is_resident = true},
          "unused");
  sum.add({.name = "b", .type = "add", .place = "cpu", .implementation = {}, .is_resident = false},
          "slow");
  EXPECT_FALSE(sum.is_empty());
  const Placement placement = sum.placement(PlacementEvidence::kPlan);
  EXPECT_EQ(placement.conv, (ResidentCount{1, 1}));
  EXPECT_EQ(placement.compute, (ResidentCount{2, 1}));
  EXPECT_THAT(placement.non_resident, testing::ElementsAre(NonResident{"b", "add", "cpu", "slow"}));
}

}  // namespace
}  // namespace fusesweep
