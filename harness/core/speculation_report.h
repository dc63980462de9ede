// What speculative decoding of a split comes to: exactness and speed for each number of tokens that its
// verifier takes a call. `fusesweep speculate` fills it in, reports show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/speculation.h"
#include "harness/core/verdict.h"

namespace fusesweep {

// Drafts that were found by n-grams of one length; 0: recorded ones.
struct NgramAcceptance {
  int ngram = 0;
  std::uint64_t proposed = 0;  // ids
  std::uint64_t accepted = 0;

  bool operator==(const NgramAcceptance&) const = default;
};

// A speed-up over greedy decoding in the same trial, and its simultaneous 99.9 % interval: 1.5 takes two
// thirds of the time.
struct SpeedUp {
  double factor = 1;
  std::optional<double> low;  // absent with high: blocks that do not differ
  std::optional<double> high;
  std::string
      outcome;  // "faster", "slower", "equivalent", "inconclusive", "dirty", "not enough data"

  bool operator==(const SpeedUp&) const = default;
};

// One verifier. It is measured only where it is exact.
struct SpeculativeArm {
  int tokens = 0;                   // T
  std::uint64_t process_bytes = 0;  // of weights, loaded in its process
  std::optional<double> guard;      // logits that lie closer were decided by a call of one token
  GateVerdict exactness;
  PassCounts counts;  // of all that was measured
  // Of one decoding of the prompt: what the log of greedy ids allows at best.
  std::optional<std::uint64_t> simulated_passes;
  std::uint64_t guard_calls = 0;
  std::uint64_t fallbacks = 0;  // passes of one token, for want of room in the cache
  std::vector<NgramAcceptance> by_ngram;
  std::optional<double> draft_rel;  // share of the time that finding drafts took
  std::optional<double> ttft_ms;    // median; the prompt is read T tokens a call
  std::optional<double> ms_per_token;
  std::optional<SpeedUp> speed_up;

  bool operator==(const SpeculativeArm&) const = default;
};

struct SpeculationReport {
  std::string split;
  std::string workload;  // "tiled", "random"
  std::string loading;   // "beside", "alone"
  std::string model;     // its name; empty, with runner: of a store that did not keep it
  std::string runner;
  std::vector<std::string> emulated;  // by the runner: "residency"
  int prompt_tokens = 0;
  int decode_tokens = 0;
  int blocks = 0;
  NgramRange ngrams;
  std::optional<double> greedy_ttft_ms;  // the same, one token a call
  std::optional<double> greedy_ms_per_token;
  std::vector<std::string> dirt;  // why the trial ranks nothing; empty: it is clean
  std::vector<SpeculativeArm> arms;

  bool operator==(const SpeculationReport&) const = default;
};

Json to_json(const SpeculationReport& report);

// Of what to_json gave and a store kept.  Errors: anything else, with the place.
Result<SpeculationReport> read_speculation_report(const Json& json);

}  // namespace fusesweep
