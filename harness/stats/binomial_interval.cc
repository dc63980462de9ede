#include "harness/stats/binomial_interval.h"

#include "harness/base/check.h"
#include "harness/stats/distributions.h"

namespace fusesweep {

Interval binomial_interval(std::uint64_t successes, std::uint64_t attempts, double level) {
  FUSESWEEP_CHECK(attempts >= 1 && successes <= attempts && 0 < level && level < 1);
  const double tail = (1 - level) / 2;
  const auto hits = static_cast<double>(successes);
  const auto misses = static_cast<double>(attempts - successes);
  Interval interval{0, 1};
  if (hits > 0) interval.low = beta_quantile(tail, hits, misses + 1);
  if (misses > 0) interval.high = beta_quantile(1 - tail, hits + 1, misses);
  return interval;
}

}  // namespace fusesweep
