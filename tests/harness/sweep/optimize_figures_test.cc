#include "harness/sweep/optimize_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SegmentTable table_of(int n_layers, const std::vector<Segment>& segments) {
  SegmentTable table(n_layers);
  for (const Segment& segment : segments) table.set(segment, 1);
  return table;
}

std::vector<std::string> texts(const std::vector<Split>& splits) {
  std::vector<std::string> all;
  for (const Split& split : splits) all.push_back(to_text(split));
  return all;
}

TEST(OptimizeFigures, TheControlCoversAsMuchAsItCanWithFewSegments) {
  const struct {
    const char* name;
    std::vector<Segment> segments;
    std::vector<Segment> control;
  } rows[] = {
      {"a whole split", {{0, 4}, {2, 6}, {4, 8}, {0, 2}, {2, 4}}, {{0, 4}, {4, 8}}},
      {"the whole model", {{0, 8}, {0, 4}, {4, 8}}, {{0, 8}}},
      {"a gap that nothing fills", {{0, 4}, {5, 8}, {1, 3}}, {{0, 4}, {5, 8}}},
      {"overlapping ones", {{0, 6}, {3, 8}}, {{0, 6}}},
      {"one layer", {{7, 8}}, {{7, 8}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(choose_control(row.segments, 8), row.control);
  }
}

TEST(OptimizeFigures, SplitsApartHaveDifferentNumbersOfShards) {
  const std::vector<Segment> all = {{0, 4}, {4, 8}, {0, 2}, {2, 4}, {4, 6}, {6, 8}};
  EXPECT_THAT(texts(splits_apart(table_of(8, all), {})).front(), "4+4");
  EXPECT_THAT(texts(splits_apart(table_of(8, all), {})).back(), "2+2+2+2");
  EXPECT_EQ(splits_apart(table_of(8, all), {}).size(), 3U);
  EXPECT_EQ(splits_apart(table_of(8, all), {.shards = 3}).size(), 2U);
  EXPECT_THAT(texts(splits_apart(table_of(8, {{0, 4}, {4, 8}}), {})), ElementsAre("4+4"));
  EXPECT_THAT(splits_apart(table_of(8, {{0, 4}}), {}), IsEmpty());
}

WholeSplit whole(int shards, double token_ms, double sum_ms) {
  return {.split = std::to_string(shards),
          .shards = shards,
          .token_ms = token_ms,
          .token_sd_ms = 0.01,
          .rest_ms = 5,
          .sum_ms = sum_ms};
}

TEST(OptimizeFigures, TheBoundaryIsTheSlopeOverShards) {
  const WholeSplit splits[] = {whole(2, 5 + 40 + 0.4, 40), whole(6, 5 + 41 + 1.2, 41)};
  const std::optional<BoundaryFit> fit = fit_boundary(splits);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->shard_ms, 0.2, 1e-9);
  EXPECT_NEAR(fit->rest_ms, 5, 1e-9);
  EXPECT_NEAR(fit->shard_sd_ms, std::sqrt(2) * 0.01 / 4, 2e-4);
}

TEST(OptimizeFigures, AMachineThatWasSlowerMovesNoBoundary) {
  std::vector<WholeSplit> splits = {whole(2, 45.4, 40), whole(4, 45.8, 40), whole(6, 47.2, 41)};
  for (WholeSplit& split : splits) {
    split.token_ms *= 2.5;
    split.rest_ms *= 2.5;
  }
  const std::optional<BoundaryFit> fit = fit_boundary(splits);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->shard_ms, 0.2, 1e-9);
  EXPECT_NEAR(fit->rest_ms, 5, 1e-9);
}

TEST(OptimizeFigures, ASplitThatIsKnownBetterCountsMore) {
  WholeSplit splits[] = {whole(2, 45.4, 40), whole(6, 46.2, 40), whole(6, 50, 40)};
  splits[2].token_sd_ms = 10;
  const std::optional<BoundaryFit> fit = fit_boundary(splits);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->shard_ms, 0.2, 1e-3);
}

TEST(OptimizeFigures, SplitsOffTheLineMakeItUncertain) {
  const std::vector<WholeSplit> on = {whole(2, 45.4, 40), whole(4, 45.8, 40), whole(6, 46.2, 40)};
  std::vector<WholeSplit> off = on;
  off[1].token_ms += 1;
  EXPECT_GT(fit_boundary(off)->shard_sd_ms, 10 * fit_boundary(on)->shard_sd_ms);
}

TEST(OptimizeFigures, OneNumberOfShardsTellsNoBoundary) {
  EXPECT_FALSE(fit_boundary({}));
  const WholeSplit one[] = {whole(2, 45, 40)};
  EXPECT_FALSE(fit_boundary(one));
  const WholeSplit same[] = {whole(2, 45, 40), whole(2, 46, 41)};
  EXPECT_FALSE(fit_boundary(same));
}

TEST(OptimizeFigures, SumsAreComparedWithWholeSplitsBesideTheControl) {
  const BoundaryFit fit{.shard_ms = 0.5, .shard_sd_ms = 0, .rest_ms = 5};
  EXPECT_FALSE(additivity_of(std::vector{whole(2, 46, 40)}, 0, fit));
  for (const double speed : {1.0, 2.5}) {  // of the machine, when whole splits were measured
    const WholeSplit two[] = {whole(2, 46 * speed, 40), whole(4, 1.01 * 47 * speed, 40)};
    const std::optional<Additivity> alone = additivity_of(two, 0, fit);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->splits, 1);
    EXPECT_NEAR(alone->mean_rel, 0.01, 1e-12);
    EXPECT_FALSE(alone->sd_rel);
    const WholeSplit three[] = {whole(4, 0.97 * 47 * speed, 40), whole(2, 46 * speed, 40),
                                whole(6, 1.01 * 48 * speed, 40)};
    const std::optional<Additivity> both = additivity_of(three, 1, fit);
    ASSERT_TRUE(both);
    EXPECT_EQ(both->splits, 2);
    EXPECT_NEAR(both->mean_rel, -0.01, 1e-12);
    EXPECT_NEAR(both->largest_rel, -0.03, 1e-12);
    EXPECT_EQ(both->worst, "4");
    EXPECT_NEAR(*both->sd_rel, 0.02 * std::sqrt(2), 1e-12);
  }
}

TEST(OptimizeFigures, TheBestFrontFusedSplitIsTheCheapestThatCanBeUsed) {
  SegmentTable table(12);
  for (const Segment& segment : {Segment{0, 2}, {2, 4}, {0, 3}, {3, 4}, {0, 4}, {4, 10}, {10, 12}})
    table.set(segment, segment == Segment{0, 4} ? 3 : 1);
  table.forbid({2, 4});
  EXPECT_EQ(to_text(*best_front_fused("6+2", table, {})), "3+1+6+2");
  table.forbid({3, 4});
  EXPECT_EQ(to_text(*best_front_fused("6+2", table, {})), "4+6+2");
  EXPECT_FALSE(best_front_fused("6+2", table, {.shards = 2}));
  EXPECT_FALSE(best_front_fused("12", table, {}));
  EXPECT_FALSE(best_front_fused("x", table, {}));
}

TEST(OptimizeFigures, ByHandEveryShardOfTheFamilyIsBuiltOnce) {
  // 2+2+6+2, 3+1+6+2, 4+6+2.
  EXPECT_EQ(builds_by_hand("6+2", 12), 3 + 2 + 2);
  EXPECT_EQ(builds_by_hand("6+2", 3), 0);
}

}  // namespace
}  // namespace fusesweep
