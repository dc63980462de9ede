// Whole small files, and hashes of files of any size. What is in large ones (models, weights) is
// mapped or streamed by the room that knows their format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/base/hash.h"
#include "harness/base/result.h"

namespace fusesweep {

// Reads a regular file of at most max_bytes; anything else (missing, a folder, a pipe, too large)
// is an error that names the file.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

// The hash of a file of any size: hash128 of the hashes of its blocks of 4 MiB, written in
// hexadecimal one after the other. So several threads can take part, and their number does not
// change it. Errors name the file.
Result<Hash128> hash_file(const std::filesystem::path& path, int threads);

struct TreeHash {
  Hash128 hash;
  std::uint64_t bytes = 0;
};

// The same of a file, or of a folder with everything in it: then over each file's path in the
// folder, its size and its hash, in the order of the paths. Anything in it that is neither file nor
// folder (a link, say) is an error.
Result<TreeHash> hash_tree(const std::filesystem::path& path, int threads);

}  // namespace fusesweep
