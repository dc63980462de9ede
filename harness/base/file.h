// Whole small files. Large ones (models, weights) are mapped or streamed by the room that knows
// their format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// Reads a regular file of at most max_bytes; anything else (missing, a folder, a pipe, too large)
// is an error that names the file.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

}  // namespace fusesweep
