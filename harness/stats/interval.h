// An interval of a figure, both ends in it. Which figure, unit and level stands with whoever gives it.
#pragma once

namespace fusesweep {

struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
};

constexpr bool contains(const Interval& interval, double value) {
  return interval.low <= value && value <= interval.high;
}

// Whether all of `inner` lies in `outer`.
constexpr bool contains(const Interval& outer, const Interval& inner) {
  return outer.low <= inner.low && inner.high <= outer.high;
}

}  // namespace fusesweep
