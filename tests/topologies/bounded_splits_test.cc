#include "topologies/bounded_splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string describe(int n, const SplitLimits& limits) {
  return "n " + std::to_string(n) + ", shard " + std::to_string(limits.min_shard) + ".." +
         std::to_string(limits.max_shard) + ", shards " + std::to_string(limits.min_shards) + ".." +
         std::to_string(limits.max_shards) + ", multiple " + std::to_string(limits.multiple);
}

// The truth, worked out without any of the cleverness: every way to cut n layers is a set of cuts
// between layers, bit i for a cut behind layer i; keep those within limits and sort.
std::vector<Split> brute_force(int n, const SplitLimits& limits) {
  std::vector<Split> splits;
  for (unsigned cuts = 0; cuts < (1U << static_cast<unsigned>(n - 1)); ++cuts) {
    std::vector<int> lengths{0};
    for (int layer = 0; layer < n; ++layer) {
      ++lengths.back();
      if (layer + 1 < n && ((cuts >> static_cast<unsigned>(layer)) & 1U) != 0) lengths.push_back(0);
    }
    const int shards = static_cast<int>(lengths.size());
    const bool kept = limits.min_shards <= shards && shards <= limits.max_shards &&
                      std::all_of(lengths.begin(), lengths.end(), [&](int length) {
                        return limits.min_shard <= length && length <= limits.max_shard &&
                               length % limits.multiple == 0;
                      });
    if (kept) splits.emplace_back(std::move(lengths));
  }
  std::sort(splits.begin(), splits.end());
  return splits;
}

std::vector<Split> enumerate(const BoundedSplits& bounded) {
  std::vector<Split> splits;
  for (std::optional<Split> s = bounded.first(); s; bounded.advance(s)) splits.push_back(*s);
  return splits;
}

std::vector<Segment> segments_of(const std::vector<Split>& splits) {
  std::set<Segment> segments;
  for (const Split& split : splits) {
    for (const Segment& segment : split.segments()) segments.insert(segment);
  }
  return {segments.begin(), segments.end()};
}

void expect_equal_to_brute_force(int n, const SplitLimits& limits) {
  SCOPED_TRACE(describe(n, limits));
  const BoundedSplits bounded(n, limits);
  const std::vector<Split> truth = brute_force(n, limits);
  ASSERT_EQ(bounded.count(), truth.size());
  ASSERT_EQ(enumerate(bounded), truth);
  ASSERT_EQ(bounded.segments(), segments_of(truth));
  for (std::size_t rank = 0; rank < truth.size(); ++rank)
    ASSERT_EQ(bounded.at(rank), truth[rank]) << rank;
}

TEST(BoundedSplits, EveryLimitOfEverySmallModelAgreesWithBruteForce) {
  for (int n = 1; n <= 6; ++n) {
    for (int min_shard = 1; min_shard <= n; ++min_shard) {
      for (int max_shard = min_shard; max_shard <= n; ++max_shard) {
        for (int min_shards = 1; min_shards <= n; ++min_shards) {
          for (int max_shards = min_shards; max_shards <= n; ++max_shards) {
            for (int multiple = 1; multiple <= 3; ++multiple) {
              expect_equal_to_brute_force(n,
                                          {min_shard, max_shard, min_shards, max_shards, multiple});
            }
          }
        }
      }
    }
  }
}

TEST(BoundedSplits, RandomLimitsOfLargerModelsAgreeWithBruteForce) {
  std::mt19937 random(831);
  const auto from_to = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  for (int i = 0; i < 150; ++i) {
    const int n = from_to(7, 13);
    const int min_shard = from_to(1, 4);
    const int min_shards = from_to(1, 4);
    expect_equal_to_brute_force(
        n, {min_shard, from_to(min_shard, n), min_shards, from_to(min_shards, n), from_to(1, 3)});
  }
}

TEST(BoundedSplits, CountsAreExactFarBeyondMachineIntegers) {
  EXPECT_EQ(BoundedSplits(32, {}).count().str(), "2147483648");
  EXPECT_EQ(BoundedSplits(126, {}).count(), BigCount(1) << 125);
  EXPECT_EQ(BoundedSplits(512, {}).count(), BigCount(1) << 511);
  // 2^31 without those that hold a shard of more than 31 layers: only "32".
  EXPECT_EQ(BoundedSplits(32, {.max_shard = 31}).count(), (BigCount(1) << 31) - 1);
  // C(31, 3) ways to place three cuts.
  EXPECT_EQ(BoundedSplits(32, {.min_shards = 4, .max_shards = 4}).count(), 4495);
  // At most 20 layers a shard: two shards 12+20 to 20+12; of three C(31,2) - 3 C(11,2), of four
  // C(31,3) - 4 C(11,3).
  EXPECT_EQ(BoundedSplits(32, {.max_shard = 20, .max_shards = 4}).count(),
            9 + (465 - 3 * 55) + (4495 - 4 * 165));
  EXPECT_EQ(BoundedSplits(32, {.multiple = 4}).count(), 128);
}

TEST(BoundedSplits, RanksOfALargeModelRunInOrderAndStepByAdvance) {
  const BoundedSplits all(126, {.min_shard = 2, .max_shard = 20, .max_shards = 30});
  const BigCount step = all.count() / 37;
  std::optional<Split> last;
  for (BigCount rank = 0; rank < all.count() - 1; rank += step) {
    std::optional<Split> split = all.at(rank);
    ASSERT_TRUE(all.contains(*split));
    if (last) {
      ASSERT_LT(*last, *split);
    }
    last = split;
    all.advance(split);
    ASSERT_EQ(split, all.at(rank + 1));
  }
  EXPECT_EQ(all.at(0), all.first());
  std::optional<Split> end = all.at(all.count() - 1);
  all.advance(end);
  EXPECT_FALSE(end);
}

TEST(BoundedSplits, LimitsThatLeaveNothingCountZero) {
  for (const SplitLimits& limits :
       {SplitLimits{.multiple = 5}, SplitLimits{.min_shard = 17, .max_shard = 31},
        SplitLimits{.max_shard = 3, .max_shards = 10},
        SplitLimits{.min_shard = 5, .max_shard = 7, .multiple = 4}}) {
    const BoundedSplits none(32, limits);
    SCOPED_TRACE(describe(32, limits));
    EXPECT_EQ(none.count(), 0);
    EXPECT_FALSE(none.first());
    EXPECT_THAT(none.segments(), IsEmpty());
  }
}

TEST(BoundedSplits, ContainsWhatItEnumeratesAndNothingElse) {
  const SplitLimits limits{
      .min_shard = 2, .max_shard = 6, .min_shards = 2, .max_shards = 4, .multiple = 2};
  const BoundedSplits bounded(12, limits);
  const std::vector<Split> within = enumerate(bounded);
  for (const Split& split : brute_force(12, {})) {
    const bool listed = std::find(within.begin(), within.end(), split) != within.end();
    EXPECT_EQ(bounded.contains(split), listed) << to_text(split);
  }
  EXPECT_FALSE(bounded.contains(Split({4, 6})));  // of another model
}

TEST(BoundedSplits, AnIntersectionHoldsWhatBothHold) {
  const BoundedSplits a(12, {.max_shard = 6, .max_shards = 5, .multiple = 2});
  const BoundedSplits b(12, {.min_shard = 2, .min_shards = 3, .multiple = 3});
  std::vector<Split> both;
  for (const Split& split : enumerate(a)) {
    if (b.contains(split)) both.push_back(split);
  }
  EXPECT_EQ(enumerate(a.intersect(b)), both);
  EXPECT_THAT(
      enumerate(BoundedSplits(12, {.multiple = 4}).intersect(BoundedSplits(12, {.multiple = 6}))),
      ElementsAre(Split({12})));
}

TEST(BoundedSplits, ManyIntersectionsWithoutACommonMultipleStayEmpty) {
  BoundedSplits common(512, {});
  for (const int prime : {499, 491, 487, 479, 467, 463, 461, 457}) {
    common = common.intersect(BoundedSplits(512, {.multiple = prime}));
  }
  EXPECT_EQ(common.count(), 0);
  EXPECT_EQ(common.limits().multiple, kMaxLayers + 1);
}

TEST(BoundedSplitsDeathTest, ARankBeyondTheEndIsABug) {
  EXPECT_DEATH(BoundedSplits(4, {}).at(8), "rank < count");
  EXPECT_DEATH(BoundedSplits(4, {}).at(-1), "rank >= 0");
}

}  // namespace
}  // namespace fusesweep
