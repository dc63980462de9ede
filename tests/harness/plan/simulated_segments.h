// Segments whose costs are known, for whoever searches for the best split of them; and a search of the kind
// that others make, to compare builds with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "harness/core/segment.h"
#include "harness/plan/cliff_search.h"
#include "harness/plan/optimizer.h"
#include "topologies/shortest_path.h"
#include "topologies/split.h"

namespace fusesweep {

// Which family of costs: of the form that the optimizer states, or of others.
enum class CostFamily { kOfTheForm, kOutside };

struct SimulatedCase {
  int n_layers = 32;
  std::optional<int> cliff;  // the longest resident shard; absent: drawn
  CostFamily family = CostFamily::kOfTheForm;
  std::uint64_t seed = 1;
};

// An average layer takes 1 ms.
class SimulatedSegments {
 public:
  explicit SimulatedSegments(const SimulatedCase& wanted)
      : random_(wanted.seed), n_(wanted.n_layers), truth_(wanted.n_layers) {
    cell_sd_ = uniform(0.01, 0.03);
    boundary_ = uniform(0.1, 2);
    cliff_ = wanted.cliff.value_or(static_cast<int>(std::ceil(uniform(0.4, 1) * n_)));
    if (wanted.family == CostFamily::kOfTheForm) {
      draw_of_the_form();
    } else {
      draw_outside();
    }
    forbid();
  }

  int n_layers() const { return n_; }
  int cliff() const { return cliff_; }
  double boundary() const { return boundary_; }
  const SegmentTable& truth() const { return truth_; }  // with boundaries; what fails has no cost

  double best() const { return best_paths(truth_, {}, 1).front().cost; }
  bool is_solvable() const { return !best_paths(truth_, {}, 1).empty(); }

  // A build, its gates, and a trial of what is good: 6 to 12 blocks, for an error of 0.4 %.
  SegmentAnswers measure(const std::vector<Segment>& segments) {
    SegmentAnswers answers;
    const double blocks = std::clamp(std::ceil(std::pow(cell_sd_ / 0.004, 2)), 6.0, 12.0);
    const double sd = cell_sd_ / std::sqrt(blocks);
    answers.trial_sd_rel = sd / std::sqrt(3);  // of a control of some three shards
    const double level = 1 + answers.trial_sd_rel * normal();
    for (const Segment& segment : segments) {
      built_.insert(segment);
      if (segment.layers() > cliff_) {
        answers.failures.push_back({segment, true, "not resident"});
      } else if (!truth_.cost(segment)) {
        answers.failures.push_back({segment, false, "non-finite outputs"});
      } else {
        const double own = *truth_.cost(segment) - boundary_;
        answers.costs.push_back({segment, own * level * (1 + sd * normal()), sd});
      }
    }
    return answers;
  }

  // The search for the cliff, as it is made before: what it built.
  SegmentAnswers find_cliff() {
    CliffSearch search({.n_layers = n_, .first_guess = std::min(n_, cliff_ + 1)});
    std::set<Segment> asked;
    while (const std::optional<CliffProbe> probe = search.next()) {
      const bool is_resident = probe->segment.layers() <= cliff_;
      asked.insert(probe->segment);
      ProbeAnswer answer{.probe = *probe, .is_resident = is_resident};
      if (!is_resident) answer.failure = ProbeFailure::kPlan;
      search.observe(std::move(answer));
    }
    return measure({asked.begin(), asked.end()});
  }

  std::size_t builds() const { return built_.size(); }
  double normal() { return normal_(random_); }

 private:
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }

  void draw_of_the_form() {
    const double bend = uniform(-0.1, 0.1);  // of the cost of a layer, over the model's length
    const double step_sd = uniform(0, 0.02);
    const double place_sd = uniform(0, 0.03);
    const double first = uniform(-0.5, 0.5);
    const double last = uniform(-0.5, 0.5);
    const double residual = std::exp(uniform(std::log(0.002), std::log(0.03)));
    std::vector<double> length(static_cast<std::size_t>(n_) + 1);
    std::vector<double> place(length.size());
    for (std::size_t i = 1; i < length.size(); ++i) {
      const double share = static_cast<double>(i) / n_;
      length[i] = length[i - 1] + 1 + 2 * bend * share + step_sd * normal();
      place[i] = place[i - 1] + place_sd * normal();
    }
    for_each([&](const Segment& s) {
      const auto begin = static_cast<std::size_t>(s.begin);
      const auto end = static_cast<std::size_t>(s.end);
      return length[end - begin] + place[end] - place[begin] + (s.begin == 0 ? first : 0) +
             (s.end == n_ ? last : 0) + residual * std::sqrt(s.layers()) * normal();
    });
  }

  // Steps at a length, residuals that grow with the cost, rare segments that are much slower, a stretch of
  // layers that fuses badly.
  void draw_outside() {
    const int step_at = static_cast<int>(uniform(2, n_));
    const double step = uniform(0, 1);
    const double residual = std::exp(uniform(std::log(0.001), std::log(0.01)));
    const double tail_rate = uniform(0, 0.05);
    const int seam = static_cast<int>(uniform(1, n_));
    const double crossing = uniform(0, 0.5);
    for_each([&](const Segment& s) {
      double cost = s.layers() * (1 + residual * normal());
      if (s.layers() >= step_at) cost += step;
      if (s.begin < seam && seam < s.end) cost += crossing;
      if (uniform(0, 1) < tail_rate) cost *= 1 + uniform(0, 0.1);
      return cost;
    });
  }

  template <typename Cost>
  void for_each(Cost cost) {
    for (int begin = 0; begin < n_; ++begin) {
      for (int end = begin + 1; end <= n_; ++end)
        truth_.set({begin, end}, std::max(0.1, cost(Segment{begin, end})) + boundary_);
    }
  }

  void forbid() {
    truth_.forbid_longer(cliff_);
    const double rate = uniform(0, 0.05);
    for (const Segment& segment : truth_.usable()) {
      if (segment.layers() > 1 && uniform(0, 1) < rate) truth_.forbid(segment);
    }
  }

  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  int n_;
  int cliff_ = 0;
  double cell_sd_ = 0;
  double boundary_ = 0;
  SegmentTable truth_;
  std::set<Segment> built_;
};

struct SearchOutcome {
  SearchEnd end = SearchEnd::kInterrupted;
  int builds = 0;
  int trials = 0;
  double bound_rel = HUGE_VAL;   // that was claimed
  double regret_rel = HUGE_VAL;  // that it really has
};

// As the command does it: the cliff, then the search; the boundary is known with some error.
inline SearchOutcome search_simulated(SimulatedSegments& world, OptimizeQuestion question) {
  SegmentTable usable(world.n_layers());
  for (int begin = 0; begin < world.n_layers(); ++begin) {
    for (int end = begin + 1; end <= world.n_layers(); ++end) usable.set({begin, end}, 0);
  }
  const SegmentAnswers cliff = world.find_cliff();
  usable.forbid_longer(world.cliff());
  question.usable = usable;
  Optimizer optimizer(std::move(question));
  std::vector<Segment> built;
  for (const SegmentAnswers::Cost& cost : cliff.costs) built.push_back(cost.segment);
  optimizer.know(built, cliff.failures);
  const double boundary_sd = 0.05;
  const double boundary = world.boundary() + boundary_sd * world.normal();
  optimizer.set_boundary(boundary, boundary_sd, 0);
  while (!optimizer.next().empty()) optimizer.observe(world.measure(optimizer.next()));
  SearchOutcome outcome{
      .end = optimizer.end(), .builds = optimizer.builds(), .trials = optimizer.trials()};
  const std::vector<PathFinding> best = optimizer.best_measured(1);
  if (best.empty()) return outcome;
  const double cost = cost_of(world.truth(), parse_split(best.front().split).value()).value();
  outcome.regret_rel = cost / world.best() - 1;
  outcome.bound_rel = optimizer.bound_rel().value_or(HUGE_VAL);
  return outcome;
}

struct YardstickOutcome {
  int builds = 0;
  double regret_rel = HUGE_VAL;
};

// A search like that of libcoral's profiling partitioner, for every number of shards: bisect the latency that
// no shard may exceed; for each, cut from the front as far as the latency allows, by bisection over lengths,
// building every shard of every candidate anew.
inline YardstickOutcome search_by_bisection(SimulatedSegments& world) {
  YardstickOutcome outcome;
  const int n = world.n_layers();
  const auto build = [&](const Segment& segment) -> std::optional<double> {
    ++outcome.builds;
    return world.truth().cost(segment);
  };
  double best = HUGE_VAL;
  const int fewest = (n + world.cliff() - 1) / world.cliff();
  for (int shards = fewest; shards <= std::min(n, fewest + 2); ++shards) {
    double low = 0;
    double high = 2.0 * n;
    while (high - low > 0.02 * n) {
      const double target = (low + high) / 2;
      std::vector<int> lengths;
      double sum = 0;
      int at = 0;
      for (int s = 0; s < shards && at < n; ++s) {
        int fits = 0;
        double fits_cost = 0;
        int first = 1;
        int last = n - at;
        while (first <= last) {
          const int middle = (first + last) / 2;
          const std::optional<double> cost = build({at, at + middle});
          if (cost && *cost <= target) {
            fits = middle;
            fits_cost = *cost;
            first = middle + 1;
          } else {
            last = middle - 1;
          }
        }
        if (fits == 0) break;
        lengths.push_back(fits);
        sum += fits_cost;
        at += fits;
      }
      if (at == n) {
        best = std::min(best, sum);
        high = target;
      } else {
        low = target;
      }
    }
  }
  outcome.regret_rel = best / world.best() - 1;
  return outcome;
}

}  // namespace fusesweep
