// The contract of a model as its GGUF file states it. Nothing is guessed: a key that is missing is
// an error that names it, rope_dim above all (a reader that took d_head for it once rotated 128
// dimensions instead of 96). Only keys whose absence has a meaning of its own may be absent; they
// are listed in harness/docs/MODEL.md.
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

// Reads the phi3 architecture (Phi-3 and Phi-4-mini); any other is refused by name. The result
// passes check_contract.
Result<Contract> read_contract(const GgufFile& file);

// Where a file and a profile disagree, by the key or tensor of the file.
struct ProfileDifference {
  std::string field;  // of the contract; empty for a tensor that is no field of it
  std::string key;    // "phi3.rope.dimension_count"
  std::string found;
  std::string wanted;
};

// Compares field by field, and goes on where read_contract would stop: a key that is missing is one
// difference among the others. Then every tensor that the profile's shape needs must be there with
// its shape and with a type that can be decoded. Nothing is returned when all agree.
std::vector<ProfileDifference> compare_with_profile(const GgufFile& file, const Contract& profile);

}  // namespace fusesweep
