// Searches for the fastest split where the truth is known, many of them, and prints how good the answers are and
// what they cost: the figures of harness/docs/OPTIMIZE.md.
//
//   fusesweep_search_trials [FIRST_CASES [OTHER_CASES [CLIFF_CASES]]]
//
// so many of the stated form with 8 to 32 layers (1000), of another family (200), and of 32 layers with a cliff
// at 20 (100).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "harness/stats/binomial_interval.h"
#include "harness/stats/quantile.h"
#include "tests/harness/plan/simulated_segments.h"

namespace fusesweep {
namespace {

struct Tally {
  int searches = 0;
  int proven = 0;
  int unsolved = 0;      // without a measured split
  int worse = 0;         // than 1 %, of all
  int proven_worse = 0;  // than 1 %, of those that were proven to be no worse
  int beyond = 0;        // worse than the bound that was reached, whatever it was
  std::vector<double> builds;
  std::vector<double> trials;
  std::vector<double> regrets;
  std::vector<double> bounds;
  std::vector<double> yardstick;
  std::vector<double> yardstick_regrets;
};

void print_spread(const char* name, const std::vector<double>& figures, double times = 1) {
  fmt::print("  {:<34}", name);
  for (const double share : {0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0})
    fmt::print(" {:8.2f}", times * quantile(figures, share).value_or(0));
  fmt::print("\n");
}

void print_rate(const char* name, int count, int of) {
  const Interval interval =
      binomial_interval(static_cast<std::uint64_t>(count), static_cast<std::uint64_t>(of), 0.95);
  fmt::print("  {:<44} {} of {}: {:.1f} % [{:.1f}, {:.1f}]\n", name, count, of, 100.0 * count / of,
             100 * interval.low, 100 * interval.high);
}

template <typename World>
void search_all(const char* name, int cases, World world_of) {
  Tally tally;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < cases; ++i) {
    SimulatedSegments world(world_of(i));
    if (!world.is_solvable()) continue;
    const SearchOutcome outcome = search_simulated(world, {});
    const bool is_proven = outcome.end == SearchEnd::kProven;
    ++tally.searches;
    tally.unsolved += outcome.regret_rel == HUGE_VAL ? 1 : 0;
    tally.proven += is_proven ? 1 : 0;
    tally.worse += outcome.regret_rel > 0.01 ? 1 : 0;
    tally.proven_worse += is_proven && outcome.regret_rel > 0.01 ? 1 : 0;
    tally.beyond += outcome.regret_rel > outcome.bound_rel ? 1 : 0;
    tally.builds.push_back(outcome.builds);
    tally.trials.push_back(outcome.trials);
    tally.regrets.push_back(outcome.regret_rel);
    tally.bounds.push_back(outcome.bound_rel);
    SimulatedSegments again(world_of(i));
    const YardstickOutcome yardstick = search_by_bisection(again);
    tally.yardstick.push_back(yardstick.builds);
    tally.yardstick_regrets.push_back(yardstick.regret_rel);
  }
  if (tally.searches == 0) return;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{}: {} searches, {:.0f} ms each\n", name, tally.searches,
             1e3 * took.count() / tally.searches);
  print_rate("proven to be within 1 %", tally.proven, tally.searches);
  if (tally.proven > 0) print_rate("of those worse than 1 %", tally.proven_worse, tally.proven);
  print_rate("worse than 1 %, proven or not", tally.worse, tally.searches);
  print_rate("worse than the bound that was reached", tally.beyond, tally.searches);
  print_rate("without a measured split", tally.unsolved, tally.searches);
  fmt::print("  {:<34} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", "least", "5 %", "25 %",
             "median", "75 %", "95 %", "most");
  print_spread("builds", tally.builds);
  print_spread("trials", tally.trials);
  print_spread("true regret, %", tally.regrets, 100);
  print_spread("bound, %", tally.bounds, 100);
  print_spread("builds of the yardstick", tally.yardstick);
  print_spread("its true regret, %", tally.yardstick_regrets, 100);
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  const auto cases = [&](int place, int otherwise) {
    return argc > place ? std::atoi(argv[place]) : otherwise;
  };
  search_all("of the stated form, 8 to 32 layers", cases(1, 1000), [](int i) {
    return SimulatedCase{.n_layers = 8 + i % 25, .seed = 1000U + static_cast<unsigned>(i)};
  });
  search_all("of another family, 8 to 32 layers", cases(2, 200), [](int i) {
    return SimulatedCase{.n_layers = 8 + i % 25,
                         .family = CostFamily::kOutside,
                         .seed = 5000U + static_cast<unsigned>(i)};
  });
  search_all("of the stated form, 32 layers, cliff at 20", cases(3, 100), [](int i) {
    return SimulatedCase{.n_layers = 32, .cliff = 20, .seed = 9000U + static_cast<unsigned>(i)};
  });
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace fusesweep

int main(int argc, char** argv) { return fusesweep::run(argc, argv); }
