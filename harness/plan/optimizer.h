// Optimizer: finds the fastest split by asking for as few segments as it can. A pure state machine: next()
// names segments to build and measure together, whoever drives it answers with observe(), until next() has
// nothing left to ask.
//
// It begins with a few splits of equal shards, from the fewest that the limits allow. Then it draws costs of
// all segments from what is known (stats/segment_model.h), looks for the best split of each draw
// (topologies/shortest_path.h), and asks for the segments that stand most often, and with the most to gain,
// in splits that beat the best one so far. It ends when in so many draws as the confidence demands none
// beats that by more than the regret that is granted. What fails is never used again, nor what holds it:
// where residency is lost, a larger shard does not get it back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/core/optimize.h"
#include "harness/core/segment.h"
#include "harness/stats/segment_model.h"
#include "topologies/shortest_path.h"
#include "topologies/split.h"

namespace fusesweep {

struct OptimizeQuestion {
  // Which segments may be used, with their bytes; their costs are not looked at.
  SegmentTable usable{1};
  PathLimits limits;
  double regret_rel = 0.01;  // of a token's time
  double confidence = 0.95;
  int max_builds = 64;
  int max_trials = 40;
  std::size_t batch = 8;      // segments that are asked for at a time, but for the first
  std::size_t draws = 1'000;  // that every decision looks at
  std::uint64_t seed = 1;
};

// Why a segment cannot be used.
struct SegmentFailure {
  Segment segment;
  bool is_residency = false;  // then no segment that holds it can be either
  std::string reason;
};

// What came of one batch: segments that failed, and a trial of the others.
struct SegmentAnswers {
  std::vector<SegmentFailure> failures;
  struct Cost {
    Segment segment;
    double ms = 0;      // per token
    double sd_rel = 0;  // of the figure
  };
  std::vector<Cost> costs;
  double trial_sd_rel = 0;  // of what all costs of the trial share: the control's error
};

class Optimizer {
 public:
  // REQUIRES: regret_rel > 0, 0 < confidence < 1, positive counts.
  explicit Optimizer(OptimizeQuestion question);

  // What was built before the search, for the cliff: it counts as builds, and what is good is asked for
  // with the first batch.  REQUIRES: nothing was observed yet.
  void know(const std::vector<Segment>& built, const std::vector<SegmentFailure>& failed);

  // The segments of the next trial, ascending, those to build among them; the same until observe(). Empty: the
  // search is over.
  const std::vector<Segment>& next() const { return next_; }

  // REQUIRES: every segment of next() is in the answers, once.
  void observe(const SegmentAnswers& answers);

  // What a token takes beyond its segments' own times: so much for every shard, known no better than that, and
  // the rest (the head, the host), which no split changes. Nothing, until it is said.
  void set_boundary(double shard_ms, double shard_sd_ms, double rest_ms);

  void stop(SearchEnd why);  // no more questions, whatever is still observed

  SearchEnd end() const { return end_; }  // REQUIRES: next() is empty
  // At the confidence that was asked for no split is faster than the first of best_measured() by more, of its
  // token's time. Absent: there is no measured split.
  std::optional<double> bound_rel() const { return bound_rel_; }
  int builds() const { return static_cast<int>(built_.size() + failures_.size()); }
  int failed_builds() const { return static_cast<int>(failures_.size()); }
  int trials() const { return static_cast<int>(input_.trial_sd_rel.size()); }

  // The fastest by what is known, of measured segments alone, or of all that may be used.
  std::vector<PathFinding> best_measured(std::size_t count) const;
  std::vector<PathFinding> best(std::size_t count) const;
  // What is known of those splits, in their order.  REQUIRES: all of their segments may be used.
  std::vector<PathFinding> of(const std::vector<Split>& splits) const;
  std::vector<SegmentFinding> segments() const;  // all of the model, ascending
  std::optional<CostForm> form() const;          // absent: nothing was measured

 private:
  struct Draws;

  void learn();
  void plan();
  void begin();
  std::vector<Segment> equal_splits() const;
  Draws draw() const;
  void ask(const Draws& draws, const Split& incumbent);
  bool is_measured(const Segment& segment) const { return measured_.contains(segment); }
  SegmentTable means(bool measured_only) const;
  std::vector<Split> best_splits(std::size_t count, bool measured_only) const;
  std::vector<double> regrets(const Draws& draws, const Split& split) const;
  double boundary_of(std::size_t draw) const;
  void finish(SearchEnd why);

  OptimizeQuestion question_;
  SegmentTable usable_;  // less what failed
  std::set<Segment> built_;
  std::set<Segment> measured_;
  std::vector<SegmentFailure> failures_;
  SegmentModelInput input_;
  std::optional<SegmentModel> model_;          // of all observations
  std::vector<Segment> considered_;            // that may be used, ascending
  std::vector<SegmentModel::Estimate> known_;  // of those, by the model
  std::vector<Segment> next_;
  SearchEnd end_ = SearchEnd::kInterrupted;
  bool is_stopped_ = false;
  std::optional<double> bound_rel_;
  double shard_ms_ = 0;
  double shard_sd_ms_ = 0;
  double rest_ms_ = 0;
};

}  // namespace fusesweep
