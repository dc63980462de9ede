#include "harness/stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "harness/base/check.h"

namespace fusesweep {

std::optional<double> quantile(std::span<const double> samples, double share) {
  FUSESWEEP_CHECK(0 <= share && share <= 1);
  const auto is_nan = [](double sample) { return std::isnan(sample); };
  if (samples.empty() || std::any_of(samples.begin(), samples.end(), is_nan)) return std::nullopt;
  std::vector<double> sorted(samples.begin(), samples.end());
  const double place = share * static_cast<double>(sorted.size() - 1);
  const double below = std::floor(place);
  const auto lower = sorted.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(sorted.begin(), lower, sorted.end());
  const double rest = place - below;
  if (rest == 0) return *lower;
  const double upper = *std::min_element(lower + 1, sorted.end());
  return (1 - rest) * *lower + rest * upper;
}

std::optional<double> median(std::span<const double> samples) { return quantile(samples, 0.5); }

}  // namespace fusesweep
