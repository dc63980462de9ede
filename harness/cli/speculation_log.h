// Ids that greedy decoding gave, in a file, and how many passes exact speculation would take for them:
// `fusesweep speculate --log`. Nothing is run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/speculation.h"

namespace fusesweep {

// One decoding.
struct SpeculationLog {
  std::vector<int> prompt;
  std::vector<int> ids;  // after it; at least one
};

// An object with "prompt" and "ids", as `generate --json` prints it, or an array of such; other members
// are passed over. At most 32,768 ids a decoding.  Errors: anything else, with its place.
Result<std::vector<SpeculationLog>> read_speculation_logs(const std::filesystem::path& file);

// What all of them come to for verifiers of so many tokens a call.
struct SimulatedSpeculation {
  NgramRange ngrams;
  std::size_t decodings = 0;
  LookupCounts lookups;  // one id at a time
  struct Verifier {
    int tokens = 0;
    PassCounts counts;
  };
  std::vector<Verifier> verifiers;
};

SimulatedSpeculation simulate(const std::vector<SpeculationLog>& logs,
                              const std::vector<int>& verifier_tokens, const NgramRange& ngrams);

std::string simulation_text(const SimulatedSpeculation& simulated);
Json to_json(const SimulatedSpeculation& simulated);

}  // namespace fusesweep
