#include "harness/base/removal.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::string_view kGone = ".gone";
constexpr std::string_view kNew = ".new";
constexpr std::string_view kTemporary = ".tmp-XXXXXX";    // as mkstemp() has it
constexpr std::string_view kGoneRandom = ".gone-XXXXXX";  // where a name may be removed twice

Failure system_failure(const std::filesystem::path& path, int reason) {
  return unavailable(
      fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(reason)));
}

// Whether the name is more than an ending like this one, in which any letter or digit stands for an X.
bool ends_like(std::string_view name, std::string_view pattern) {
  if (name.size() <= pattern.size()) return false;
  name.remove_prefix(name.size() - pattern.size());
  return std::equal(name.begin(), name.end(), pattern.begin(), [](char c, char wanted) {
    return c == wanted || (wanted == 'X' && std::isalnum(static_cast<unsigned char>(c)) != 0);
  });
}

class OpenFolder {
 public:
  OpenFolder(int parent, const char* name, int flags = O_NOFOLLOW)
      : fd_(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags)) {}
  OpenFolder(OpenFolder&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFolder& operator=(OpenFolder&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OpenFolder() {
    if (fd_ >= 0) close(fd_);
  }

  int fd() const { return fd_; }

  // What is in it; errno is not 0 where not all of it could be read.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    const int copy = fcntl(fd_, F_DUPFD_CLOEXEC, 0);  // closedir() closes it
    DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
    if (folder == nullptr) {
      const int reason = errno;
      if (copy >= 0) close(copy);
      errno = reason;
      return names;
    }
    errno = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream that nobody else has
    while (const dirent* entry = readdir(folder)) {
      const std::string_view name = static_cast<const char*>(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int reason = errno;
    closedir(folder);
    errno = reason;
    return names;
  }

 private:
  int fd_ = -1;
};

class Removal {
 public:
  explicit Removal(const std::function<void()>& after_step) : after_step_(after_step) {}

  // `path` is for messages.
  Result<void> remove(int parent, const std::string& name, const std::filesystem::path& path) {
    if (unlinkat(parent, name.c_str(), 0) == 0) return step();
    // A folder: EISDIR on Linux, EPERM as POSIX has it.
    if (errno != EISDIR && errno != EPERM) return system_failure(path, errno);
    const int reason = errno;
    const OpenFolder folder(parent, name.c_str());
    if (folder.fd() < 0) return system_failure(path, errno == ENOTDIR ? reason : errno);
    errno = 0;
    const std::vector<std::string> names = folder.names();
    if (errno != 0) return system_failure(path, errno);
    for (const std::string& each : names) {
      if (auto removed = remove(folder.fd(), each, path / each); !removed) return removed;
    }
    if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) return system_failure(path, errno);
    return step();
  }

  Result<void> step() const {
    if (after_step_) after_step_();
    return {};
  }

 private:
  const std::function<void()>& after_step_;
};

}  // namespace

Result<std::uint64_t> bytes_of_removal(const std::filesystem::path& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return system_failure(path, errno);
  if (S_ISREG(found.st_mode))
    return found.st_nlink == 1 ? static_cast<std::uint64_t>(found.st_size) : 0;
  std::uint64_t bytes = 0;
  if (!S_ISDIR(found.st_mode)) return bytes;
  std::error_code error;
  std::filesystem::directory_iterator at(path, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const Result<std::uint64_t> below = bytes_of_removal(at->path());
    if (!below) return below;
    bytes += *below;
  }
  if (error) return system_failure(path, error.value());
  return bytes;
}

std::string name_while_removed(std::string_view name) { return fmt::format(".{}{}", name, kGone); }

bool is_left_behind(std::string_view name) {
  if (!name.starts_with('.')) return ends_like(name, kTemporary);
  name.remove_prefix(1);
  return ends_like(name, kNew) || ends_like(name, kGone) || ends_like(name, kGoneRandom);
}

Result<void> remove_within(const std::filesystem::path& root, const std::filesystem::path& place,
                           const std::function<void()>& after_step) {
  FUSESWEEP_CHECK(place.is_relative() && place.has_filename());
  const std::filesystem::path path = root / place;
  OpenFolder parent(AT_FDCWD, root.c_str(), 0);
  if (parent.fd() < 0) return system_failure(root, errno);
  for (const std::filesystem::path& step : place.parent_path()) {
    FUSESWEEP_CHECK(step != "..");
    OpenFolder next(parent.fd(), step.c_str());
    if (next.fd() < 0) return system_failure(path, errno);
    parent = std::move(next);
  }
  std::string name = place.filename().string();
  FUSESWEEP_CHECK(name != ".." && name != ".");
  struct stat found {};
  if (fstatat(parent.fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_failure(path, errno);
  Removal removal(after_step);
  if (S_ISDIR(found.st_mode) && !name.starts_with('.')) {
    const std::string going = name_while_removed(name);
    if (renameat(parent.fd(), name.c_str(), parent.fd(), going.c_str()) != 0)
      return system_failure(path, errno);
    if (auto stepped = removal.step(); !stepped) return stepped;
    name = going;
  }
  return removal.remove(parent.fd(), name, path);
}

}  // namespace fusesweep
