// Family: a set of splits of one model, described in a line of text instead of listed.
// harness/docs/SPLITS.md is the reference of the notation.
//   front-fused:tail=6+2,front=12..24,step=4  F + rest + tail, F >= rest: 16+8+6+2, 24+6+2
//   uniform:length=2..8,step=2                equal shards, the last takes the rest: 8x4, 5x6+2
//   list:16+8+6+2,8x4                         these
//   all:max-shard=20,max-shards=4             every split within limits
// Every family enumerates in ascending order of the first shard length that differs, but list,
// which keeps its own.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "harness/base/result.h"
#include "topologies/big_count.h"
#include "topologies/bounded_splits.h"
#include "topologies/split.h"

namespace fusesweep {

// Few enough to be listed, or bounded.
using Family = std::variant<std::vector<Split>, BoundedSplits>;

// The error gives the text, what was found and what was wanted; the caller adds where it came from.
// REQUIRES: 1 <= n_layers <= kMaxLayers.
Result<Family> parse_family(std::string_view text, int n_layers);

// "16+8+6+2,8x4": at least one split of n_layers each.
Result<std::vector<Split>> parse_split_list(std::string_view text, int n_layers);

BigCount count(const Family& family);

// The rank-th split, counted from 0, in the family's order.  REQUIRES: 0 <= rank < count(family).
Split split_at(const Family& family, const BigCount& rank);

}  // namespace fusesweep
