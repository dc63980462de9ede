// One run against earlier ones, where all that they have in common is a ratio between two arms: what a
// run of blocks says of its own error is only part of it, for a ratio wanders from run to run as well.
#pragma once

#include <optional>
#include <span>

#include "harness/stats/interval.h"

namespace fusesweep {

// log(time of one arm / time of another) as one run saw it. Without an error of its own a run is one
// number.
struct MeasuredRatio {
  double log_ratio = 0;
  std::optional<double> standard_error;
  int degrees_of_freedom = 0;

  bool operator==(const MeasuredRatio&) const = default;
};

// By how much the ratio is above the earlier runs' mean.  REQUIRES: at least one earlier run.
double change_against(const MeasuredRatio& now, std::span<const MeasuredRatio> then);

// Its interval, which is the wider of two: from the errors that the runs state of themselves, added up as
// the root of the half widths squared (no narrower than Cochran and Cox, 1950), and from how far the
// earlier runs lie apart (Student's t prediction interval for one more run, with as many degrees of
// freedom as there are earlier runs but one). Absent where neither is known: a single earlier run, or this
// one, without an error.  REQUIRES: as above; 0 < level < 1.
std::optional<Interval> interval_against(const MeasuredRatio& now,
                                         std::span<const MeasuredRatio> then, double level);

}  // namespace fusesweep
