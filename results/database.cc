#include "results/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr const char* kInMemory = ":memory:";
constexpr std::chrono::milliseconds kBusyStep{1};
constexpr int kMostValueBytes = 256 << 20;  // of one text or blob: what a hostile row may cost
constexpr mode_t kMode = 0644;

Failure system_failure(const std::filesystem::path& file, int reason) {
  return unavailable(
      fmt::format("{}: {}", one_line(file.string()), std::generic_category().message(reason)));
}

std::filesystem::path beside(const std::filesystem::path& file, std::string_view ending) {
  return file.string() + std::string(ending);
}

bool is_file_with_content(const std::filesystem::path& file) {
  struct stat facts {};
  return stat(file.c_str(), &facts) == 0 && facts.st_size > 0;
}

bool may(const std::filesystem::path& path, int mode) {
  return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

// Nobody can write it while we read.
bool is_archived(const std::filesystem::path& file) {
  struct stat facts {};
  struct statvfs system {};
  return stat(file.c_str(), &facts) == 0 && statvfs(file.c_str(), &system) == 0 &&
         ((system.f_flag & ST_RDONLY) != 0 || (facts.st_mode & 0222U) == 0);
}

std::string percent_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// Waits in short equal steps. SQLite's own handler doubles its steps up to 100 ms, so that whoever
// waits beside somebody who writes without a pause tries too seldom to ever get in.
int wait_for_others(void* timeout, int waits) {
  const auto steps = *static_cast<std::chrono::milliseconds*>(timeout) / kBusyStep;
  if (waits >= steps) return 0;
  std::this_thread::sleep_for(kBusyStep);
  return 1;
}

// A file that is made under a name of its own; removed, with what SQLite puts beside it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& file) : path_(file.string() + ".tmp-XXXXXX") {
    const int fd = mkostemp(path_.data(), O_CLOEXEC);
    if (fd < 0 || fchmod(fd, kMode) != 0) errno_ = errno;
    if (fd >= 0) close(fd);
  }
  ~TemporaryFile() {
    for (const char* ending : {"", "-wal", "-shm", "-journal"})
      unlink(beside(path_, ending).c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int error() const { return errno_; }
  std::filesystem::path path() const { return path_; }

 private:
  std::string path_;
  int errno_ = 0;
};

// Not for a file that SQLite has open: closing any descriptor of it drops SQLite's locks.
int sync_path(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int reason = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return reason;
}

}  // namespace

Database::Database(const Address& address, std::string name, Access access,
                   const StoreOptions& options)
    : sqlite_(address.text, address.flags),
      name_(std::move(name)),
      access_(access),
      busy_timeout_(std::make_unique<std::chrono::milliseconds>(options.busy_timeout)) {
  sqlite3* const handle = sqlite_.getHandle();
  // What needs no look at the file, which has yet to be recognized.
  for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                      {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                                      {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                                      {SQLITE_DBCONFIG_DQS_DDL, 0},
                                      {SQLITE_DBCONFIG_DQS_DML, 0}}) {
    sqlite_.check(sqlite3_db_config(handle, option, value, nullptr));
  }
  sqlite_.check(sqlite3_busy_handler(handle, wait_for_others, busy_timeout_.get()));
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMostValueBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
}

Result<Database> Database::connect(const Address& address, const std::filesystem::path& file,
                                   Access access, const StoreOptions& options) {
  const std::string name = one_line(file.string());
  try {
    return Database(address, name, access, options);
  } catch (const SQLite::Exception& exception) {
    return unavailable(fmt::format("{}: {}", name, one_line(exception.what())));
  }
}

Error Database::error_of(const SQLite::Exception& exception) const {
  const std::string what = one_line(exception.what());
  switch (exception.getErrorCode()) {
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable,
              fmt::format("{}: no space left: what was to be stored now was not, what was stored "
                          "before is intact",
                          name_)};
    case SQLITE_BUSY:
      return {ErrorCode::kUnavailable,
              fmt::format("{}: found another process that writes, still after {} ms", name_,
                          busy_timeout_->count())};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::kInvalidInput, fmt::format("{}: damaged: {}", name_, what)};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: {
      const int reason = sqlite3_system_errno(sqlite_.getHandle());
      return {ErrorCode::kUnavailable,
              fmt::format("{}: {} ({})", name_, what, std::generic_category().message(reason))};
    }
    default:
      return {ErrorCode::kUnavailable, fmt::format("{}: {}", name_, what)};
  }
}

Result<Database> Database::open(const std::filesystem::path& file, Access access,
                                const StoreOptions& options, Migrations migrations) {
  if (file == kInMemory) {
    const Address address{kInMemory, SQLite::OPEN_READWRITE};
    Result<Database> database = connect(address, file, Access::kWrite, options);
    if (!database) return database;
    const auto made = database->guarded([&]() -> Result<void> {
      database->configure(options);
      return database->prepare_writing(migrations);
    });
    if (!made) return fail(made.error());
    return database;
  }
  std::error_code error;
  // What SQLite takes for more than a path ("", "file:...") is none after this.
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  if (file.empty() || error) return invalid_input("a store: found no file name, want one");
  const auto is_missing = [&] {
    struct stat facts {};
    return stat(path.c_str(), &facts) != 0 && errno == ENOENT;
  };
  if (access == Access::kWrite && is_missing()) {
    // SQLite would take the log for the new file's.
    const std::filesystem::path log = beside(path, "-wal");
    if (is_file_with_content(log) && is_missing()) {
      return invalid_input(
          fmt::format("{}: found the log of a store that is not there, want both or "
                      "neither",
                      one_line(log.string())));
    }
    if (const auto made = create(path, migrations); !made) return fail(made.error());
  }
  return open_existing(path, access, options, migrations);
}

// Either we or another process gives the file its name; whole files only, so both may go on.
Result<void> Database::create(const std::filesystem::path& file, Migrations migrations) {
  const TemporaryFile temporary(file);
  if (temporary.error() != 0) return system_failure(file, temporary.error());
  {
    Result<Database> database =
        connect({temporary.path().string(), SQLite::OPEN_READWRITE}, file, Access::kWrite, {});
    if (!database) return fail(std::move(database).error());
    auto made = database->guarded([&]() -> Result<void> {
      database->configure({});
      return database->prepare_writing(migrations);
    });
    if (!made) return made;
  }
  // SQLite folds its log into the file as it closes, but does not say when it could not.
  if (is_file_with_content(beside(temporary.path(), "-wal")))
    return unavailable(fmt::format("{}: cannot be written as a whole", one_line(file.string())));
  if (const int reason = sync_path(temporary.path()); reason != 0)
    return system_failure(file, reason);
  // link(), because unlike rename() it never replaces.
  if (link(temporary.path().c_str(), file.c_str()) != 0 && errno != EEXIST)
    return system_failure(file, errno);
  if (const int reason = sync_path(file.parent_path()); reason != 0)
    return system_failure(file.parent_path(), reason);
  return {};
}

Result<Database::Address> Database::address_of(const std::filesystem::path& file, Access access) {
  const std::string name = one_line(file.string());
  struct stat facts {};
  if (stat(file.c_str(), &facts) != 0) {
    return invalid_input(fmt::format("{}: {}", name, std::generic_category().message(errno)));
  }
  if (!S_ISREG(facts.st_mode))
    return invalid_input(fmt::format("{}: found no regular file, want a store", name));
  // A hot one would be played back into the file, and may come from anybody.
  if (is_file_with_content(beside(file, "-journal"))) {
    return invalid_input(
        fmt::format("{}-journal: found a rollback journal, want none: stores have a log", name));
  }
  if (!may(file, R_OK)) return system_failure(file, errno);
  const std::filesystem::path folder = file.parent_path();
  if (access == Access::kWrite) {
    for (const std::filesystem::path& written : {file, folder}) {
      if (may(written, W_OK)) continue;
      return unavailable(fmt::format("{}: cannot be written: {}: {}", name,
                                     one_line(written.string()),
                                     std::generic_category().message(errno)));
    }
    return Address{file.string(), SQLite::OPEN_READWRITE};
  }
  // Readers share an index beside the file, which they make when they come first. What nobody can
  // write is read without one.
  const bool has_log = std::filesystem::exists(beside(file, "-wal"));
  if (is_archived(file) && !has_log) {
    return Address{fmt::format("file:{}?immutable=1", percent_encoded(file.string())),
                   SQLite::OPEN_READONLY | SQLite::OPEN_URI};
  }
  if (!may(folder, W_OK) && !std::filesystem::exists(beside(file, "-shm"))) {
    return unavailable(fmt::format(
        "{}: cannot be read where its folder cannot be written but others may write it; copy it{}",
        name, has_log ? " with its -wal" : ""));
  }
  // A reader who may write tidies up as it closes; query_only keeps it from more.
  return Address{file.string(), may(file, W_OK) ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY};
}

Result<Database> Database::open_existing(const std::filesystem::path& file, Access access,
                                         const StoreOptions& options, Migrations migrations) {
  const Result<Address> address = address_of(file, access);
  if (!address) return fail(address.error());
  const bool had_log = is_file_with_content(beside(file, "-wal"));
  Result<Database> database = connect(*address, file, access, options);
  if (!database) return database;

  sqlite3* const handle = database->sqlite_.getHandle();
  // A log is folded into the file by whoever closes it last: not into one that we refuse.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, had_log ? 1 : 0, nullptr);
  const auto checked = database->guarded([&]() -> Result<void> {
    if (auto known = database->check_header(migrations); !known) return known;
    database->configure(options);
    return database->check_content(access, migrations);
  });
  if (!checked) return fail(checked.error());
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);

  if (access == Access::kWrite) {
    const auto prepared = database->guarded([&] { return database->prepare_writing(migrations); });
    if (!prepared) return fail(prepared.error());
  }
  return database;
}

// For each connection; nothing of it is written to the file.
void Database::configure(const StoreOptions& options) {
  sqlite_.exec("PRAGMA mmap_size = 0");  // a file that is cut short must be an error, not a signal
  sqlite_.exec("PRAGMA cell_size_check = ON");
  sqlite_.exec("PRAGMA synchronous = FULL");
  if (access_ == Access::kRead) sqlite_.exec("PRAGMA query_only = ON");
  if (options.max_pages)
    sqlite_.exec(fmt::format("PRAGMA max_page_count = {}", *options.max_pages));
}

Result<void> Database::prepare_writing(Migrations migrations) {
  const std::string mode = sqlite_.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal" && mode != "memory") {
    return unavailable(fmt::format(
        "{}: found journal mode {}, want wal: does its file system share memory?", name_, mode));
  }
  return migrate(migrations);
}

// All steps or none.
Result<void> Database::migrate(Migrations migrations) {
  const auto version = [&] { return sqlite_.execAndGet("PRAGMA user_version").getInt(); };
  const auto wanted = static_cast<int>(migrations.size());
  if (version() == wanted) return {};
  // A step that makes a table anew drops the old one, with what refers to it. Cannot be set within a
  // transaction.
  sqlite_.exec("PRAGMA foreign_keys = OFF");
  const Result<void> migrated = write([&]() -> Result<void> {
    const int found = version();  // again: another process may have been faster
    if (found > wanted) return check_version(access_, migrations);
    for (int step = found; step < wanted; ++step)
      sqlite_.exec(std::string(migrations[static_cast<std::size_t>(step)]));
    if (SQLite::Statement(sqlite_, "PRAGMA foreign_key_check").executeStep())
      return invalid_input(
          fmt::format("{}: damaged: a row refers to one that is not there", name_));
    sqlite_.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    sqlite_.exec(fmt::format("PRAGMA user_version = {}", wanted));
    return {};
  });
  if (!migrated)
    return fail_with_context(migrated.error(), fmt::format("migrating to schema {}", wanted));
  sqlite_.exec("PRAGMA foreign_keys = ON");
  return {};
}

}  // namespace fusesweep
