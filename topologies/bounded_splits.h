// BoundedSplits: all splits of n layers whose shards keep to some limits, counted exactly without
// enumerating, walked lazily, and addressed by rank. In mathematics: the restricted compositions of
// n. harness/docs/SPLITS.md explains it.
#pragma once

#include <optional>
#include <vector>

#include "harness/core/segment.h"
#include "topologies/big_count.h"
#include "topologies/split.h"

namespace fusesweep {

struct SplitLimits {
  int min_shard = 1;  // layers per shard
  int max_shard = kMaxLayers;
  int min_shards = 1;  // shards per split
  int max_shards = kMaxLayers;
  int multiple = 1;  // every shard's length is a multiple of this
};

class BoundedSplits {
 public:
  // REQUIRES: 1 <= n_layers <= kMaxLayers and every limit >= 1. Limits that leave no split are
  // fine: count() is 0.
  BoundedSplits(int n_layers, const SplitLimits& limits);

  int n_layers() const { return n_layers_; }
  const SplitLimits& limits() const { return limits_; }

  BigCount count() const;
  bool contains(const Split& split) const;

  // The rank-th split in the order of Split's <=>, counted from 0.  REQUIRES: 0 <= rank < count().
  Split at(const BigCount& rank) const;

  // Enumeration in that order, without storing anything: `for (auto s = all.first(); s;
  // all.advance(s))`. From any place: start at at(rank). advance() REQUIRES that the split is in
  // the set; past the last it leaves none.
  std::optional<Split> first() const;
  void advance(std::optional<Split>& split) const;

  // Every segment of at least one split of the set, ascending.
  std::vector<Segment> segments() const;

  // The splits that both sets hold.  REQUIRES: the same n_layers.
  BoundedSplits intersect(const BoundedSplits& other) const;

 private:
  // Lengths are counted in units of limits_.multiple from here on.
  bool feasible(int units, int min_shards, int max_shards) const;
  BigCount ways(int units, int min_shards, int max_shards) const;
  void append_smallest(int units, int shards_before, std::vector<int>& lengths) const;

  int n_layers_;
  SplitLimits limits_;
  int units_ = 0;  // n_layers / multiple; 0 when there is no split at all
  int low_ = 1;    // units per shard
  int high_ = 1;
  std::vector<std::vector<BigCount>>
      at_most_;  // [k][u]: compositions of u units into at most k shards
};

}  // namespace fusesweep
