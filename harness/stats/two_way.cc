#include "harness/stats/two_way.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

// Standard deviations below this are rounding: a log of nanoseconds is about 18, to 16 digits.
constexpr double kNoSpread = 1e-12;

bool is_whole(const BlockCells& cells) {
  return std::all_of(cells.begin(), cells.end(),
                     [](const auto& cell) { return cell && std::isfinite(*cell); });
}

}  // namespace

TwoWayFit fit_two_way(std::span<const BlockCells> table) {
  TwoWayFit fit;
  for (std::size_t block = 0; block < table.size(); ++block) {
    FUSESWEEP_CHECK(!table[block].empty() && table[block].size() == table[0].size());
    (is_whole(table[block]) ? fit.blocks : fit.left_out).push_back(block);
  }
  if (fit.blocks.empty()) return fit;
  const std::size_t arms = table[0].size();
  const auto n_arms = static_cast<double>(arms);
  const auto n_blocks = static_cast<double>(fit.blocks.size());
  fit.arm_means.assign(arms, 0);
  double mean = 0;
  for (const std::size_t block : fit.blocks) {
    double sum = 0;
    for (std::size_t arm = 0; arm < arms; ++arm) {
      sum += *table[block][arm];
      fit.arm_means[arm] += *table[block][arm] / n_blocks;
    }
    fit.block_means.push_back(sum / n_arms);
    mean += sum / n_arms / n_blocks;
  }
  double squares = 0;
  for (std::size_t b = 0; b < fit.blocks.size(); ++b) {
    for (std::size_t arm = 0; arm < arms; ++arm) {
      const double residual =
          *table[fit.blocks[b]][arm] - fit.block_means[b] - fit.arm_means[arm] + mean;
      fit.residuals.push_back(residual);
      squares += residual * residual;
    }
  }
  const auto freedom = static_cast<int>((fit.blocks.size() - 1) * (arms - 1));
  if (freedom == 0 || !std::isfinite(squares)) return fit;
  const double variance = squares / freedom;
  if (std::sqrt(variance) > kNoSpread) fit.error = ErrorVariance{variance, freedom};
  return fit;
}

double log_ratio(const TwoWayFit& fit, std::size_t arm, std::size_t other) {
  FUSESWEEP_CHECK(arm < fit.arm_means.size() && other < fit.arm_means.size());
  return fit.arm_means[arm] - fit.arm_means[other];
}

double standard_error(const TwoWayFit& fit, const ErrorVariance& error, double cells) {
  FUSESWEEP_CHECK(!fit.blocks.empty());
  return std::sqrt(cells * error.variance / static_cast<double>(fit.blocks.size()));
}

std::optional<double> half_width(const TwoWayFit& fit, double level, double cells) {
  if (!fit.error) return std::nullopt;
  double widest = 0;
  for (const auto& error : {fit.error, fit.pilot_error}) {
    if (!error) continue;
    const double t = t_half_width(level, error->degrees_of_freedom);
    widest = std::max(widest, t * standard_error(fit, *error, cells));
  }
  return widest;
}

std::optional<Interval> log_ratio_interval(const TwoWayFit& fit, std::size_t arm, std::size_t other,
                                           double level) {
  const std::optional<double> reach = half_width(fit, level);
  if (!reach) return std::nullopt;
  const double middle = log_ratio(fit, arm, other);
  return Interval{middle - *reach, middle + *reach};
}

double level_of_each(double level, std::size_t comparisons) {
  FUSESWEEP_CHECK(0 < level && level < 1 && comparisons >= 1);
  return 1 - (1 - level) / static_cast<double>(comparisons);
}

}  // namespace fusesweep
