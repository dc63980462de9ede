#include "results/folder_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/new_file.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{1} << 20;
constexpr std::size_t kLongestName = 1024;      // of a whole path
constexpr std::size_t kLongestStep = 200;       // of a part; NewFile adds to it meanwhile
constexpr const char* kCompressionLevel = "1";  // weights hardly shrink: more costs time alone

using Write = std::function<void(std::span<const std::byte>)>;

struct Item {
  std::string name;  // in the folder, parts separated by '/'
  bool is_folder = false;
  std::uint64_t bytes = 0;
};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Failure system_failure(const std::filesystem::path& path, int reason) {
  return unavailable(
      fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(reason)));
}

Failure system_failure(const std::filesystem::path& path, const std::error_code& error) {
  return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
}

// A regular file, and not through a link.
Result<Descriptor> open_to_read(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat facts {};
  if (fd.get() < 0 && errno == ENOENT) {
    return invalid_input(
        fmt::format("{}: {}", one_line(path.string()), std::generic_category().message(ENOENT)));
  }
  if (fd.get() < 0 || fstat(fd.get(), &facts) != 0) return system_failure(path, errno);
  if (!S_ISREG(facts.st_mode)) {
    return invalid_input(
        fmt::format("{}: found no regular file, want one", one_line(path.string())));
  }
  return fd;
}

bool is_plain_step(std::string_view step) {
  return !step.empty() && step != "." && step != ".." && step.size() <= kLongestStep;
}

// Whether a name may stand in an archive: below the folder wherever that is, and readable.
bool is_plain_name(std::string_view name) {
  const std::vector<std::string_view> steps = split_text(name, '/');
  return name.size() <= kLongestName && one_line(name) == name &&
         std::all_of(steps.begin(), steps.end(), is_plain_step);
}

Failure not_plain(const std::string& where, std::string_view name) {
  return invalid_input(fmt::format(
      "{}: found the name {}, want a plain one: relative, without '.' and '..', printable, at most "
      "{} bytes and {} between slashes",
      where, quote(name), kLongestName, kLongestStep));
}

// Writing.

// Everything below the folder `prefix` of the folder, files first.
Result<void> add_items(const std::filesystem::path& folder, const std::string& prefix,
                       std::vector<Item>& items) {
  std::vector<Item> files;
  std::vector<Item> folders;
  std::error_code error;
  std::filesystem::directory_iterator at(folder / prefix, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    Item item{.name = prefix + at->path().filename().string()};
    if (!is_plain_name(item.name)) return not_plain(one_line(folder.string()), item.name);
    const std::filesystem::file_type type = at->symlink_status(error).type();
    if (error) break;
    if (type == std::filesystem::file_type::directory) {
      item.is_folder = true;
      folders.push_back(std::move(item));
    } else if (type == std::filesystem::file_type::regular) {
      item.bytes = at->file_size(error);
      if (error) break;
      files.push_back(std::move(item));
    } else {
      return invalid_input(fmt::format("{}: found a link or device, want files and folders",
                                       one_line(at->path().string())));
    }
  }
  if (error) return system_failure(folder / prefix, error);
  for (std::vector<Item>* list : {&files, &folders}) {
    std::sort(list->begin(), list->end(),
              [](const Item& a, const Item& b) { return a.name < b.name; });
  }
  items.insert(items.end(), files.begin(), files.end());
  for (Item& inner : folders) {
    const std::string inner_prefix = inner.name + '/';
    items.push_back(std::move(inner));
    if (auto added = add_items(folder, inner_prefix, items); !added) return added;
  }
  return {};
}

struct FreeWriter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t give_to_file(archive* /*writer*/, void* file, const void* bytes, std::size_t count) {
  NewFile& to = *static_cast<NewFile*>(file);
  to.write(std::span(static_cast<const std::byte*>(bytes), count));
  return to.failed() ? -1 : static_cast<la_ssize_t>(count);
}

class ArchiveWriter {
 public:
  // The file must outlive the writer. It says itself what went wrong with it.
  explicit ArchiveWriter(NewFile& file) : writer_(archive_write_new()) {
    archive* const to = writer_.get();
    is_good_ =
        to != nullptr && archive_write_set_format_pax_restricted(to) == ARCHIVE_OK &&
        // Names as they are, whatever the locale.
        archive_write_set_format_option(to, "pax", "hdrcharset", "BINARY") == ARCHIVE_OK &&
        archive_write_add_filter_zstd(to) == ARCHIVE_OK &&
        archive_write_set_filter_option(to, "zstd", "compression-level", kCompressionLevel) ==
            ARCHIVE_OK &&
        archive_write_set_bytes_in_last_block(to, 1) == ARCHIVE_OK &&
        archive_write_open2(to, &file, nullptr, give_to_file, nullptr, nullptr) == ARCHIVE_OK;
  }

  bool begin(const Item& item) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    if (!is_good_ || entry == nullptr) return is_good_ = false;
    archive_entry_copy_pathname(entry.get(), item.name.c_str());
    archive_entry_set_filetype(entry.get(), item.is_folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry.get(), item.is_folder ? 0755 : 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(item.bytes));
    archive_entry_set_mtime(entry.get(), 0, 0);
    return is_good_ = archive_write_header(writer_.get(), entry.get()) == ARCHIVE_OK;
  }

  bool write(std::span<const char> bytes) {
    const la_ssize_t wanted = static_cast<la_ssize_t>(bytes.size());
    return is_good_ =
               is_good_ && archive_write_data(writer_.get(), bytes.data(), bytes.size()) == wanted;
  }

  // Why it stopped, where the file itself does not know.
  Result<void> end(const std::string& where) {
    if (is_good_ && archive_write_close(writer_.get()) == ARCHIVE_OK) return {};
    const char* reason = writer_ == nullptr ? nullptr : archive_error_string(writer_.get());
    return unavailable(fmt::format("{}: cannot be written: {}", where,
                                   one_line(reason == nullptr ? "no reason given" : reason)));
  }

 private:
  std::unique_ptr<archive, FreeWriter> writer_;
  bool is_good_ = false;
};

// As many bytes as it had when it was listed.
Result<void> pack_file(const std::filesystem::path& path, std::uint64_t bytes,
                       ArchiveWriter& writer, std::string& buffer, Progress& progress) {
  const Result<Descriptor> fd = open_to_read(path);
  if (!fd) return fail(fd.error());
  std::uint64_t read_bytes = 0;
  for (;;) {
    const ssize_t got = read(fd->get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(path, errno);
    const auto count = static_cast<std::size_t>(got);
    read_bytes += count;
    if (read_bytes > bytes || (count == 0 && read_bytes < bytes)) {
      return unavailable(
          fmt::format("{}: found a file that somebody writes, want it whole; try again",
                      one_line(path.string())));
    }
    if (count == 0) return {};
    if (!writer.write(std::span(buffer).first(count))) return {};  // end() says why
    progress.advance(count);
  }
}

Result<void> pack_items(const std::filesystem::path& folder, const std::vector<Item>& items,
                        NewFile& file, const std::string& where, Progress& progress) {
  ArchiveWriter writer(file);
  std::string buffer(kReadAtOnce, '\0');
  for (const Item& item : items) {
    if (!writer.begin(item)) break;
    if (item.is_folder) continue;
    progress.set_item(item.name);
    if (auto packed = pack_file(folder / item.name, item.bytes, writer, buffer, progress); !packed)
      return packed;
  }
  return writer.end(where);
}

// Reading.

struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class ArchiveReader {
 public:
  static Result<ArchiveReader> open(const std::filesystem::path& file) {
    Result<Descriptor> fd = open_to_read(file);
    if (!fd) return fail(std::move(fd).error());
    ArchiveReader reader(one_line(file.string()), *std::move(fd));
    archive* const from = reader.reader_.get();
    // No other format and no other compression: what is not asked for cannot be attacked.
    const bool is_good = from != nullptr && archive_read_support_format_tar(from) == ARCHIVE_OK &&
                         archive_read_support_filter_zstd(from) == ARCHIVE_OK &&
                         archive_read_open_fd(from, reader.fd_.get(), kReadAtOnce) == ARCHIVE_OK;
    if (!is_good) return reader.damaged();
    return reader;
  }

  // The next one; nothing at the end.
  Result<std::optional<Item>> next() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader_.get(), &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    // A warning, too: names that could not be read, say.
    if (status != ARCHIVE_OK) return damaged();
    const char* const name = archive_entry_pathname(entry);
    Item item{.name = name == nullptr ? "" : name};
    const auto type = archive_entry_filetype(entry);
    item.is_folder = type == AE_IFDIR;
    if (item.is_folder && item.name.ends_with('/')) item.name.pop_back();
    if (!is_plain_name(item.name)) return not_plain(where_, item.name);
    if (archive_entry_hardlink(entry) != nullptr || (type != AE_IFREG && type != AE_IFDIR)) {
      return invalid_input(fmt::format("{}: {}: found a link or device, want files and folders",
                                       where_, quote(item.name)));
    }
    const la_int64_t bytes = item.is_folder ? 0 : archive_entry_size(entry);
    if (archive_entry_sparse_reset(entry) > 0 || bytes < 0 ||
        (!item.is_folder && archive_entry_size_is_set(entry) == 0)) {
      return invalid_input(
          fmt::format("{}: {}: found a file with gaps, want it whole", where_, quote(item.name)));
    }
    item.bytes = static_cast<std::uint64_t>(bytes);
    return item;
  }

  // All of the file that next() told.
  Result<void> read_content(const Item& item, const Write& write) {
    std::uint64_t done = 0;
    for (;;) {
      const void* block = nullptr;
      std::size_t count = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(reader_.get(), &block, &count, &offset);
      if (status == ARCHIVE_EOF && done == item.bytes) return {};
      if (status != ARCHIVE_OK && status != ARCHIVE_EOF) return damaged();
      if (status == ARCHIVE_EOF || offset != static_cast<la_int64_t>(done) ||
          count > item.bytes - done) {
        return invalid_input(fmt::format("{}: {}: found other bytes than the {} that it states",
                                         where_, quote(item.name), item.bytes));
      }
      write(std::span(static_cast<const std::byte*>(block), count));
      done += count;
    }
  }

  // That were read of the file itself.
  std::uint64_t consumed_bytes() const {
    return static_cast<std::uint64_t>(
        std::max<la_int64_t>(0, archive_filter_bytes(reader_.get(), -1)));
  }

  const std::string& where() const { return where_; }

 private:
  ArchiveReader(std::string where, Descriptor fd)
      : where_(std::move(where)), fd_(std::move(fd)), reader_(archive_read_new()) {}

  Failure damaged() const {
    const char* reason = reader_ == nullptr ? nullptr : archive_error_string(reader_.get());
    return invalid_input(fmt::format("{}: damaged, or no archive of a folder: {}", where_,
                                     one_line(reason == nullptr ? "no reason given" : reason)));
  }

  std::string where_;
  Descriptor fd_;
  std::unique_ptr<archive, FreeReader> reader_;  // after the descriptor that it reads
};

// What may come next, by what has come.
class Admission {
 public:
  Admission(const std::string& where, const ArchiveLimits& limits)
      : where_(where), limits_(limits) {}

  Result<void> admit(const Item& item) {
    const auto refuse = [&](std::string_view found) {
      return invalid_input(fmt::format("{}: {}: found {}", where_, quote(item.name), found));
    };
    if (++contents_.entries > limits_.max_entries)
      return refuse(fmt::format("more than {} entries, want at most that", limits_.max_entries));
    if (item.bytes > limits_.max_bytes - contents_.bytes) {
      return refuse(fmt::format("{} bytes after {}, want at most {} in all", item.bytes,
                                contents_.bytes, limits_.max_bytes));
    }
    contents_.bytes += item.bytes;
    const std::size_t slash = item.name.rfind('/');
    if (slash != std::string::npos && !folders_.contains(item.name.substr(0, slash)))
      return refuse("no folder before it, want it to come first");
    if (!names_.insert(item.name).second) return refuse("the name for the second time");
    if (item.is_folder) folders_.insert(item.name);
    return {};
  }

  const ArchiveContents& contents() const { return contents_; }

 private:
  const std::string& where_;
  const ArchiveLimits& limits_;
  ArchiveContents contents_;
  std::set<std::string> names_;
  std::set<std::string> folders_;
};

Result<void> unpack_item(ArchiveReader& reader, const Item& item,
                         const std::filesystem::path& folder, Progress& progress) {
  const std::filesystem::path path = folder / item.name;
  std::error_code error;
  // Where upper and lower case are the same, two names may be one file.
  const std::filesystem::file_status there = std::filesystem::symlink_status(path, error);
  if (there.type() != std::filesystem::file_type::not_found)
    return invalid_input(fmt::format("{}: found a file of that name", one_line(path.string())));
  error.clear();
  if (item.is_folder) {
    std::filesystem::create_directory(path, error);
    if (error) return system_failure(path, error);
    return {};
  }
  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  std::uint64_t before = reader.consumed_bytes();
  const Result<void> content = reader.read_content(item, [&](std::span<const std::byte> bytes) {
    file->write(bytes);
    const std::uint64_t now = reader.consumed_bytes();
    progress.advance(now - before);
    before = now;
  });
  if (!content) return content;
  return std::move(*file).commit();
}

}  // namespace

Result<ArchiveContents> pack_folder(const std::filesystem::path& folder,
                                    const std::filesystem::path& file, Progress& progress) {
  std::vector<Item> items;
  if (auto added = add_items(folder, "", items); !added) return fail(std::move(added).error());
  ArchiveContents contents{.entries = items.size()};
  for (const Item& item : items) contents.bytes += item.bytes;
  progress.begin_stage("packing", contents.bytes);
  Result<NewFile> making = NewFile::create(file);
  if (!making) return fail(std::move(making).error());
  const std::string where = one_line(file.string());
  const Result<void> packed = pack_items(folder, items, *making, where, progress);
  const bool disk_failed = making->failed();
  if (!packed && !disk_failed) return fail(packed.error());
  if (auto committed = std::move(*making).commit(); !committed)
    return fail(std::move(committed).error());
  return contents;
}

Result<ArchiveContents> unpack_folder(const std::filesystem::path& file,
                                      const std::filesystem::path& folder,
                                      const ArchiveLimits& limits, Progress& progress) {
  Result<ArchiveReader> reader = ArchiveReader::open(file);
  if (!reader) return fail(std::move(reader).error());
  std::error_code unknown;
  const std::uint64_t total = std::filesystem::file_size(file, unknown);
  progress.begin_stage("unpacking", unknown ? 0 : total);
  Admission admission(reader->where(), limits);
  for (;;) {
    const Result<std::optional<Item>> item = reader->next();
    if (!item) return fail(item.error());
    if (!item->has_value()) return admission.contents();
    if (auto admitted = admission.admit(**item); !admitted)
      return fail(std::move(admitted).error());
    progress.set_item((*item)->name);
    if (auto unpacked = unpack_item(*reader, **item, folder, progress); !unpacked)
      return fail(std::move(unpacked).error());
  }
}

Result<std::string> read_first_file(const std::filesystem::path& file, std::string_view name,
                                    std::uint64_t max_bytes) {
  Result<ArchiveReader> reader = ArchiveReader::open(file);
  if (!reader) return fail(std::move(reader).error());
  const Result<std::optional<Item>> item = reader->next();
  if (!item) return fail(item.error());
  if (!item->has_value() || (*item)->is_folder || (*item)->name != name) {
    return invalid_input(fmt::format("{}: found {} first, want {}", reader->where(),
                                     item->has_value() ? quote((*item)->name) : "nothing",
                                     quote(name)));
  }
  if ((*item)->bytes > max_bytes) {
    return invalid_input(fmt::format("{}: {}: found {} bytes, want at most {}", reader->where(),
                                     quote(name), (*item)->bytes, max_bytes));
  }
  std::string text;
  const Result<void> content = reader->read_content(**item, [&](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  if (!content) return fail(content.error());
  return text;
}

}  // namespace fusesweep
