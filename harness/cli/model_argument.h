// What `--model M` means, the same for every command that takes it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/core/contract.h"

namespace fusesweep {

// A known shape's name, or else the path of a file of some kind ("GGUF") that `read` takes the
// contract from. The error for what is neither says what was found and wanted.
Result<Contract> known_model_or_file(
    const std::string& typed, std::string_view kind,
    const std::function<Result<Contract>(const std::string& path)>& read);

// A known shape's name, or else the path of a GGUF file. The error says what was found and wanted;
// the caller adds the flag.
Result<Contract> read_model_argument(const std::string& model);

}  // namespace fusesweep
