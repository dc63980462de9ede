#include "harness/plan/sweep_plan.h"

#include "harness/core/shard_weight.h"

namespace fusesweep {
namespace {

// A shard is on disk twice at the peak: as the package that was built, and as what the
// accelerator's compiler made of it, which is about as large.
constexpr std::uint64_t kFormsOnDisk = 2;

}  // namespace

SweepPlan plan_sweep(const SplitSet& splits, const PlanRequest& request) {
  SweepPlan plan;
  plan.split_count = splits.count();
  plan.splits = splits.first(request.listed_splits);
  for (const Segment& segment : splits.segments()) plan.shards.push_back({.segment = segment});
  if (!request.contract) return plan;

  const Contract& contract = *request.contract;
  std::uint64_t all_shards = 0;
  for (PlannedShard& shard : plan.shards) {
    const std::uint64_t bytes = shard_weight_bytes(contract, shard.segment, request.encoding);
    shard.weight_bytes = bytes;
    if (request.residency_limit_bytes) shard.within_limit = bytes <= *request.residency_limit_bytes;
    all_shards += bytes;
  }
  const std::uint64_t head =
      shard_weight_bytes(contract, HeadSlice{0, contract.vocab_size}, request.encoding);
  plan.weight_bytes = all_shards;
  plan.head_weight_bytes = head;
  plan.embedding_bytes = shard_weight_bytes(contract, EmbeddingTable{}, request.encoding);
  plan.disk_bytes =
      plan.shards.empty() ? 0 : kFormsOnDisk * (all_shards + head) + *plan.embedding_bytes;
  return plan;
}

}  // namespace fusesweep
