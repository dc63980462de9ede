// Split: how the layers of a model are cut into shards, front to back. A plain value; which splits
// to look at is family.h's business, which of them is fast is the sweep's.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/segment.h"

namespace fusesweep {

// Invariants, checked on construction: at least one shard, every length at least 1, the sum at most
// kMaxLayers.
class Split {
 public:
  // REQUIRES: the invariants above. For lengths that come from outside, see parse_split.
  explicit Split(std::vector<int> lengths);

  std::span<const int> lengths() const { return lengths_; }
  int shards() const { return static_cast<int>(lengths_.size()); }
  int n_layers() const;
  std::vector<Segment> segments() const;  // in order; they cover [0, n_layers) without a gap

  // Hands the lengths over to be changed and made into another split without an allocation.
  std::vector<int> take_lengths() && { return std::move(lengths_); }

  // By the first length that differs: 12+12+6+2 < 16+8+6+2. For splits of one model this is the
  // order in which every family enumerates.
  auto operator<=>(const Split&) const = default;

 private:
  std::vector<int> lengths_;
};

// The order of preference among splits that are equally fast: fewer shards, then the one whose longest shard is
// shorter, then by text.
bool is_preferred(const Split& split, const Split& other);

// The canonical text, which has only '+': "16+8+6+2".
std::string to_text(const Split& split);

// Reads "16+8+6+2", and "NxL" for N shards of L layers: "8x4", "5x6+2". With n_layers, the lengths
// must add up to it. The error gives the text, what was found, what was wanted and at which
// character; the caller adds where it came from.
Result<Split> parse_split(std::string_view text, std::optional<int> n_layers = std::nullopt);

}  // namespace fusesweep
