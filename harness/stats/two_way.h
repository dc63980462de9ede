// The additive model of a trial: a cell is its block's level plus its arm's level plus noise. What all
// arms of a block share (a warm afternoon, a neighbour, a placement of memory) falls out of every
// difference between arms. Knows nothing of controls and candidates; trial_verdict.h does.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/interval.h"

namespace fusesweep {

// One block, in the arms' order: log ns per token, absent where an arm gave no estimate.
using BlockCells = std::vector<std::optional<double>>;

// Of one cell about its block's and its arm's level, in log units.
struct ErrorVariance {
  double variance = 0;
  int degrees_of_freedom = 0;

  bool operator==(const ErrorVariance&) const = default;
};

struct TwoWayFit {
  std::vector<std::size_t> blocks;    // whole ones, by place in the table; what follows is of them
  std::vector<std::size_t> left_out;  // those with a cell that is absent or not finite
  std::vector<double> arm_means;      // log ns per token; empty without a whole block
  std::vector<double> block_means;
  std::vector<double> residuals;  // cell - block mean - arm mean + mean of all, block after block
  // Absent without degrees of freedom, (blocks - 1) (arms - 1), and where there is no spread beyond
  // rounding: blocks that agree to the last digit are copies, not replicates.
  std::optional<ErrorVariance> error;
  // Of the first stage alone, where a trial has two: intervals are then the wider of the two (stein.h).
  std::optional<ErrorVariance> pilot_error;
};

// REQUIRES: at least one arm, and as many cells in every block.
TwoWayFit fit_two_way(std::span<const BlockCells> table);

// log(time of `arm` / time of `other`): below 0 where `arm` is faster.  REQUIRES: a whole block.
double log_ratio(const TwoWayFit& fit, std::size_t arm, std::size_t other);

// The variance of a difference within a block, in units of a cell's: between two arms, and between an arm
// and the mean of two others.
inline constexpr double kArmAgainstArm = 1 + 1;
inline constexpr double kArmAgainstTwo = 1 + 1.0 / 2;

// Of such a difference, were its error variance this one.
double standard_error(const TwoWayFit& fit, const ErrorVariance& error,
                      double cells = kArmAgainstArm);

// Of the interval of such a difference, from Student's t; absent with the error.
// REQUIRES: 0 < level < 1.
std::optional<double> half_width(const TwoWayFit& fit, double level, double cells = kArmAgainstArm);

std::optional<Interval> log_ratio_interval(const TwoWayFit& fit, std::size_t arm, std::size_t other,
                                           double level);

// The level of each of so many intervals with which all of them together have at least `level`
// (Bonferroni).  REQUIRES: 0 < level < 1, comparisons >= 1.
double level_of_each(double level, std::size_t comparisons);

}  // namespace fusesweep
