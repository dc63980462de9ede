#include "results/private_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kAttempts = 3;
constexpr std::size_t kCopiedAtOnce = std::size_t{1} << 20;
constexpr mode_t kMode = 0600;

Failure system_failure(const std::filesystem::path& path, int reason) {
  return unavailable(
      fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(reason)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// What changes when a file is written.
struct Written {
  off_t bytes = -1;  // -1: there is no file
  timespec when{};

  bool operator==(const Written& other) const {
    return bytes == other.bytes && when.tv_sec == other.when.tv_sec &&
           when.tv_nsec == other.when.tv_nsec;
  }
};

timespec written_at(const struct stat& facts) {
#ifdef __APPLE__
  return facts.st_mtimespec;
#else
  return facts.st_mtim;
#endif
}

// Of a regular file, or of none where `is_optional`.
enum class Presence { kWanted, kOptional };
Result<Written> look_at(const std::filesystem::path& path, Presence presence) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT && presence == Presence::kOptional) return Written{};
    return invalid_input(
        fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(errno)));
  }
  if (!S_ISREG(facts.st_mode)) {
    return invalid_input(fmt::format("{}: found {}, want a store", one_line(path.string()),
                                     S_ISLNK(facts.st_mode) ? "a link" : "no regular file"));
  }
  return Written{facts.st_size, written_at(facts)};
}

Result<void> copy_bytes(const std::filesystem::path& from, const std::filesystem::path& to) {
  // Neither through a link that was put there since, nor waiting for a pipe.
  const Descriptor in(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (in.get() < 0) return system_failure(from, errno);
  const Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
  if (out.get() < 0) return system_failure(to, errno);
  std::string buffer(kCopiedAtOnce, '\0');
  for (;;) {
    const ssize_t got = read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(from, errno);
    if (got == 0) return {};
    for (ssize_t at = 0; at < got;) {
      const ssize_t put = write(out.get(), buffer.data() + at, static_cast<std::size_t>(got - at));
      if (put < 0 && errno != EINTR) return system_failure(to, errno);
      if (put > 0) at += put;
    }
  }
}

std::filesystem::path log_of(const std::filesystem::path& file) { return file.string() + "-wal"; }

// Gives whether what was copied is of one moment.
Result<bool> copy_once(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::array<Written, 2> before;
  std::array<Written, 2> after;
  for (std::array<Written, 2>* seen : {&before, &after}) {
    const Result<Written> file = look_at(from, Presence::kWanted);
    if (!file) return fail(file.error());
    const Result<Written> log = look_at(log_of(from), Presence::kOptional);
    if (!log) return fail(log.error());
    *seen = {*file, *log};
    if (seen == &after) break;
    std::error_code none;
    std::filesystem::remove(log_of(to), none);
    if (auto copied = copy_bytes(from, to); !copied) return fail(std::move(copied).error());
    if (log->bytes <= 0) continue;
    if (auto copied = copy_bytes(log_of(from), log_of(to)); !copied)
      return fail(std::move(copied).error());
  }
  return before == after;
}

int sync_path(const std::filesystem::path& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.get() >= 0 && fsync(fd.get()) == 0 ? 0 : errno;
}

}  // namespace

PrivateFolder::PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

PrivateFolder::~PrivateFolder() {
  std::error_code none;
  if (!path_.empty()) std::filesystem::remove_all(path_, none);
}

Result<PrivateFolder> PrivateFolder::create_beside(const std::filesystem::path& file) {
  std::string pattern = file.string() + ".tmp-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) return system_failure(file, errno);
  return PrivateFolder(pattern);
}

Result<void> copy_store_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::filesystem::path journal = from.string() + "-journal";
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Result<Written> hot = look_at(journal, Presence::kOptional);
    if (!hot) return fail(hot.error());
    if (hot->bytes > 0) {
      return invalid_input(fmt::format("{}: found a rollback journal, want none: stores have a log",
                                       one_line(journal.string())));
    }
    const Result<bool> copied = copy_once(from, to);
    if (!copied) return fail(copied.error());
    if (*copied) return {};
  }
  return unavailable(
      fmt::format("{}: found another process that writes it; try again when it is done",
                  one_line(from.string())));
}

bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  std::error_code none;
  return std::filesystem::equivalent(one, other, none);
}

Result<void> link_new_file(const std::filesystem::path& whole, const std::filesystem::path& name) {
  if (const int reason = sync_path(whole); reason != 0) return system_failure(name, reason);
  if (link(whole.c_str(), name.c_str()) != 0) {
    if (errno == EEXIST) {
      return invalid_input(
          fmt::format("{}: found a file of that name, want a new one", one_line(name.string())));
    }
    return system_failure(name, errno);
  }
  const std::filesystem::path folder = std::filesystem::absolute(name).parent_path();
  if (const int reason = sync_path(folder); reason != 0) return system_failure(folder, reason);
  return {};
}

}  // namespace fusesweep
