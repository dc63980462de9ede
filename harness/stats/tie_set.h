// Which arms may be the fastest: those that a trial cannot tell from the one it saw as fastest.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/grouped_fit.h"

namespace fusesweep {

struct TieSet {
  std::size_t best = 0;           // observed, which chance has a hand in
  std::vector<std::size_t> arms;  // with it; in the order they were given

  bool operator==(const TieSet&) const = default;
};

// Hsu's comparisons with the best (1984) in their conservative form: two-sided intervals, Bonferroni
// over the others. The arm that is truly fastest is in it with probability `level` or more. Whoever has
// an order of preference, such as fewest shards first, gives the arms in it. Absent with the error.
// REQUIRES: at least one arm, each an arm of the fit, 0 < level < 1.
std::optional<TieSet> tie_set(const GroupedFit& fit, std::span<const std::size_t> arms,
                              double level);

}  // namespace fusesweep
