// Values into statements and out of rows. Only results/ includes this.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"

namespace fusesweep {

// Bytes for a column of type BLOB: integers one after the other, least significant byte first.
struct Blob {
  std::string bytes;
};

Blob to_blob(const std::vector<int>& values);           // 4 bytes each
Blob to_blob(const std::vector<std::int64_t>& values);  // 8 bytes each

// SQLite's integers have 64 bits with a sign. The error says what is too large.
Result<void> check_storable(std::string_view what, std::uint64_t value);

void bind_value(SQLite::Statement& statement, int index, std::int64_t value);
void bind_value(SQLite::Statement& statement, int index, double value);
void bind_value(SQLite::Statement& statement, int index, std::string_view value);
void bind_value(SQLite::Statement& statement, int index, const Uuid& value);
void bind_value(SQLite::Statement& statement, int index, const Blob& value);

template <std::integral T>
void bind_value(SQLite::Statement& statement, int index, T value) {
  bind_value(statement, index, static_cast<std::int64_t>(value));
}

inline void bind_value(SQLite::Statement& statement, int index, const std::string& value) {
  bind_value(statement, index, std::string_view(value));
}

template <typename T>
void bind_value(SQLite::Statement& statement, int index, const std::optional<T>& value) {
  if (value) {
    bind_value(statement, index, *value);
  } else {
    statement.bind(index);
  }
}

// Makes the statement ready, with its parameters in the order in which they stand in it.
template <typename... Values>
SQLite::Statement prepared(SQLite::Database& database, const char* sql, const Values&... values) {
  SQLite::Statement statement(database, sql);
  int index = 0;
  (bind_value(statement, ++index, values), ...);
  return statement;
}

// Gives the number of rows that were changed.
template <typename... Values>
int execute(SQLite::Database& database, const char* sql, const Values&... values) {
  return prepared(database, sql, values...).exec();
}

// The same once more with a statement that is made ready once for many rows.
template <typename... Values>
int execute(SQLite::Statement& statement, const Values&... values) {
  statement.reset();
  int index = 0;
  (bind_value(statement, ++index, values), ...);
  return statement.exec();
}

// The row that a statement stands on. Reading asks for a type and a range; the first thing that does
// not fit is noted, with its table and column, and error() is asked before anything that was read is
// believed: a file may hold anything.
class Row {
 public:
  // The statement must outlive the row; `file` begins every message.
  Row(const SQLite::Statement& statement, std::string_view file, std::string_view table)
      : statement_(statement), file_(file), table_(table) {}
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  const std::optional<Error>& error() const { return error_; }
  // From here on columns are those of another table that was joined; for messages.
  void enter(std::string_view table) { table_ = table; }

  std::int64_t integer(const char* column, std::int64_t low, std::int64_t high);
  std::int64_t integer(const char* column);
  int small_integer(const char* column, int low);  // up to the largest int
  std::uint64_t count(const char* column);
  bool boolean(const char* column);
  double real(const char* column);
  std::string text(const char* column);
  Uuid id(const char* column);
  std::vector<int> ints(const char* column);               // of a blob
  std::vector<std::int64_t> integers(const char* column);  // of a blob
  Json json(const char* column);
  Json object(const char* column);                     // of a JSON object
  std::vector<std::string> texts(const char* column);  // of a JSON array

  // A value of an enumeration by its text.
  template <typename T, std::size_t n>
  T named(const char* column, const T (&all)[n]) {
    const std::string found = text(column);
    for (const T value : all) {
      if (to_text(value) == found) return value;
    }
    reject_unknown(column, found);
    return all[0];
  }

  // The same with a function that reads such a text.
  template <typename T>
  T parsed(const char* column, Result<T> (*parse)(std::string_view)) {
    Result<T> value = parse(text(column));
    if (value) return *std::move(value);
    reject(column, value.error().message);
    return {};
  }

  // Nothing where the column is NULL: `row.optional("cpu", &Row::text)`.
  template <typename T>
  std::optional<T> optional(const char* column, T (Row::*read)(const char*)) {
    if (is_null(column)) return std::nullopt;
    return (this->*read)(column);
  }

  bool is_null(const char* column);
  void reject(const char* column, std::string_view message);

 private:
  SQLite::Column column_of(const char* column) const;
  bool has_type(const char* column, int type, std::string_view wanted);
  void reject_unknown(const char* column, std::string_view found);
  template <typename T>
  std::vector<T> blob_of(const char* column);

  const SQLite::Statement& statement_;
  std::string file_;
  std::string table_;
  std::optional<Error> error_;
};

}  // namespace fusesweep
