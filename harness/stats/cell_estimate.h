// What a block gives of its arms, from the raw token times of their processes: a row of the table that
// two_way.h fits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/two_way.h"

namespace fusesweep {

// Of one arm by itself, in log ns per token: the median of all tokens that its process decoded, whatever
// turns they came in. Absent where there is no token, or a time that is not above 0.
std::optional<double> cell_estimate(std::span<const std::int64_t> token_ns);

// The tokens of one round, ns: what each arm decoded in its turn, in the arms' order.
using RoundTokens = std::vector<std::vector<std::int64_t>>;

// Of all arms of a block, in log ns per token. Each token is taken against the level of its round, which
// is the median of all arms' tokens in it: what slows a round slows all arms alike and falls out, and
// medians leave the rest of what was interrupted. The mean of the rounds' levels is added again, so that
// a cell is a time. Absent where an arm has no token, or one of a time that is not above 0.
// REQUIRES: as many arms in every round.
BlockCells cells_of_rounds(std::span<const RoundTokens> rounds);

}  // namespace fusesweep
