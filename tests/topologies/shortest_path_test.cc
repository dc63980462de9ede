#include "topologies/shortest_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "topologies/bounded_splits.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SegmentTable random_table(int n_layers, std::uint64_t seed, double gone = 0.1) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> cost(-2, 12);  // few values: ties come up
  std::uniform_int_distribution<int> bytes(0, 5);
  std::bernoulli_distribution is_gone(gone);
  SegmentTable table(n_layers);
  for (int begin = 0; begin < n_layers; ++begin) {
    for (int end = begin + 1; end <= n_layers; ++end) {
      if (!is_gone(random))
        table.set({begin, end}, cost(random), static_cast<std::uint64_t>(bytes(random)));
    }
  }
  return table;
}

// Every split, in the order that is stated.
std::vector<Path> all_paths(const SegmentTable& table, const PathLimits& limits,
                            std::size_t count) {
  std::vector<Path> paths;
  const BoundedSplits splits(table.n_layers(), {});
  for (std::optional<Split> split = splits.first(); split; splits.advance(split)) {
    const std::optional<double> cost = cost_of(table, *split);
    if (!cost) continue;
    std::uint64_t bytes = 0;
    for (const Segment& segment : split->segments()) bytes += table.bytes(segment);
    if (limits.shards && split->shards() > *limits.shards) continue;
    if (limits.bytes && bytes > *limits.bytes) continue;
    paths.push_back({*split, *cost, bytes});
  }
  std::sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) {
    const int a_shards = a.split.shards();
    const int b_shards = b.split.shards();
    return std::tie(a.cost, a_shards, a.split) < std::tie(b.cost, b_shards, b.split);
  });
  while (paths.size() > count) paths.pop_back();
  return paths;
}

std::vector<std::string> texts(const std::vector<Path>& paths) {
  std::vector<std::string> all;
  for (const Path& path : paths) all.push_back(to_text(path.split));
  return all;
}

TEST(ShortestPathTest, FindsTheBestOfAllSplitsAndTheOnesAfterIt) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SegmentTable table = random_table(1 + static_cast<int>(seed % 9), seed);
    EXPECT_EQ(texts(best_paths(table, {}, 20)), texts(all_paths(table, {}, 20))) << "seed " << seed;
  }
}

TEST(ShortestPathTest, KeepsLimitsOnShardsAndBytes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SegmentTable table = random_table(2 + static_cast<int>(seed % 8), seed);
    PathLimits limits;
    if (seed % 3 != 0) limits.shards = 1 + static_cast<int>(seed % 5);
    if (seed % 3 != 1) limits.bytes = seed % 11;
    EXPECT_EQ(texts(best_paths(table, limits, 7)), texts(all_paths(table, limits, 7)))
        << "seed " << seed;
  }
}

TEST(ShortestPathTest, AmongEqualCostsPrefersFewerAndThenSmallerFrontShards) {
  SegmentTable table(4);
  for (int begin = 0; begin < 4; ++begin) {
    for (int end = begin + 1; end <= 4; ++end) table.set({begin, end}, end - begin);
  }
  EXPECT_THAT(texts(best_paths(table, {}, 100)),
              ElementsAre("4", "1+3", "2+2", "3+1", "1+1+2", "1+2+1", "2+1+1", "1+1+1+1"));
}

TEST(ShortestPathTest, UsesNothingBeyondACliffNorWhatIsForbidden) {
  SegmentTable table = random_table(6, 1, 0);
  table.forbid_longer(3);
  table.forbid_longer_from(0, 2);
  table.forbid({2, 4});
  for (const Path& path : best_paths(table, {}, 100)) {
    for (const Segment& segment : path.split.segments()) {
      EXPECT_LE(segment.layers(), segment.begin == 0 ? 2 : 3) << to_text(path.split);
      EXPECT_NE(segment, (Segment{2, 4}));
    }
  }
  EXPECT_FALSE(table.cost({2, 4}).has_value());
  EXPECT_EQ(best_paths(table, {}, 100).size(), static_cast<std::size_t>(count_paths(table, {})));
}

TEST(ShortestPathTest, HasNoPathWhereALayerIsInNoSegment) {
  SegmentTable table = random_table(5, 3, 0);
  for (int begin = 0; begin <= 2; ++begin) {
    for (int end = 3; end <= 5; ++end) table.forbid({begin, end});
  }
  EXPECT_THAT(best_paths(table, {}, 3), IsEmpty());
  EXPECT_EQ(count_paths(table, {}), 0);
}

TEST(ShortestPathTest, CountsAllSplitsOf126LayersToTheLastDigit) {
  SegmentTable table(126);
  for (int begin = 0; begin < 126; ++begin) {
    for (int end = begin + 1; end <= 126; ++end) table.set({begin, end}, 1);
  }
  EXPECT_EQ(count_paths(table, {}).str(), "42535295865117307932921825928971026432");  // 2^125
  EXPECT_EQ(count_paths(table, {.shards = 2}), 126);
}

// By definition: over all corners of the box of costs.
TEST(ShortestPathTest, LargestRegretIsThatOfTheWorstCosts) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const int n_layers = 4;  // ten segments, 1,024 corners
    const SegmentTable low = random_table(n_layers, seed, 0);
    SegmentTable high(n_layers);
    std::mt19937_64 random(seed);
    const std::vector<Segment> segments = low.usable();
    for (const Segment& segment : segments)
      high.set(segment, *low.cost(segment) + static_cast<int>(random() % 4));
    const Split split({1, 2, 1});
    double worst = 0;
    for (std::uint64_t corner = 0; corner < (1U << segments.size()); ++corner) {
      SegmentTable costs(n_layers);
      for (std::size_t i = 0; i < segments.size(); ++i)
        costs.set(segments[i], *((corner >> i & 1) != 0 ? high : low).cost(segments[i]));
      worst = std::max(worst, *cost_of(costs, split) - best_paths(costs, {}, 1).front().cost);
    }
    EXPECT_DOUBLE_EQ(*largest_regret(low, high, {}, split), worst) << "seed " << seed;
  }
}

TEST(ShortestPathTest, HasNoRegretOfASplitThatCannotBeUsed) {
  SegmentTable table = random_table(4, 1, 0);
  table.forbid({0, 2});
  EXPECT_FALSE(largest_regret(table, table, {}, Split({2, 2})).has_value());
  EXPECT_FALSE(cost_of(table, Split({2, 2})).has_value());
}

}  // namespace
}  // namespace fusesweep
