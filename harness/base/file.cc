#include "harness/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/mapped_file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kBlockBytes = 4 << 20;
constexpr std::size_t kPieceBytes = 256 << 10;  // read at once; stays in the cache for the hash

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

// The digest of [begin, end) of the file, or the reason why it could not be read: errno, EIO when
// the file ends too soon.
Result<Hash128> hash_range(int fd, std::uint64_t begin, std::uint64_t end, std::string& buffer) {
  Hasher128 hasher;
  while (begin < end) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), end - begin);
    const ssize_t got = pread(fd, buffer.data(), wanted, static_cast<off_t>(begin));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return unavailable(std::generic_category().message(got < 0 ? errno : EIO));
    hasher.update(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
    begin += static_cast<std::uint64_t>(got);
  }
  return hasher.digest();
}

}  // namespace

Result<Hash128> hash_file(const std::filesystem::path& path, int threads) {
  const Result<MappedFile> file = MappedFile::open(path);  // says what is wrong with the path
  if (!file) return fail(file.error());
  const std::uint64_t bytes = file->bytes().size();
  // Reading beats touching the mapped pages, which faults on each of them.
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<Result<Hash128>> digests((bytes + kBlockBytes - 1) / kBlockBytes);
  parallel_for(digests.size(), threads, [&](std::size_t begin, std::size_t end) {
    std::string buffer(kPieceBytes, '\0');
    for (std::size_t block = begin; block < end; ++block) {
      const std::uint64_t from = block * kBlockBytes;
      digests[block] =
          hash_range(fd.get(), from, std::min<std::uint64_t>(bytes, from + kBlockBytes), buffer);
    }
  });
  Hasher128 whole;
  for (const Result<Hash128>& digest : digests) {
    if (!digest) return fail_with_context(digest.error(), one_line(path.string()));
    whole.update(to_hex(*digest));
  }
  return whole.digest();
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const Result<MappedFile> file = MappedFile::open(path);
  if (!file) return fail(file.error());
  const std::span<const std::byte> bytes = file->bytes();
  if (bytes.size() > max_bytes) {
    return invalid_input(fmt::format("{}: found {} bytes, want at most {}", one_line(path.string()),
                                     bytes.size(), max_bytes));
  }
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<TreeHash> hash_tree(const std::filesystem::path& path, int threads) {
  const auto failure = [](const std::filesystem::path& at, const std::error_code& error) {
    return unavailable(fmt::format("{}: {}", one_line(at.string()), error.message()));
  };
  std::error_code error;
  TreeHash tree;
  if (!std::filesystem::is_directory(path, error)) {
    const Result<Hash128> hash = hash_file(path, threads);
    if (!hash) return fail(hash.error());
    tree = {*hash, std::filesystem::file_size(path, error)};
    if (error) return failure(path, error);
    return tree;
  }
  std::vector<std::filesystem::path> files;
  std::filesystem::recursive_directory_iterator at(path, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    const std::filesystem::file_type type = at->symlink_status(error).type();
    if (type == std::filesystem::file_type::regular) {
      files.push_back(at->path());
    } else if (type != std::filesystem::file_type::directory) {
      return invalid_input(fmt::format("{}: found a link or device, want files and folders",
                                       one_line(at->path().string())));
    }
  }
  if (error) return failure(path, error);
  std::sort(files.begin(), files.end());
  Hasher128 whole;
  for (const std::filesystem::path& file : files) {
    const Result<TreeHash> one = hash_tree(file, threads);
    if (!one) return fail(one.error());
    whole.update(fmt::format("{}\n{}\n{}\n", file.lexically_relative(path).generic_string(),
                             one->bytes, to_hex(one->hash)));
    tree.bytes += one->bytes;
  }
  tree.hash = whole.digest();
  return tree;
}

}  // namespace fusesweep
