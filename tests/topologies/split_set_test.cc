#include "topologies/split_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fusesweep {
namespace {

using testing::ElementsAre;

SplitSet set_of(const std::vector<std::string>& families, int n_layers) {
  SplitSet set;
  for (const std::string& family : families)
    EXPECT_TRUE(set.add(*parse_family(family, n_layers))) << family;
  return set;
}

std::vector<std::string> texts(const std::vector<Split>& splits) {
  std::vector<std::string> all;
  all.reserve(splits.size());
  for (const Split& split : splits) all.push_back(to_text(split));
  return all;
}

TEST(DistinctSegments, AreSharedBetweenSplits) {
  EXPECT_THAT(distinct_segments({Split({4, 2, 2}), Split({2, 2, 2, 2}), Split({4, 4})}),
              ElementsAre(Segment{0, 2}, Segment{0, 4}, Segment{2, 4}, Segment{4, 6}, Segment{4, 8},
                          Segment{6, 8}));
}

TEST(SplitSet, HoldsEachSplitOnceInTheOrderAskedFor) {
  const SplitSet set =
      set_of({"list:3+1,2+2,3+1", "all:max-shards=2", "list:1+1+2,2+2", "all:min-shards=3"}, 4);
  EXPECT_THAT(texts(set.first(100)),
              ElementsAre("3+1", "2+2", "1+3", "4", "1+1+2", "1+1+1+1", "1+2+1", "2+1+1"));
  EXPECT_EQ(set.count(), 8);
  EXPECT_THAT(texts(set.first(3)), ElementsAre("3+1", "2+2", "1+3"));
}

TEST(SplitSet, AnEmptyOneIsEmpty) {
  const SplitSet set;
  EXPECT_EQ(set.count(), 0);
  EXPECT_TRUE(set.first(9).empty());
  EXPECT_TRUE(set.segments().empty());
}

// Random families and lists together: count and segments, which are worked out, against the
// enumeration, which is done.
TEST(SplitSet, CountAndSegmentsAgreeWithTheEnumeration) {
  std::mt19937 random(17);
  const auto from_to = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  for (int i = 0; i < 100; ++i) {
    const int n = from_to(2, 11);
    const Family everything = *parse_family("all", n);
    std::vector<std::string> families;
    for (int part = from_to(1, 6); part > 0; --part) {
      if (from_to(0, 1) == 0) {
        families.push_back(
            "list:" +
            to_text(split_at(everything,
                             from_to(0, BigCount(count(everything) - 1).convert_to<int>()))));
      } else {
        const int low = from_to(1, n);
        const int fewest = from_to(1, n);
        families.push_back("all:min-shard=" + std::to_string(low) +
                           ",max-shard=" + std::to_string(from_to(low, n)) +
                           ",min-shards=" + std::to_string(fewest) +
                           ",max-shards=" + std::to_string(from_to(fewest, n)) +
                           ",multiple=" + std::to_string(from_to(1, 2)));
      }
    }
    SCOPED_TRACE(testing::PrintToString(families));
    const SplitSet set = set_of(families, n);
    const std::vector<Split> splits = set.first(10000);
    const std::set<Split> distinct(splits.begin(), splits.end());
    ASSERT_EQ(distinct.size(), splits.size());
    ASSERT_EQ(set.count(), splits.size());
    ASSERT_EQ(set.segments(), distinct_segments(splits));
  }
}

TEST(SplitSet, CountsTheUnionOfHugeFamiliesExactly) {
  const SplitSet set = set_of({"all:max-shard=100", "all:min-shards=10", "list:126,125+1"}, 126);
  // All splits but those that hold a shard of more than 100 layers and have fewer than 10 shards,
  // and of these two.
  const BigCount all = BigCount(1) << 125;
  const BigCount few = BoundedSplits(126, {.max_shards = 9}).count();
  const BigCount few_and_short = BoundedSplits(126, {.max_shard = 100, .max_shards = 9}).count();
  EXPECT_EQ(set.count(), all - (few - few_and_short) + 2);
}

TEST(SplitSet, AFamilyInsideAnotherAddsNothing) {
  SplitSet set;
  EXPECT_TRUE(set.add(*parse_family("all", 32)));
  for (int i = 1; i <= 32; ++i) {
    EXPECT_TRUE(set.add(*parse_family("all:max-shard=" + std::to_string(i), 32)));
  }
  EXPECT_EQ(set.count(), BigCount(1) << 31);
}

// The i-th of a row of families none of which holds another: more shards, and longer ones.
Family overlapping(int i) {
  return *parse_family(
      "all:min-shards=" + std::to_string(i + 1) + ",max-shard=" + std::to_string(i + 80), 126);
}

TEST(SplitSet, RefusesMoreOverlapThanItCanCount) {
  SplitSet set;
  for (int i = 1; i <= 8; ++i) EXPECT_TRUE(set.add(overlapping(i))) << i;
  const Result<void> added = set.add(overlapping(9));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message,
            "found more than 8 `all` families none of which holds another, want at most that many");
  // One that holds all of them is no more to count, and neither is one inside.
  EXPECT_TRUE(set.add(*parse_family("all", 126)));
  EXPECT_TRUE(set.add(overlapping(9)));
  EXPECT_EQ(set.count(), BigCount(1) << 125);
}

TEST(SplitSet, NestedFamiliesCountOnceWhateverTheirOrder) {
  SplitSet growing;
  SplitSet shrinking;
  for (int i = 1; i <= 12; ++i) {
    EXPECT_TRUE(growing.add(*parse_family("all:max-shard=" + std::to_string(i), 12)));
    EXPECT_TRUE(shrinking.add(*parse_family("all:max-shard=" + std::to_string(13 - i), 12)));
  }
  EXPECT_EQ(growing.count(), 2048);
  EXPECT_EQ(shrinking.count(), 2048);
  // The smaller family was asked for first, and comes first.
  EXPECT_EQ(to_text(growing.first(2)[1]), "1+1+1+1+1+1+1+1+1+1+2");
}

}  // namespace
}  // namespace fusesweep
