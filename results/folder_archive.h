// One folder as one file, to take it elsewhere, and back: a tar archive, compressed with zstd. Only
// regular files and folders, by name and content; owners, times and permissions are not kept. What is
// read is taken for hostile. A tar reader that has been fuzzed for years beats ours, so libarchive reads
// and writes; folder_archive.cc is the only file that includes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/progress.h"
#include "harness/base/result.h"

namespace fusesweep {

struct ArchiveLimits {
  std::uint64_t max_bytes = 0;  // of all files together
  std::uint64_t max_entries = 10'000;
};

struct ArchiveContents {
  std::uint64_t entries = 0;  // files and folders
  std::uint64_t bytes = 0;    // of all files

  bool operator==(const ArchiveContents&) const = default;
};

// Writes all that is in the folder to a file, which appears whole or not at all, in place of one that
// had the name. The same content gives the same bytes: a folder's files come first, then its folders,
// both by name. Progress advances by bytes that were read.
// Errors: a link or a device in it, a name that unpack_folder would refuse, a file that changes
// meanwhile, the system's reason.
Result<ArchiveContents> pack_folder(const std::filesystem::path& folder,
                                    const std::filesystem::path& file, Progress& progress);

// Writes what is in such a file, or in a tar that is not compressed, to a folder that is there and
// empty. Files are not executable. Progress advances by bytes that were read of the file.
// Errors: no such file, or one that is damaged or cut short; a link, a device, a sparse file; a name
// that is absolute, leads up, comes twice, is no plain text or too long; anything whose folder did not
// come before it; more than the limits, told before it is written; the system's reason. What was
// written until then stays: unpack into a NewFolder.
Result<ArchiveContents> unpack_folder(const std::filesystem::path& file,
                                      const std::filesystem::path& folder,
                                      const ArchiveLimits& limits, Progress& progress);

// The content of the first file, which must have this name, to look at before all is unpacked.
Result<std::string> read_first_file(const std::filesystem::path& file, std::string_view name,
                                    std::uint64_t max_bytes);

}  // namespace fusesweep
