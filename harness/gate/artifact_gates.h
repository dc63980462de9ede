// The gates of an artifact as it lies there, before anything runs: contract, build, weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/contract.h"
#include "harness/core/verdict.h"
#include "harness/core/weight_facts.h"

namespace fusesweep {

// That nothing differs; `compared_with` says what from: "the profile nano".
GateVerdict judge_contract(const std::vector<ContractDifference>& differences,
                           std::string_view compared_with);

struct BuildFacts {
  std::optional<std::string> failure;     // why there is no artifact
  std::string stated_hash;                // of its content, as the builder said
  std::optional<std::string> found_hash;  // of the bytes that lie there now
  std::uint64_t bytes = 0;
};

// That it was finished, and that its bytes are those that were built.
GateVerdict judge_build(const BuildFacts& facts);

// That every weight is the reference's own rounding of the model's: bit for bit with
// `steps_at_most` 0, else within so many quantization steps. What could not be matched is not enough
// data in a foreign package, and a fault in ours.
GateVerdict judge_weights(const WeightFacts& facts, double steps_at_most);

}  // namespace fusesweep
