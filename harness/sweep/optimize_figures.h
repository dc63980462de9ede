// The arithmetic of a search for the best of all splits, apart from building and measuring: which segments are
// its control, which whole splits tell the cost of a boundary, and how far sums are from what they stand for.
// Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/optimize.h"
#include "harness/core/segment.h"
#include "topologies/shortest_path.h"
#include "topologies/split.h"

namespace fusesweep {

// Those of the segments that cover most layers without overlapping, and as few as can: what every trial of
// segments measures beside others. A whole split where they have one. Ascending.
std::vector<Segment> choose_control(std::span<const Segment> segments, int n_layers);

// Splits that the table and its limits allow, each with another number of shards: as few as can be, as many as
// can be, and one between. Costs are not looked at.
std::vector<Split> splits_apart(const SegmentTable& table, const PathLimits& limits);

// A split that was measured whole, beside the times of its segments by themselves. The two were measured at
// different times: their scales differ by as much as the machine's speed did.
struct WholeSplit {
  std::string split;
  int shards = 0;
  double token_ms = 0;     // on the scale of its trial, like the next two
  double token_sd_ms = 0;  // of that figure
  double rest_ms = 0;      // of it, of what no split changes: the head, the host
  double sum_ms = 0;       // of the segments by themselves, on the scale of the search
  double sum_sd_ms = 0;
};

struct BoundaryFit {
  double shard_ms =
      0;  // of every shard, beyond its segment's own time; below 0 where calls alone take longer
  double shard_sd_ms = 0;
  double rest_ms = 0;  // of a token's time that no split changes; all on the scale of the search
};

// Weighted least squares of  token_ms - rest_ms = scale (sum_ms + shard_ms * shards),  each split by the variance
// of its figures. Where there are more splits than the two that it takes, and they lie further off than
// their variances say, its deviation is larger by that. Segments that splits have in common are taken for
// independent, which makes it rather too large.
// Absent for fewer than two numbers of shards.  REQUIRES: the splits are of one trial.
std::optional<BoundaryFit> fit_boundary(std::span<const WholeSplit> splits);

// Token times against  rest_ms + sum_ms + shard_ms * shards,  each beside the same of the control, which takes the
// scale out. To mean something, of measurements that the fit has not seen. Absent without others than the control.
// REQUIRES: the splits are of one trial, the control one of them, by its number.
std::optional<Additivity> additivity_of(std::span<const WholeSplit> splits, std::size_t control,
                                        const BoundaryFit& fit);

// Of the family front-fused with that tail, as family.h writes it, the cheapest that the table and the number of
// shards allow; absent where none is.
std::optional<Split> best_front_fused(const std::string& tail, const SegmentTable& costs,
                                      const PathLimits& limits);

// Distinct shards of that whole family; 0 where the tail does not fit.
int builds_by_hand(const std::string& tail, int n_layers);

}  // namespace fusesweep
