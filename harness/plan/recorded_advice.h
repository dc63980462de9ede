// What a record of somebody else's runs lets one say about the fastest split without measuring anything, and
// what it would be most telling to build. The first is a finding, the second is advice and is called so.
//
// Findings. The fastest observed splits tie where their runs' spreads overlap. Segments that failed are excluded.
// Segment times of different runs are not added up: each run is a thing of its own, and the sum of the fastest
// pieces of several is a time that no run has shown.
//
// Advice. Ordinary least squares of the whole layer time per token on the number of shards, over the runs of
// splits of at most 11 shards (beyond that the line is not straight: shards of one layer are another regime).
// Runs count as independent, though several may be of one split. One that does not belong to the line is left out
// and named (stats/line_fit.h). Proposed are splits that nobody tried, of fewer shards than any that ran, where
// the line falls at all: no shard longer than the longest resident one, none that failed or that holds one that is
// not resident. How telling a build is, is ranked so, the first difference counts:
//   1. fewer shards, which is what the line says makes the difference;
//   2. fewer shards that hold a failed segment as a whole, whose failure may be theirs too;
//   3. fewer shards to build and gate, that is of which none is recorded as resident with finite outputs;
//   4. fewer layers in common with a failed segment, in any of those;
//   5. the longest of those being shorter: it is the nearest to what is known;
//   6. by text.
// Of each number of shards the first two are given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/segment.h"
#include "harness/stats/interval.h"
#include "harness/stats/line_fit.h"
#include "topologies/recorded_facts.h"
#include "topologies/split.h"

namespace fusesweep {

inline constexpr double kAdviceLevel = 0.95;  // of prediction intervals

// A segment of which a shard of one token a call failed.
struct RecordedExclusion {
  Segment segment;
  bool is_residency = false;  // otherwise its output was not finite
  std::string reason;         // one line
};

struct RecordedTie {
  Split split;
  int runs = 0;
  Interval tok_per_s = {};  // of the slowest and the fastest of them
};

struct RecordedTimeFit {
  LineFit line = {};  // ms of all layers per token, by shards
  int fewest_shards = 0;
  int most_shards = 0;
  int splits = 0;
  Interval fewest_ms = {};  // of the runs with the fewest shards
  struct LeftOut {
    Split split;
    double layers_ms_per_token = 0;
  };
  std::vector<LeftOut> left_out = {};
};

// That a shard which is to be built has layers of a failed segment.
struct RecordedRisk {
  Segment segment;
  Segment failed;  // whose output was not finite
  int layers = 0;  // in common

  bool is_whole() const { return layers == failed.layers(); }
};

struct RecordedProposal {
  Split split;
  double layers_ms_per_token = 0;  // predicted
  double half_width_ms = 0;        // of one run, at kAdviceLevel
  std::vector<Segment> to_build;
  std::vector<RecordedRisk> risks;
};

struct RecordedAdvice {
  std::vector<RecordedExclusion> excluded;  // ascending
  // Runs of another contract are not compared with these: the rope_dim that most runs have. 0: there is no run.
  int rope_dim = 0;
  std::optional<int> wanted_rope_dim;  // of the model's contract, where it is known
  // Those that may be the fastest by tok/s; fewer shards first, then the one whose longest is shorter, then by
  // text. Alone it is the fastest on record.
  std::vector<RecordedTie> ties;
  int runs = 0;                   // of all splits
  int runs_with_groups = 0;       // that tell times of segments
  int longest_resident = 0;       // layers; 0: no shard is recorded as resident
  std::optional<int> fewest_ran;  // shards, of a split that has a run
  std::optional<RecordedTimeFit> fit;
  std::vector<RecordedProposal> proposals;  // the most telling first
};

RecordedAdvice advise(const RecordedFacts& facts);

// One line each, for OptimizeReport: what can be said.
std::vector<std::string> notes_of(const RecordedAdvice& advice);

// The same of what to build; every line says that it is advice.
std::vector<std::string> advice_of(const RecordedAdvice& advice);

}  // namespace fusesweep
