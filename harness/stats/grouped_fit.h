// A trial whose arms were measured in groups, each in blocks of its own, as one table of arms. Every group
// has the control and a twin of it; arms of different groups are compared through the control.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "harness/stats/interval.h"
#include "harness/stats/two_way.h"

namespace fusesweep {

// What the first arm stands for. With its twin it is the mean of both, which are the same thing measured
// twice: a candidate's difference from it has three quarters of the variance.
enum class ControlLevel { kOfOneArm, kWithItsTwin };

// Arms are counted through: those of the first group, then those of the next one after control and twin.
class GroupedFit {
 public:
  // The fits must outlive it.  REQUIRES: at least one; a whole block in each; control and twin in each
  // where there are several, or the control's level is that of both.
  GroupedFit(std::span<const TwoWayFit> fits, ControlLevel control);
  GroupedFit(const TwoWayFit& fit, ControlLevel control)
      : GroupedFit(std::span(&fit, 1), control) {}

  std::size_t arms() const { return places_.size(); }
  std::span<const TwoWayFit> fits() const { return fits_; }
  bool has_error() const;            // of every group
  bool has_blocks(int least) const;  // whole ones, in every group

  // log(time of `arm` / time of `other`).
  double log_ratio(std::size_t arm, std::size_t other) const;

  // Its interval. Across groups the half width is the root of both squared, each with its own t: no
  // narrower than Cochran and Cox's (1950) for unequal variances.  REQUIRES: has_error().
  Interval interval(std::size_t arm, std::size_t other, double level) const;

 private:
  struct Place {
    std::size_t group = 0;
    std::size_t arm = 0;
  };
  struct Pair {
    Place a;
    Place b;
  };
  // The control stands in every group: in the one of whatever it is compared with.
  Pair places_of(std::size_t arm, std::size_t other) const;
  bool is_two(std::size_t arm) const;      // of a group: whether it stands for two
  double level(const Place& place) const;  // log ns per token
  double variance(std::size_t arm) const;  // of a group, in units of a cell's

  std::span<const TwoWayFit> fits_;
  ControlLevel control_;
  std::vector<Place> places_;
};

}  // namespace fusesweep
