// The one number that a block gives of an arm, from the raw token times of its rounds: a cell of the
// table that two_way.h fits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fusesweep {

using RoundTokenNs = std::vector<std::int64_t>;  // of one round, in the order they came

// In log ns per token: the median over each round's tokens, which a token that was interrupted does not
// move, then the mean of the rounds' logarithms. Absent where there is no round, a round without a
// token, or a time that is not above 0.
std::optional<double> cell_estimate(std::span<const RoundTokenNs> rounds);

}  // namespace fusesweep
