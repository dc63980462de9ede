// What `--model M` means, the same for every command that takes it.
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/core/contract.h"

namespace fusesweep {

// A known shape's name, or else the path of a GGUF file. The error says what was found and wanted;
// the caller adds the flag.
Result<Contract> read_model_argument(const std::string& model);

}  // namespace fusesweep
