// MappedFile: the bytes of a large file without reading it: pages arrive as they are touched and
// leave when memory is short. For files that nobody shortens meanwhile (touching a page that is
// gone ends the process with SIGBUS).
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "harness/base/result.h"

namespace fusesweep {

class MappedFile {
 public:
  // Read-only. Anything that is no regular file is an error that names it; an empty file maps to no
  // bytes.
  static Result<MappedFile> open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

}  // namespace fusesweep
