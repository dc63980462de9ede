// What a count of successes says of a probability: passes of attempts, faults of calls, coverage of
// simulated trials.
#pragma once

#include <cstdint>

#include "harness/stats/interval.h"

namespace fusesweep {

// Clopper and Pearson's interval (1934), which contains the probability at least as often as the level
// says, whatever it is.  REQUIRES: successes <= attempts, attempts >= 1, 0 < level < 1.
Interval binomial_interval(std::uint64_t successes, std::uint64_t attempts, double level);

}  // namespace fusesweep
