#include "harness/base/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder, int operation) {
  const auto failure = [&](int reason) {
    return unavailable(
        fmt::format("{}: {}", one_line(folder.string()), std::generic_category().message(reason)));
  };
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failure(errno);
  FolderLock lock(fd);
  if (flock(fd, operation) == 0) return lock;
  if (errno != EWOULDBLOCK) return failure(errno);
  return unavailable(fmt::format("another fusesweep is at work in {}", one_line(folder.string())));
}

Result<FolderLock> FolderLock::share(const std::filesystem::path& folder) {
  return take(folder, LOCK_SH);
}

Result<FolderLock> FolderLock::hold_alone(const std::filesystem::path& folder) {
  return take(folder, LOCK_EX | LOCK_NB);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace fusesweep
