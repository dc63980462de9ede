// Where the level of a series of figures changed: for benchmarks over time, which are short, noisy and
// have outliers. Knows nothing of machines, splits or dates.
//
// The method: seeded binary segmentation (Kovacs, Buehlmann, Li and Munk, Biometrika 110, 2023) with the
// standardized Wilcoxon-Mann-Whitney statistic on the ranks of each interval (Pettitt, Applied Statistics
// 28, 1979; standardized as by Ross, Tasoulis and Adams, Technometrics 53, 2011). Ranks, so one outlier
// counts as one point however far out it lies, and the chance of a false alarm is the same for every
// continuous distribution of noise; short intervals, so that a change that was taken back is not
// averaged away. Nothing is drawn at random: the same series gives the same answer everywhere.
// harness/docs/TREND.md has its simulated rates and why it is not another one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fusesweep {

struct ChangePoint {
  std::size_t first = 0;  // of the points after it
  double before = 0;      // median from the change before
  double after = 0;       // median up to the next change
};

// The chance that a series of independent figures without a change is said to have one or more.
inline constexpr double kFalseChangeRate = 0.01;

// In fewer points no change can be told from chance at that rate.
inline constexpr std::size_t kFewestForChange = 10;

// By place; none where there are too few points. A change needs about five points on its shorter side.
// REQUIRES: all values are finite.
std::vector<ChangePoint> find_change_points(std::span<const double> values);

// What is compared with the limit: the largest statistic of all intervals. For calibration and tests.
double largest_rank_shift(std::span<const double> values);

// That which it stays below in all but kFalseChangeRate of series without a change.
// REQUIRES: points >= kFewestForChange.
double rank_shift_limit(std::size_t points);

}  // namespace fusesweep
