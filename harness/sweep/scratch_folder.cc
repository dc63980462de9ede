#include "harness/sweep/scratch_folder.h"

#include <fmt/format.h>

#include <cstdint>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uintmax_t kLeastFreeBytes = 16 << 20;

}  // namespace

bool is_disk_full(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  return !error && space.available < kLeastFreeBytes;
}

Result<ScratchFolder> ScratchFolder::create(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
  return ScratchFolder(path);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace fusesweep
