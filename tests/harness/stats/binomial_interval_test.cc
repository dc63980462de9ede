#include "harness/stats/binomial_interval.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fusesweep {
namespace {

TEST(BinomialInterval, IsThatOfPublishedExamples) {
  // Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 5.
  const struct {
    std::uint64_t successes;
    std::uint64_t attempts;
    Interval want;
  } rows[] = {{81, 263, {0.2527, 0.3676}},
              {15, 148, {0.0578, 0.1617}},
              {0, 20, {0, 0.1684}},
              {1, 29, {0.0009, 0.1776}}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.successes);
    const Interval found = binomial_interval(row.successes, row.attempts, 0.95);
    EXPECT_NEAR(found.low, row.want.low, 5.1e-5);
    EXPECT_NEAR(found.high, row.want.high, 5.1e-5);
  }
}

TEST(BinomialInterval, ReachesTheEndWhereNothingOrEverythingSucceeded) {
  EXPECT_EQ(binomial_interval(0, 7, 0.9).low, 0);
  EXPECT_NEAR(binomial_interval(0, 7, 0.9).high, 1 - std::pow(0.05, 1.0 / 7), 1e-12);
  EXPECT_EQ(binomial_interval(7, 7, 0.9).high, 1);
  EXPECT_NEAR(binomial_interval(7, 7, 0.9).low, std::pow(0.05, 1.0 / 7), 1e-12);
}

TEST(BinomialInterval, OfFailuresIsTheMirrorImage) {
  for (std::uint64_t successes = 0; successes <= 12; ++successes) {
    const Interval hits = binomial_interval(successes, 12, 0.95);
    const Interval misses = binomial_interval(12 - successes, 12, 0.95);
    EXPECT_NEAR(hits.low, 1 - misses.high, 1e-12);
    EXPECT_NEAR(hits.high, 1 - misses.low, 1e-12);
  }
}

// The sum over all counts, each with its exact probability: the promise itself.
TEST(BinomialInterval, CoversEveryProbabilityAtLeastAsOftenAsItsLevelSays) {
  constexpr std::uint64_t kAttempts = 15;
  for (int percent = 1; percent < 100; ++percent) {
    const double p = percent / 100.0;
    double covered = 0;
    double probability = std::pow(1 - p, kAttempts);
    for (std::uint64_t k = 0; k <= kAttempts; ++k) {
      if (contains(binomial_interval(k, kAttempts, 0.95), p)) covered += probability;
      probability *= static_cast<double>(kAttempts - k) / static_cast<double>(k + 1) * p / (1 - p);
    }
    EXPECT_GE(covered, 0.95) << p;
  }
}

}  // namespace
}  // namespace fusesweep
