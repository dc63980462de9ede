// Whether a file is a store, of this version, whole, and of our schema. A file is taken for hostile:
// what is looked at first is what needs the least of it.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/base/text.h"
#include "results/database.h"

namespace fusesweep {
namespace {

// https://www.sqlite.org/fileformat.html, 1.3
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kMagic("SQLite format 3\0", 16);

std::uint32_t big_endian(const std::array<unsigned char, kHeaderBytes>& header, std::size_t at) {
  return static_cast<std::uint32_t>(header[at]) << 24U |
         static_cast<std::uint32_t>(header[at + 1]) << 16U |
         static_cast<std::uint32_t>(header[at + 2]) << 8U | header[at + 3];
}

// The file as SQLite has it open. A descriptor of our own must not be: closing it would drop the
// locks that this process has on the file.
sqlite3_file* open_file_of(SQLite::Database& sqlite) {
  sqlite3_file* file = nullptr;
  sqlite.check(sqlite3_file_control(sqlite.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file));
  return file;
}

std::int64_t file_bytes_of(SQLite::Database& sqlite) {
  sqlite3_file* const file = open_file_of(sqlite);
  sqlite3_int64 bytes = 0;
  sqlite.check(file->pMethods->xFileSize(file, &bytes));
  return bytes;
}

struct SchemaEntry {
  std::string type;  // "table", "index", "trigger", "view"
  std::string name;
  std::string table;
  std::string sql;

  auto operator<=>(const SchemaEntry&) const = default;
};

std::string in_words(const SchemaEntry& entry) {
  return fmt::format("{} {}", one_line(entry.type), quote(entry.name));
}

std::vector<SchemaEntry> schema_of(SQLite::Database& sqlite) {
  std::vector<SchemaEntry> entries;
  SQLite::Statement query(
      sqlite,
      "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2, 3, 4");
  while (query.executeStep()) {
    entries.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(),
                       query.getColumn(2).getString(), query.getColumn(3).getString()});
  }
  return entries;
}

std::vector<SchemaEntry> without(const std::vector<SchemaEntry>& from,
                                 const std::vector<SchemaEntry>& what) {
  std::vector<SchemaEntry> left;
  std::set_difference(from.begin(), from.end(), what.begin(), what.end(), std::back_inserter(left));
  return left;
}

}  // namespace

Result<void> Database::check_header(Migrations migrations) {
  sqlite3_file* const file = open_file_of(sqlite_);
  std::array<unsigned char, kHeaderBytes> header{};
  const int read = file->pMethods->xRead(file, header.data(), kHeaderBytes, 0);
  if (read != SQLITE_IOERR_SHORT_READ) sqlite_.check(read);
  if (read != SQLITE_OK || !std::equal(kMagic.begin(), kMagic.end(), header.begin())) {
    return invalid_input(
        fmt::format("{}: found a file that is no SQLite database, want a store", name_));
  }
  if (const std::uint32_t id = big_endian(header, kApplicationIdAt); id != kApplicationId) {
    return invalid_input(fmt::format(
        "{}: found a database of another program (application id {:#x}), want a store ({:#x})",
        name_, id, kApplicationId));
  }
  // What is in the log may be newer still, which check_version sees.
  if (const std::uint32_t version = big_endian(header, kUserVersionAt);
      version > migrations.size()) {
    return invalid_input(
        fmt::format("{}: written by a newer version: found schema {}, this one knows 1 to {}",
                    name_, version, migrations.size()));
  }
  return {};
}

Result<void> Database::check_version(Access access, Migrations migrations) {
  const int version = sqlite_.execAndGet("PRAGMA user_version").getInt();
  const auto newest = static_cast<int>(migrations.size());
  if (version > newest) {
    return invalid_input(
        fmt::format("{}: written by a newer version: found schema {}, this one knows 1 to {}",
                    name_, version, newest));
  }
  if (version < 1)
    return invalid_input(fmt::format("{}: found schema {}, want 1 to {}", name_, version, newest));
  if (version < newest && access == Access::kRead) {
    return invalid_input(
        fmt::format("{}: written by an older version: found schema {}, want {}; a command that "
                    "stores something migrates it",
                    name_, version, newest));
  }
  return {};
}

Result<void> Database::check_schema(Migrations migrations) {
  SQLite::Database reference(":memory:", SQLite::OPEN_READWRITE);
  const int version = sqlite_.execAndGet("PRAGMA user_version").getInt();
  for (const std::string_view step : migrations.first(static_cast<std::size_t>(version)))
    reference.exec(std::string(step));
  const std::vector<SchemaEntry> wanted = schema_of(reference);
  const std::vector<SchemaEntry> found = schema_of(sqlite_);
  const std::vector<SchemaEntry> foreign = without(found, wanted);
  const std::vector<SchemaEntry> missing = without(wanted, found);
  const auto is_in = [](const std::vector<SchemaEntry>& entries, const SchemaEntry& entry) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const SchemaEntry& other) { return other.name == entry.name; });
  };
  if (!foreign.empty()) {
    return invalid_input(fmt::format("{}: found {} {}, want what schema {} has", name_,
                                     is_in(missing, foreign.front()) ? "a changed" : "a foreign",
                                     in_words(foreign.front()), version));
  }
  if (!missing.empty()) {
    return invalid_input(fmt::format("{}: found no {}, want what schema {} has", name_,
                                     in_words(missing.front()), version));
  }
  return {};
}

Result<void> Database::check_damage() {
  const std::int64_t page_bytes = sqlite_.execAndGet("PRAGMA page_size").getInt64();
  const std::int64_t pages = sqlite_.execAndGet("PRAGMA page_count").getInt64();
  const std::int64_t bytes = file_bytes_of(sqlite_);
  // SQLite reads a page that is cut short as one that ends in zeros. While there is a log, pages may
  // stand there alone; it cannot be folded in while we read from the file.
  sqlite3_file* log = nullptr;
  sqlite3_int64 log_bytes = 0;
  sqlite_.check(
      sqlite3_file_control(sqlite_.getHandle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log));
  if (log != nullptr && log->pMethods != nullptr)
    sqlite_.check(log->pMethods->xFileSize(log, &log_bytes));
  if (bytes < pages * page_bytes && log_bytes == 0) {
    return invalid_input(fmt::format("{}: damaged: found {} bytes, want {} pages of {}", name_,
                                     bytes, pages, page_bytes));
  }
  const std::string found = sqlite_.execAndGet("PRAGMA quick_check(1)").getString();
  if (found != "ok") return invalid_input(fmt::format("{}: damaged: {}", name_, one_line(found)));
  return {};
}

Result<void> Database::check_content(Access access, Migrations migrations) {
  // One view of the file for all of it, while others may write.
  const SQLite::Transaction transaction(sqlite_);
  if (auto checked = check_version(access, migrations); !checked) return checked;
  // Before anything is run that may be part of a schema.
  if (auto checked = check_schema(migrations); !checked) return checked;
  return check_damage();
}

}  // namespace fusesweep
