// SweepPlan: what a sweep would build and measure, worked out without doing any of it. A pure
// function of the splits and the model's dimensions; harness/docs/PLAN.md says what each figure
// holds and leaves out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/contract.h"
#include "harness/core/encoding.h"
#include "harness/core/segment.h"
#include "topologies/big_count.h"
#include "topologies/split.h"
#include "topologies/split_set.h"

namespace fusesweep {

struct PlanRequest {
  std::optional<Contract>
      contract;  // without one there are no sizes, and those of the plan are absent
  Encoding encoding = Encoding::kInt8;
  std::optional<std::uint64_t> residency_limit_bytes;
  std::size_t listed_splits = 0;  // how many splits to list; the counts are of all
};

// A layer shard that at least one of the splits uses.
struct PlannedShard {
  Segment segment;
  std::optional<std::uint64_t> weight_bytes;
  std::optional<bool> within_limit;  // absent without a size or without a limit
};

struct SweepPlan {
  BigCount split_count;
  std::vector<Split> splits;                       // the first ones
  std::vector<PlannedShard> shards;                // of all splits, ascending
  std::optional<std::uint64_t> weight_bytes;       // of all these shards together
  std::optional<std::uint64_t> head_weight_bytes;  // of the LM head, however many slices it has
  std::optional<std::uint64_t> embedding_bytes;    // of the embedding table
  std::optional<std::uint64_t> disk_bytes;         // at the peak; see PLAN.md
};

// REQUIRES: a contract, if there is one, passes check_contract and has as many layers as the
// splits.
SweepPlan plan_sweep(const SplitSet& splits, const PlanRequest& request);

}  // namespace fusesweep
