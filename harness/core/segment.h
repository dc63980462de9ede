// Segment: the layers [begin, end) that one shard holds. It stands in core, not in topologies/,
// because shard identities, weights and verdicts speak of it as well.
#pragma once

#include <compare>
#include <string>

namespace fusesweep {

// More layers than any model that we know of has (the deepest have 126); a bound for everything
// that is read.
inline constexpr int kMaxLayers = 512;

// Invariant, kept by whoever makes one: 0 <= begin < end <= kMaxLayers.
struct Segment {
  int begin = 0;
  int end = 0;

  int layers() const { return end - begin; }
  auto operator<=>(const Segment&) const = default;  // by begin, then by end
};

std::string to_text(const Segment& segment);  // "[0,16)"

// Whether all of the inner one's layers are in the outer one.
bool holds(const Segment& outer, const Segment& inner);

}  // namespace fusesweep
