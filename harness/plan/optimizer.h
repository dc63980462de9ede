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

#include <cstdint>
#include <map>
#include <optional>
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
  double regret_rel = 0.01;
  double confidence = 0.95;
  int max_builds = 64;
  int batch = 8;        // segments that are asked for at a time, at most
  int max_trials = 40;  // of segments
  double rest_ms = 0;   // of a token's time that no split changes: the head, the host
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

  // The segments of the next trial, ascending, those to build among them; the same until observe(). Empty: the
  // search is over.
  const std::vector<Segment>& next() const { return next_; }

  // What is known without having been asked for: shards that the search for the cliff built. They count as
  // builds.  REQUIRES: nothing was observed yet.
  void know(const SegmentAnswers& answers);

  // REQUIRES: every segment of next() is in the answers, once.
  void observe(const SegmentAnswers& answers);

  // What a boundary between shards costs beyond the segments' own times, once that is known; it enters every
  // split's cost with its uncertainty.
  void set_boundary(double ms, double sd_ms);

  void stop(SearchEnd why);  // no more questions

  SearchEnd end() const;  // REQUIRES: next() is empty
  std::optional<double> bound_rel() const { return bound_rel_; }
  int builds() const;
  int failed_builds() const;
  int trials() const { return trials_; }
  // The fastest by what is known, of measured segments alone.
  std::vector<PathFinding> best_measured(std::size_t count) const;
  // Whether measured or not.
  std::vector<PathFinding> best(std::size_t count) const;
  std::vector<SegmentFinding> segments() const;
  std::optional<CostForm> form() const;
};

}  // namespace fusesweep
