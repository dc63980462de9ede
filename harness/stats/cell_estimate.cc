#include "harness/stats/cell_estimate.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantile.h"

namespace fusesweep {

std::optional<double> cell_estimate(std::span<const RoundTokenNs> rounds) {
  if (rounds.empty()) return std::nullopt;
  double sum = 0;
  for (const RoundTokenNs& round : rounds) {
    if (std::any_of(round.begin(), round.end(), [](std::int64_t ns) { return ns <= 0; }))
      return std::nullopt;
    const std::vector<double> tokens_ns(round.begin(), round.end());
    const std::optional<double> middle_ns = median(tokens_ns);
    if (!middle_ns) return std::nullopt;
    sum += std::log(*middle_ns);
  }
  return sum / static_cast<double>(rounds.size());
}

}  // namespace fusesweep
