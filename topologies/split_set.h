// SplitSet: what one sweep is asked for: several families and lists together, each split once, in
// the order in which they were asked for. Counts stay exact however large the families are.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/segment.h"
#include "topologies/big_count.h"
#include "topologies/bounded_splits.h"
#include "topologies/family.h"
#include "topologies/split.h"

namespace fusesweep {

// The segments of a list of splits, each once, ascending by begin and then by end.
std::vector<Segment> distinct_segments(const std::vector<Split>& splits);

class SplitSet {
 public:
  // REQUIRES: the family is one of the same model as those before it. The error is that there are
  // more bounded families, none inside another, than the exact count can afford (it is exponential
  // in their number); the caller adds where.
  Result<void> add(Family family);

  BigCount count() const;
  std::vector<Split> first(std::size_t limit) const;
  std::vector<Segment> segments() const;

 private:
  bool in_bounded(const Split& split, std::size_t first_parts) const;

  // As they were asked for; a listed split that an earlier part holds was dropped.
  std::vector<Family> parts_;
  std::set<Split> listed_;  // all splits of the listed parts
};

}  // namespace fusesweep
