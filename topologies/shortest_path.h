// Shortest paths over layer boundaries: shards of one device run one after the other, so a split's cost is
// the sum of its segments' costs, and the best of 2^(n-1) splits is a shortest path among n(n+1)/2
// segments. Exact; k best; under limits. harness/docs/OPTIMIZE.md has the reasoning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/segment.h"
#include "topologies/big_count.h"
#include "topologies/split.h"

namespace fusesweep {

// What each segment of a model costs. One that has no cost is not used by any path.
class SegmentTable {
 public:
  // Of a model with so many layers, nothing of it usable yet.  REQUIRES: 1 <= n_layers <= kMaxLayers.
  explicit SegmentTable(int n_layers);

  int n_layers() const { return n_layers_; }
  // What is summed for PathLimits::bytes counts 0 unless it is said.
  // REQUIRES: the segment lies within the model, the cost is finite (it may be negative).
  void set(const Segment& segment, double cost, std::uint64_t bytes = 0);
  // Another cost for each that may be used: cost_of(segment). Their bytes stay.
  template <typename CostOf>
  void reprice(CostOf cost_of) {
    for (const Segment& segment : usable()) set(segment, cost_of(segment), bytes(segment));
  }
  void forbid(const Segment& segment);
  void forbid_longer(int layers);                  // wherever they begin
  void forbid_longer_from(int begin, int layers);  // a cliff of one start

  std::optional<double> cost(const Segment& segment) const;
  std::uint64_t bytes(const Segment& segment) const;
  std::vector<Segment> usable() const;  // ascending

 private:
  std::size_t place(const Segment& segment) const;

  int n_layers_;
  std::vector<double> costs_;  // infinite: not usable
  std::vector<std::uint64_t> bytes_;
};

struct PathLimits {
  std::optional<int> shards;           // at most
  std::optional<std::uint64_t> bytes;  // of all segments of a path together, at most
};

struct Path {
  Split split;
  double cost = 0;
  std::uint64_t bytes = 0;
};

// The `count` cheapest splits, the cheapest first; fewer where there are not so many. Equal costs: fewer
// shards, then the one whose longest shard is shorter, then by text.
// Without limits O(n^2 + n count log n); with them also by how many shards and byte sums there are.
std::vector<Path> best_paths(const SegmentTable& table, const PathLimits& limits,
                             std::size_t count);

// The cost of a split; absent where one of its segments is not usable.
std::optional<double> cost_of(const SegmentTable& table, const Split& split);

// How much dearer the split could be than the cheapest, were every cost anywhere between that of `low` and
// that of `high`: the largest regret. It is reached with the split's own segments at their highest and
// all others at their lowest (Karasan, Pinar, Yaman 2001). Absent where the split cannot be used.
// REQUIRES: low and high are of as many layers and have the same segments.
std::optional<double> largest_regret(const SegmentTable& low, const SegmentTable& high,
                                     const PathLimits& limits, const Split& split);

// How many splits the table and the number of shards allow; bytes are not looked at.
BigCount count_paths(const SegmentTable& table, const PathLimits& limits);

}  // namespace fusesweep
