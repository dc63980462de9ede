#include "harness/base/new_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

Failure failure(const std::filesystem::path& path, const std::error_code& error) {
  return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
}

Failure system_failure(const std::filesystem::path& path) {
  return failure(path, {errno, std::generic_category()});
}

// Whether the folder that the descriptor is of still stands at the path: its last owner may have
// given it another name between our opening and our locking it.
bool is_at(int fd, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

Result<NewFolder> NewFolder::create(const std::filesystem::path& path, WhenBusy when_busy) {
  const std::filesystem::path temporary =
      path.parent_path() / fmt::format(".{}.new", path.filename().string());
  std::error_code error;
  int fd = -1;
  while (fd < 0) {
    std::filesystem::create_directories(temporary, error);
    if (error) return failure(path, error);
    fd = open(temporary.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && when_busy == WhenBusy::kWait)
      continue;  // it was just finished
    if (fd < 0) return system_failure(temporary);
    const int wait = when_busy == WhenBusy::kWait ? 0 : LOCK_NB;
    if (flock(fd, LOCK_EX | wait) == 0 && is_at(fd, temporary)) break;
    close(std::exchange(fd, -1));
    if (when_busy == WhenBusy::kWait) continue;
    return unavailable(
        fmt::format("{}: found another process that is making it", one_line(path.string())));
  }
  NewFolder folder(path, temporary, fd);
  for (const auto& left : std::filesystem::directory_iterator(temporary, error)) {
    std::filesystem::remove_all(left.path(), error);
    if (error) break;
  }
  if (error) return failure(temporary, error);
  return folder;
}

NewFolder::NewFolder(std::filesystem::path path, std::filesystem::path temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

NewFolder::NewFolder(NewFolder&& other) noexcept { *this = std::move(other); }

NewFolder& NewFolder::operator=(NewFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  return *this;
}

NewFolder::~NewFolder() {
  if (fd_ < 0) return;
  std::error_code ignored;
  std::filesystem::remove_all(temporary_, ignored);
  close(fd_);
}

Result<void> NewFolder::commit() && {
  std::error_code error;
  std::filesystem::remove_all(path_, error);  // rename() replaces an empty folder only
  if (!error) std::filesystem::rename(temporary_, path_, error);
  if (error) return failure(path_, error);
  close(std::exchange(fd_, -1));
  return {};
}

}  // namespace fusesweep
