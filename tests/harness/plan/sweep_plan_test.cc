#include "harness/plan/sweep_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "topologies/family.h"

namespace fusesweep {
namespace {

using testing::SizeIs;

SplitSet splits_of(std::string_view family, int n_layers = 32) {
  SplitSet splits;
  EXPECT_TRUE(splits.add(*parse_family(family, n_layers)));
  return splits;
}

constexpr std::string_view kFrontFused = "front-fused:tail=6+2,front=12..24,step=4";
constexpr std::uint64_t kLayerBytes = 100663296;

TEST(PlanSweep, CountsEachSharedShardOnce) {
  const SweepPlan plan = plan_sweep(
      splits_of(kFrontFused), {.contract = known_model("phi4-mini").value(), .listed_splits = 100});
  EXPECT_EQ(plan.split_count, 4);
  EXPECT_THAT(plan.splits, SizeIs(4));
  ASSERT_THAT(plan.shards, SizeIs(9));  // fifteen in the four splits
  // 12+12, 16+8, 20+4, 24 and once 6+2
  EXPECT_EQ(plan.weight_bytes, (4 * 24 + 8) * kLayerBytes);
  EXPECT_EQ(plan.head_weight_bytes, 200064ULL * 3072);
  EXPECT_EQ(plan.embedding_bytes, 2 * 200064ULL * 3072);
  EXPECT_EQ(plan.disk_bytes, 2 * (104 * kLayerBytes + 200064ULL * 3072) + 2 * 200064ULL * 3072);
}

TEST(PlanSweep, TwentyOneLayersOfPhiFitTwoGibAndTwentyTwoDoNot) {
  const SweepPlan plan = plan_sweep(
      splits_of("list:21+11,22+10"),
      {.contract = known_model("phi4-mini").value(), .residency_limit_bytes = 1ULL << 31});
  ASSERT_EQ(plan.shards[0].segment, (Segment{0, 21}));
  EXPECT_EQ(plan.shards[0].weight_bytes, 21 * kLayerBytes);
  EXPECT_EQ(plan.shards[0].within_limit, true);
  ASSERT_EQ(plan.shards[1].segment, (Segment{0, 22}));
  EXPECT_EQ(plan.shards[1].within_limit, false);
}

TEST(PlanSweep, AShardOfExactlyTheLimitFits) {
  const SweepPlan plan = plan_sweep(
      splits_of("list:16+16"),
      {.contract = known_model("phi4-mini").value(), .residency_limit_bytes = 16 * kLayerBytes});
  EXPECT_EQ(plan.shards[0].within_limit, true);
}

TEST(PlanSweep, WithoutAModelSizesAreAbsent) {
  const SweepPlan plan =
      plan_sweep(splits_of(kFrontFused), {.residency_limit_bytes = 1, .listed_splits = 1});
  EXPECT_THAT(plan.splits, SizeIs(1));
  EXPECT_THAT(plan.shards, SizeIs(9));
  EXPECT_FALSE(plan.shards[0].weight_bytes);
  EXPECT_FALSE(plan.shards[0].within_limit);
  EXPECT_FALSE(plan.weight_bytes);
  EXPECT_FALSE(plan.disk_bytes);
}

TEST(PlanSweep, AllSplitsOfThirtyTwoLayersShareEverySegmentThereIs) {
  const SweepPlan plan = plan_sweep(
      splits_of("all"), {.contract = known_model("phi4-mini").value(), .listed_splits = 3});
  EXPECT_EQ(plan.split_count, BigCount(1) << 31);
  EXPECT_THAT(plan.splits, SizeIs(3));
  EXPECT_THAT(plan.shards, SizeIs(32 * 33 / 2));
}

TEST(PlanSweep, SumsDoNotOverflowForTheLargestContractThatIsAllowed) {
  Contract largest = *known_model("nano");
  largest.n_layers = 512;
  largest.d_model = largest.d_ff = 1 << 17;
  largest.n_heads = largest.n_kv_heads = 1 << 16;
  largest.d_head = largest.rope_dim = 2;
  largest.vocab_size = 1 << 24;
  ASSERT_TRUE(check_contract(largest));
  const SweepPlan plan =
      plan_sweep(splits_of("all", 512), {.contract = largest, .encoding = Encoding::kFp16});
  // Every segment once: of each length l from 1 to 512 there are 513 - l.
  const BigCount layers = BigCount(512) * 513 * 514 / 6;
  const BigCount layer_bytes = BigCount(3 + 1 + 2 + 1) * (BigCount(1) << 34) * 2;
  const BigCount head_bytes = (BigCount(1) << 24) * (BigCount(1) << 17) * 2;
  EXPECT_EQ(*plan.weight_bytes, layers * layer_bytes);
  EXPECT_EQ(*plan.disk_bytes, 2 * (layers * layer_bytes + head_bytes) + head_bytes);
}

TEST(PlanSweep, NoSplitNeedsNoDisk) {
  const SweepPlan plan =
      plan_sweep(splits_of("all:multiple=5"), {.contract = known_model("phi4-mini").value()});
  EXPECT_EQ(plan.split_count, 0);
  EXPECT_EQ(plan.disk_bytes, 0);
}

}  // namespace
}  // namespace fusesweep
