// What a search for the residency cliff asks and what it comes to: the length of a shard at which
// strict residency is lost. harness/plan/cliff_search.h finds it; whoever drives it builds and
// inspects shards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/core/segment.h"

namespace fusesweep {

// A shard to build, if it is not there, and to inspect.
struct CliffProbe {
  Segment segment;
  int attempt = 1;  // 2: build and inspect it once more, in fresh processes

  bool operator==(const CliffProbe&) const = default;
};

// What went wrong with a shard that is not resident.
enum class ProbeFailure { kBuild, kPlan, kRun, kCrash, kTimeOut };

std::string_view to_text(ProbeFailure failure);  // "build", "plan", "run", "crash", "time-out"

struct ProbeAnswer {
  CliffProbe probe;
  bool is_recorded = true;  // false: the runner answers from a record that has nothing on it
  bool is_resident = false;
  std::optional<ProbeFailure> failure;  // of one that is not resident
  std::uint64_t weight_bytes = 0;
  std::optional<std::uint64_t> operations;  // that compute, where they are known
  std::string reason;                       // for people
  std::optional<std::string> wrong;         // what is wrong with the outputs of one that ran

  bool operator==(const ProbeAnswer&) const = default;
};

// An edge between lengths: 0 and n_layers + 1 stand for "not even the shortest" and "every one".
struct CliffEdge {
  int last_resident = 0;
  int first_not_resident = 0;

  bool operator==(const CliffEdge&) const = default;
};

// What an answer contradicts.
struct CliffSurprise {
  enum class Kind {
    kFlaky,           // the same shard, inspected twice, was resident once
    kValueDependent,  // the same length at another start has another answer
    kNotMonotone,     // a longer shard is resident than one that is not
  } kind = Kind::kFlaky;
  Segment resident;
  Segment not_resident;

  bool operator==(const CliffSurprise&) const = default;
};

std::string_view to_text(CliffSurprise::Kind kind);  // "flaky", "value-dependent", "not monotone"

// A quantity that could be what decides: all resident shards have at most `resident_most`, all others
// at least `not_resident_least`.
struct CliffExplanation {
  enum class Quantity { kWeightBytes, kOperations, kLength } quantity = Quantity::kWeightBytes;
  std::uint64_t resident_most = 0;
  std::uint64_t not_resident_least = 0;

  bool operator==(const CliffExplanation&) const = default;
};

std::string_view to_text(CliffExplanation::Quantity quantity);  // "weight bytes", ...

struct CliffResult {
  std::optional<CliffEdge> edge;        // absent: nobody knows about a single length
  std::optional<CliffEdge> lower_edge;  // where the shortest shards are refused: first_not_resident
                                        // is the longest of those, last_resident the next one
  bool is_confirmed = false;            // every confirming probe agreed
  std::vector<int> not_recorded;        // lengths within the edge that nobody knows
  std::optional<ProbeFailure> first_failure;  // of the shortest shard beyond the edge
  std::vector<CliffSurprise> surprises;
  std::vector<CliffExplanation> explanations;  // those that all answers allow
  std::optional<Segment> next;       // the shard that would tell most, where a length is not known
  std::vector<ProbeAnswer> answers;  // in the order in which they came
};

// The answer in a line, of a model with so many layers: "the cliff: [0,21) is resident, [0,22) is not,
// confirmed".
std::string in_words(const CliffResult& result, int n_layers);

// All of it, edges and segments as [begin, end]; what is absent is null.
Json to_json(const CliffResult& result);

// Of what to_json gave; an error stands in the reader.
CliffResult read_cliff_result(const JsonField& field);

}  // namespace fusesweep
