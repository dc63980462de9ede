// What the store says of a split before it is measured: a wrong answer is never timed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/sweep/prepared_split.h"
#include "harness/sweep/stored_words.h"
#include "results/store.h"
#include "topologies/split.h"

namespace fusesweep {

enum class Standing { kQualified, kDisqualified, kUngated };

std::string_view to_text(Standing standing);  // "qualified", "disqualified", "ungated"

struct Qualification {
  Standing standing = Standing::kUngated;
  std::string reason;  // "residency of [0,24): ..."; of an ungated split, what is missing
};

// By the newest verdict of every gate under these conditions: a failure of any shard disqualifies, as
// does a shard that could not be had; qualified is a split of which every gate passed.
// `shards` are those of the split, as shards_of gives them. A pass counts only for the bytes that it
// was given for: those of a shard, chain or split in `content` must be the same.
Result<Qualification> qualification_of(const Store& store, const RunnableModel& model,
                                       const Split& split, const std::vector<ShardIdentity>& shards,
                                       const Conditions& conditions,
                                       const ContentHashes& content = {});

}  // namespace fusesweep
