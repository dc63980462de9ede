#include "harness/stats/tie_set.h"

#include <algorithm>

#include "harness/base/check.h"

namespace fusesweep {

std::optional<TieSet> tie_set(const GroupedFit& fit, std::span<const std::size_t> arms,
                              double level) {
  FUSESWEEP_CHECK(!arms.empty());
  if (!fit.has_error()) return std::nullopt;
  TieSet ties{.best = arms.front()};
  for (const std::size_t arm : arms) {
    if (fit.log_ratio(arm, ties.best) < 0) ties.best = arm;
  }
  const double level_each = level_of_each(level, std::max<std::size_t>(arms.size() - 1, 1));
  for (const std::size_t arm : arms) {
    if (arm == ties.best || contains(fit.interval(arm, ties.best, level_each), 0))
      ties.arms.push_back(arm);
  }
  return ties;
}

}  // namespace fusesweep
