#include "harness/stats/cell_estimate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/check.h"
#include "harness/stats/quantile.h"

namespace fusesweep {

std::optional<double> cell_estimate(std::span<const std::int64_t> token_ns) {
  if (std::any_of(token_ns.begin(), token_ns.end(), [](std::int64_t ns) { return ns <= 0; }))
    return std::nullopt;
  const std::vector<double> tokens(token_ns.begin(), token_ns.end());
  const std::optional<double> middle_ns = median(tokens);
  if (!middle_ns) return std::nullopt;
  return std::log(*middle_ns);
}

BlockCells cells_of_rounds(std::span<const RoundTokens> rounds) {
  const std::size_t arms = rounds.empty() ? 0 : rounds.front().size();
  std::vector<std::vector<double>> against_round(arms);  // log, by arm
  std::vector<bool> is_broken(arms);
  double levels = 0;
  int counted = 0;
  for (const RoundTokens& round : rounds) {
    FUSESWEEP_CHECK(round.size() == arms);
    std::vector<double> all;
    for (const std::vector<std::int64_t>& tokens : round) {
      for (const std::int64_t ns : tokens) {
        if (ns > 0) all.push_back(std::log(static_cast<double>(ns)));
      }
    }
    const std::optional<double> level = median(all);
    if (!level) continue;
    levels += *level;
    ++counted;
    for (std::size_t arm = 0; arm < arms; ++arm) {
      for (const std::int64_t ns : round[arm]) {
        if (ns <= 0) is_broken[arm] = true;
        if (ns > 0) against_round[arm].push_back(std::log(static_cast<double>(ns)) - *level);
      }
    }
  }
  BlockCells cells(arms);
  for (std::size_t arm = 0; arm < arms; ++arm) {
    const std::optional<double> middle = median(against_round[arm]);
    if (middle && !is_broken[arm]) cells[arm] = *middle + levels / counted;
  }
  return cells;
}

}  // namespace fusesweep
