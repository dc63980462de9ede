#include "harness/measure/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// The first numbers of the reference implementation (Vigna, splitmix64.c) for this seed.
TEST(SplitMix64, GivesTheNumbersOfItsReference) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(ShuffledOrder, HoldsEachNumberOnce) {
  EXPECT_THAT(shuffled_order(0, {1}), ElementsAre());
  EXPECT_THAT(shuffled_order(1, {1}), ElementsAre(0));
  EXPECT_THAT(shuffled_order(5, {1, 2}), UnorderedElementsAre(0, 1, 2, 3, 4));
}

TEST(ShuffledOrder, IsFixedByItsKey) {
  EXPECT_EQ(shuffled_order(20, {1, 2, 3}), shuffled_order(20, {1, 2, 3}));
  EXPECT_THAT(shuffled_order(5, {1, 2, 3}), ElementsAre(3, 4, 1, 2, 0));  // on every machine
}

TEST(ShuffledOrder, DiffersWithEveryPartOfTheKey) {
  const std::set<std::vector<std::size_t>> orders = {
      shuffled_order(20, {1, 2, 3}), shuffled_order(20, {0, 2, 3}), shuffled_order(20, {1, 0, 3}),
      shuffled_order(20, {1, 2, 0}), shuffled_order(20, {2, 1, 3}), shuffled_order(20, {1, 2})};
  EXPECT_EQ(orders.size(), 6U);
}

TEST(ShuffledOrder, GivesEveryOrderItsShare) {
  std::map<std::vector<std::size_t>, int> seen;
  for (std::uint64_t round = 0; round < 6000; ++round) ++seen[shuffled_order(3, {1, round})];
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [order, times] : seen) EXPECT_NEAR(times, 1000, 150);  // 5 standard deviations
}

}  // namespace
}  // namespace fusesweep
