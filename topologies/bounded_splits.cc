#include "topologies/bounded_splits.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace

BoundedSplits::BoundedSplits(int n_layers, const SplitLimits& limits)
    : n_layers_(n_layers), limits_(limits) {
  FUSESWEEP_CHECK(1 <= n_layers && n_layers <= kMaxLayers);
  FUSESWEEP_CHECK(limits.min_shard >= 1 && limits.max_shard >= 1 && limits.min_shards >= 1 &&
                  limits.max_shards >= 1 && limits.multiple >= 1);
  const int low = ceil_div(limits.min_shard, limits.multiple);
  const int high = std::min(limits.max_shard, n_layers) / limits.multiple;
  if (n_layers % limits.multiple != 0 || low > high) return;
  units_ = n_layers / limits.multiple;
  low_ = low;
  high_ = high;

  // at_most_[k][u] = [u is 0] + sum over the first shard's length v of at_most_[k-1][u-v]. The sum
  // over v from low to high is a window that slides with u, so an entry costs one addition and one
  // subtraction.
  const int most_shards = std::min(limits_.max_shards, units_ / low_);
  at_most_.assign(static_cast<std::size_t>(most_shards) + 1,
                  std::vector<BigCount>(static_cast<std::size_t>(units_) + 1));
  at_most_[0][0] = 1;
  for (std::size_t k = 1; k < at_most_.size(); ++k) {
    const std::vector<BigCount>& fewer = at_most_[k - 1];
    BigCount window = 0;
    at_most_[k][0] = 1;
    for (int u = 1; u <= units_; ++u) {
      if (u >= low_) window += fewer[static_cast<std::size_t>(u - low_)];
      if (u > high_) window -= fewer[static_cast<std::size_t>(u - high_ - 1)];
      at_most_[k][static_cast<std::size_t>(u)] = window;
    }
  }
}

// Whether units can be cut into some number of shards from min_shards to max_shards. With k shards
// every total from k low to k high can be reached, so the possible numbers of shards are
// ceil(units/high)..floor(units/low).
bool BoundedSplits::feasible(int units, int min_shards, int max_shards) const {
  return units >= 0 &&
         std::max(min_shards, ceil_div(units, high_)) <= std::min(max_shards, units / low_);
}

BigCount BoundedSplits::ways(int units, int min_shards, int max_shards) const {
  if (!feasible(units, min_shards, max_shards)) return 0;
  const auto at_most = [&](int shards) -> const BigCount& {
    const std::size_t row = std::min(static_cast<std::size_t>(shards), at_most_.size() - 1);
    return at_most_[row][static_cast<std::size_t>(units)];
  };
  return min_shards > 0 ? BigCount(at_most(max_shards) - at_most(min_shards - 1))
                        : at_most(max_shards);
}

BigCount BoundedSplits::count() const {
  return units_ == 0 ? BigCount(0) : ways(units_, limits_.min_shards, limits_.max_shards);
}

bool BoundedSplits::contains(const Split& split) const {
  const auto allowed = [this](int length) {
    return length % limits_.multiple == 0 && limits_.min_shard <= length &&
           length <= limits_.max_shard;
  };
  return split.n_layers() == n_layers_ && limits_.min_shards <= split.shards() &&
         split.shards() <= limits_.max_shards &&
         std::all_of(split.lengths().begin(), split.lengths().end(), allowed);
}

Split BoundedSplits::at(const BigCount& rank) const {
  FUSESWEEP_CHECK(rank >= 0 && rank < count());
  BigCount left = rank;
  std::vector<int> lengths;
  int units = units_;
  int shards = 0;
  while (units > 0) {
    ++shards;
    int length = low_;
    while (true) {
      const BigCount with_this =
          ways(units - length, limits_.min_shards - shards, limits_.max_shards - shards);
      if (left < with_this) break;
      left -= with_this;
      ++length;
    }
    lengths.push_back(length * limits_.multiple);
    units -= length;
  }
  return Split(std::move(lengths));
}

// Appends the first split, in order, of what is left after shards_before shards.  REQUIRES: there
// is one.
void BoundedSplits::append_smallest(int units, int shards_before, std::vector<int>& lengths) const {
  int min_left = limits_.min_shards - shards_before;
  int max_left = limits_.max_shards - shards_before;
  while (units > 0) {
    --min_left;
    --max_left;
    int length = low_;
    while (!feasible(units - length, min_left, max_left)) ++length;
    lengths.push_back(length * limits_.multiple);
    units -= length;
  }
}

std::optional<Split> BoundedSplits::first() const {
  if (units_ == 0 || !feasible(units_, limits_.min_shards, limits_.max_shards)) return std::nullopt;
  std::vector<int> lengths;
  append_smallest(units_, 0, lengths);
  return Split(std::move(lengths));
}

// The next split in order keeps the longest possible front, makes one shard longer, and begins what
// follows it anew. Only the last shards change, on average a constant number of them.
void BoundedSplits::advance(std::optional<Split>& split) const {
  std::vector<int> lengths = std::move(*split).take_lengths();
  int after = 0;  // units behind the shard that may grow
  while (!lengths.empty()) {
    const int length = lengths.back() / limits_.multiple;
    lengths.pop_back();
    const int shards_before = static_cast<int>(lengths.size());
    const int min_left = limits_.min_shards - shards_before - 1;
    const int max_left = limits_.max_shards - shards_before - 1;
    for (int longer = length + 1; longer <= std::min(high_, length + after); ++longer) {
      const int units = length + after - longer;
      if (!feasible(units, min_left, max_left)) continue;
      lengths.push_back(longer * limits_.multiple);
      append_smallest(units, shards_before + 1, lengths);
      split.emplace(std::move(lengths));
      return;
    }
    after += length;
  }
  split.reset();
}

std::vector<Segment> BoundedSplits::segments() const {
  std::vector<Segment> segments;
  if (units_ == 0) return segments;
  // [begin, end) is used when the units before and behind it can be cut so that the numbers of
  // shards fit. Both numbers range over an interval (see feasible), and so does their sum.
  for (int begin = 0; begin < units_; ++begin) {
    const int fewest_before = ceil_div(begin, high_);
    const int most_before = begin / low_;
    if (fewest_before > most_before) continue;
    for (int end = begin + low_; end <= std::min(units_, begin + high_); ++end) {
      const int behind = units_ - end;
      const int fewest = fewest_before + 1 + ceil_div(behind, high_);
      const int most = most_before + 1 + behind / low_;
      const bool behind_fits = ceil_div(behind, high_) <= behind / low_;
      if (behind_fits && fewest <= limits_.max_shards && most >= limits_.min_shards) {
        segments.push_back({begin * limits_.multiple, end * limits_.multiple});
      }
    }
  }
  return segments;
}

BoundedSplits BoundedSplits::intersect(const BoundedSplits& other) const {
  FUSESWEEP_CHECK(n_layers_ == other.n_layers_);
  const SplitLimits& theirs = other.limits_;
  // A common multiple beyond kMaxLayers allows no split, whatever it is exactly.
  const int multiple = std::min(std::lcm(limits_.multiple, theirs.multiple), kMaxLayers + 1);
  return BoundedSplits(n_layers_, {.min_shard = std::max(limits_.min_shard, theirs.min_shard),
                                   .max_shard = std::min(limits_.max_shard, theirs.max_shard),
                                   .min_shards = std::max(limits_.min_shards, theirs.min_shards),
                                   .max_shards = std::min(limits_.max_shards, theirs.max_shards),
                                   .multiple = multiple});
}

}  // namespace fusesweep
