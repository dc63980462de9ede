// A folder for files that only travel between programs: it goes away with everything in it.
#pragma once

#include <filesystem>

#include "harness/base/result.h"

namespace fusesweep {

// Whether so little space is left that what failed says nothing of the shard that it failed at.
bool is_disk_full(const std::filesystem::path& folder);

class ScratchFolder {
 public:
  // Makes it, and the folders above it. Errors name the folder.
  static Result<ScratchFolder> create(const std::filesystem::path& path);

  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  // empty: of nothing
};

}  // namespace fusesweep
