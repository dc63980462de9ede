// How good the search's answers are, where the truth is known. Bounds are asserted on a part of the cases; all
// of them are run by fusesweep_search_trials, whose figures stand in harness/docs/OPTIMIZE.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "harness/stats/binomial_interval.h"
#include "tests/harness/plan/simulated_segments.h"

namespace fusesweep {
namespace {

struct Tally {
  int searches = 0;
  int proven = 0;
  int worse = 0;  // proven, and worse than it was said to be at most
  std::vector<int> builds;
};

Tally search_all(CostFamily family, int cases) {
  Tally tally;
  for (int i = 0; i < cases; ++i) {
    SimulatedSegments world(
        {.n_layers = 8 + i % 25, .family = family, .seed = 1000U + static_cast<unsigned>(i)});
    if (!world.is_solvable()) continue;
    OptimizeQuestion question;
    question.draws = 400;
    const SearchOutcome outcome = search_simulated(world, question);
    ++tally.searches;
    tally.builds.push_back(outcome.builds);
    tally.proven += outcome.end == SearchEnd::kProven ? 1 : 0;
    tally.worse += outcome.regret_rel > std::max(0.01, outcome.bound_rel) ? 1 : 0;
  }
  return tally;
}

TEST(SimulatedSearchTest, IsNotWrongMoreOftenThanItsConfidenceAllows) {
  const Tally tally = search_all(CostFamily::kOfTheForm, 60);
  EXPECT_GT(tally.searches, 50);
  EXPECT_GT(tally.proven, tally.searches / 2);
  // Not refuted at 99 %: were it wrong in 5 % of the cases, so many would be rare.
  EXPECT_LE(binomial_interval(static_cast<std::uint64_t>(tally.worse),
                              static_cast<std::uint64_t>(tally.searches), 0.99)
                .low,
            0.05)
      << tally.worse;
}

TEST(SimulatedSearchTest, NeedsFewBuildsWhereTheFewestShardsAreFast) {
  int builds = 0;
  int yardstick = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SimulatedSegments world({.n_layers = 32, .cliff = 20, .seed = seed});
    const SearchOutcome outcome = search_simulated(world, {});
    EXPECT_LE(outcome.builds, 64);
    builds += outcome.builds;
    yardstick += search_by_bisection(world).builds;
  }
  EXPECT_LT(builds, yardstick);
}

}  // namespace
}  // namespace fusesweep
