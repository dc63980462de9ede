// The contract of a model as its GGUF file states it. Nothing is guessed: a key that is missing is
// an error that names it, rope_dim above all (a reader that took d_head for it once rotated 128
// dimensions instead of 96). Only keys whose absence has a meaning of its own may be absent; they
// are listed in harness/docs/MODEL.md.
#pragma once

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

// Reads the phi3 architecture (Phi-3 and Phi-4-mini); any other is refused by name. The result
// passes check_contract.
Result<Contract> read_contract(const GgufFile& file);

}  // namespace fusesweep
