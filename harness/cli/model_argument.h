// What `--model M` and `--profile P` mean, the same for every command that takes them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

// A known shape's name, or else the path of a JSON file in the form of to_json(Contract). The error
// says what was found and wanted; the caller adds the flag.
Result<Contract> read_profile_argument(const std::string& profile);

// The same with the path of a GGUF file.
Result<Contract> read_model_argument(const std::string& model);

// --profile P; without it the built-in shape as wide and as deep as the file says that it is, or
// nothing. Errors name the flag.
Result<std::optional<Profile>> find_profile(const std::optional<std::string>& typed,
                                            const GgufFile& file);

// The same of a file by its path; nothing where there is none, as for a recorded model.
Result<std::optional<Profile>> find_profile(const std::optional<std::string>& typed,
                                            const std::filesystem::path& model);

}  // namespace fusesweep
