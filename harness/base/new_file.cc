#include "harness/base/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr mode_t kMode = 0644;

Failure system_failure(const std::filesystem::path& path, int reason) {
  return unavailable(
      fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(reason)));
}

}  // namespace

Result<NewFile> NewFile::create(const std::filesystem::path& path) {
  std::string temporary = path.string() + ".tmp-XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return system_failure(path, errno);
  NewFile file(path, temporary, fd);
  if (fchmod(fd, kMode) != 0) return system_failure(path, errno);  // mkostemp's 0600 is for secrets
  return file;
}

NewFile::NewFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

NewFile::NewFile(NewFile&& other) noexcept { *this = std::move(other); }

NewFile& NewFile::operator=(NewFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  errno_ = other.errno_.exchange(errno_);
  std::swap(size_, other.size_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(temporary_.c_str());
}

void NewFile::write(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) {
    write_through(bytes);
  } else {
    buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
}

void NewFile::write(std::string_view bytes) { write(std::as_bytes(std::span(bytes))); }

void NewFile::flush() {
  write_through(std::as_bytes(std::span(buffer_)));
  buffer_.clear();
}

void NewFile::write_through(std::span<const std::byte> bytes) {
  while (!bytes.empty() && errno_ == 0) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      errno_ = errno;
    }
  }
}

void NewFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty() && errno_ == 0) {
    const ssize_t written = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    } else if (errno != EINTR) {
      errno_ = errno;
    }
  }
}

Result<void> NewFile::commit() && {
  flush();
  if (errno_ == 0 && fsync(fd_) != 0) errno_ = errno;
  if (errno_ != 0) return system_failure(path_, errno_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return system_failure(path_, errno);
  close(std::exchange(fd_, -1));
  return {};
}

Result<void> write_new_file(const std::filesystem::path& path, std::string_view text) {
  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  file->write(text);
  return std::move(*file).commit();
}

}  // namespace fusesweep
