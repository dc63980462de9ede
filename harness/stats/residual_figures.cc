#include "harness/stats/residual_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

OutlyingCell furthest_cell(const TwoWayFit& fit) {
  const std::size_t arms = fit.arm_means.size();
  const auto furthest =
      std::max_element(fit.residuals.begin(), fit.residuals.end(),
                       [](double a, double b) { return std::abs(a) < std::abs(b); });
  const auto at = static_cast<std::size_t>(furthest - fit.residuals.begin());
  const auto n_blocks = static_cast<double>(fit.blocks.size());
  const auto n_arms = static_cast<double>(arms);
  const double square = *furthest * *furthest;
  // The share of the noise's variance that a residual has; the other share went into the means.
  const double share = (1 - 1 / n_blocks) * (1 - 1 / n_arms);
  const int freedom = fit.error->degrees_of_freedom;
  const double rest = fit.error->variance * freedom - square / share;
  const double t = rest > 0 ? std::sqrt(square / share * (freedom - 1) / rest)
                            : std::numeric_limits<double>::infinity();
  return {
      .block = fit.blocks[at / arms],
      .arm = at % arms,
      .residual = *furthest,
      .probability = std::min(1.0, n_blocks * n_arms * t_two_sided_probability(t, freedom - 1))};
}

std::vector<double> arm_deviations(const TwoWayFit& fit) {
  const std::size_t arms = fit.arm_means.size();
  std::vector<double> squares(arms, 0);
  for (std::size_t i = 0; i < fit.residuals.size(); ++i)
    squares[i % arms] += fit.residuals[i] * fit.residuals[i];
  const double expected =
      static_cast<double>(fit.error->degrees_of_freedom) / static_cast<double>(arms);
  for (double& value : squares) value = std::sqrt(value / expected);
  return squares;
}

}  // namespace

ResidualFigures residual_figures(const TwoWayFit& fit) {
  ResidualFigures figures;
  if (!fit.error) return figures;
  if (fit.error->degrees_of_freedom >= 2) figures.furthest = furthest_cell(fit);
  figures.arm_sd = arm_deviations(fit);
  const auto n = static_cast<double>(fit.blocks.size());
  const double mean = std::accumulate(fit.block_means.begin(), fit.block_means.end(), 0.0) / n;
  double squares = 0;
  double along = 0;
  double length = 0;
  for (std::size_t b = 0; b < fit.blocks.size(); ++b) {
    const double level = fit.block_means[b] - mean;
    const double place = static_cast<double>(b) - (n - 1) / 2;
    squares += level * level;
    along += place * level;
    length += place * place;
  }
  figures.block_sd = std::sqrt(squares / (n - 1));
  figures.drift_rel = std::expm1(along / length * (n - 1));
  return figures;
}

}  // namespace fusesweep
