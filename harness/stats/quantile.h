// Order statistics of raw samples: the one home of median and quantiles.
#pragma once

#include <optional>
#include <span>

namespace fusesweep {

// The value that a share of the samples lies below, on straight lines between the sorted samples:
// type 7 of Hyndman and Fan (1996), what R and NumPy do unless told otherwise. Absent for no samples,
// and where one is not a number.  REQUIRES: 0 <= share <= 1.
std::optional<double> quantile(std::span<const double> samples, double share);

// quantile() at a half: of an even number of samples, halfway between the two in the middle.
std::optional<double> median(std::span<const double> samples);

}  // namespace fusesweep
