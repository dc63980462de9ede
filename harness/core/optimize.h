// What a search for the fastest of all splits comes to: what every segment costs, the best splits made of
// them, and how much faster one that nobody tried could still be. `fusesweep optimize` fills it in, the store
// keeps it, reports show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/segment.h"

namespace fusesweep {

enum class SegmentStanding {
  kMeasured,
  kPredicted,  // never built: its time follows from those of others, and it may fail a gate
  kExcluded,   // built and failed, or known to fail, or ruled out by whoever asked
};

std::string_view to_text(SegmentStanding standing);  // "measured", "predicted", "excluded"

// What is known of a segment's time per token.
struct SegmentFinding {
  Segment segment;
  SegmentStanding standing = SegmentStanding::kPredicted;
  std::string reason;           // of one that is excluded
  std::optional<double> ms;     // per token; absent: excluded
  std::optional<double> sd_ms;  // of that figure; of a measured one too

  bool operator==(const SegmentFinding&) const = default;
};

// What is known of a split's time per token, by the sum of its segments and boundaries.
struct PathFinding {
  std::string split;  // canonical text
  double ms = 0;      // of all its layers, per token
  double low_ms = 0;  // at the confidence of the search
  double high_ms = 0;
  bool is_measured = false;  // every segment of it was
  // At that confidence no split of the segments that may be used is faster than this one by more, of its token's
  // time; conditional on the form. Absent: a search of an earlier version did not say.
  std::optional<double> bound_rel;

  bool operator==(const PathFinding&) const = default;
};

// One group of layers and by how much its place makes it slower or faster than others of its length.
struct PlaceEffect {
  std::string what;  // "first shard", "last shard", "layer 17"
  double ms = 0;
  double sd_ms = 0;

  bool operator==(const PlaceEffect&) const = default;
};

// The stated form, cost = boundary + f(length) + place + residual, as the measurements have it.
struct CostForm {
  double boundary_ms = 0;         // of every shard, beyond its segment's own time
  double boundary_sd_ms = 0;      // of that figure
  std::vector<double> length_ms;  // f(1), f(2), ...: of an average place
  std::vector<double> length_sd_ms;
  std::vector<PlaceEffect> places;  // those that stand out: beyond two standard deviations
  double residual_rel = 0;  // standard deviation of the residual of an average layer, of its time

  bool operator==(const CostForm&) const = default;
};

// Whole splits against the sums that were predicted for them, each beside the same of the control, for the
// machine's speed is another one than when segments were timed: whether the form's first assumption holds.
struct Additivity {
  int splits = 0;  // that were compared, the control not among them
  double mean_rel =
      0;  // whole split over sum over the control's, less 1; boundaries are in the sum
  double largest_rel = 0;        // the error of the worst of them
  std::string worst;             // that one
  std::optional<double> sd_rel;  // between splits; absent for one

  bool operator==(const Additivity&) const = default;
};

enum class SearchEnd {
  kProven,  // nothing that was not tried can be faster by more than the regret that was asked for
  kBuildsSpent,  // as many segments as were granted
  kTimeSpent,
  kNothingLeft,  // every segment that may be used has been measured, and that as often as helps
  kNoPath,       // no split is left of which every segment may be used
  kInterrupted,
  kNotMeasured,  // there is only a record, and no bound follows from it
};

std::string_view to_text(SearchEnd end);  // "proven", "builds spent", ...

// What was spent, and what others would have.
struct SearchEffort {
  int builds = 0;           // segments built or tried, those of the search for the cliff among them
  int failed_builds = 0;    // of those
  int trials = 0;           // of segments
  double seconds = 0;       // of all
  int segments = 0;         // of all splits that may be
  std::string splits;       // how many splits those make up; decimal digits
  int builds_by_hand = 0;   // of every front-fused split with the same tail, each shard once
  double exhaustive_s = 0;  // of measuring every split as long as one of those here

  bool operator==(const SearchEffort&) const = default;
};

struct OptimizeReport {
  std::string model;
  std::string runner;
  int n_layers = 0;
  bool is_recorded = false;  // advice from a record: nothing was measured, nothing is proven
  std::vector<std::string> emulated;
  double confidence = 0;  // of intervals and of the bound
  double regret_rel = 0;  // that was asked for
  SearchEnd end = SearchEnd::kNotMeasured;
  // That of the first split of `best` whose segments were all measured, which the search sought to bring down to
  // regret_rel. The split that is chosen has its own. Absent: no split could be measured.
  std::optional<double> bound_rel;
  std::vector<PathFinding> best;         // the fastest first; those that were verified among them
  std::vector<SegmentFinding> segments;  // ascending; all that were considered
  std::optional<CostForm> form;
  std::optional<Additivity> additivity;
  SearchEffort effort;
  std::optional<std::string> chosen;  // the split that the verification came to; absent: none
  std::vector<std::string> ties;   // that may be the fastest of those verified, the preferred first
  std::string front_fused;         // the best of that family, which is verified too; empty: none
  std::string sweep;               // id of the verification in the store; empty: none
  std::vector<std::string> notes;  // one line each: what a reader should know
  std::vector<std::string>
      advice;  // of a record: builds that nobody tried and that would tell most

  bool operator==(const OptimizeReport&) const = default;
};

// {"model", ..., "best": [...], "segments": [...], ...}; what is absent or not finite is null.
Json to_json(const OptimizeReport& report);

// Of what to_json gave and a store kept.  Errors: anything else, with the place.
Result<OptimizeReport> read_optimize_report(const Json& json);

}  // namespace fusesweep
