#include "results/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

template <typename T>
Blob blob_of_integers(const std::vector<T>& values) {
  // In a form that compilers know for one store of the whole value.
  Blob blob{.bytes = std::string(values.size() * sizeof(T), '\0')};
  char* to = blob.bytes.data();
  for (const T value : values) {
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<char>(bits >> 8 * i & 0xFFU);
    to += sizeof(T);
  }
  return blob;
}

}  // namespace

Blob to_blob(const std::vector<int>& values) {
  static_assert(sizeof(int) == 4);
  return blob_of_integers(values);
}

Blob to_blob(const std::vector<std::int64_t>& values) { return blob_of_integers(values); }

Result<void> check_storable(std::string_view what, std::uint64_t value) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (value <= static_cast<std::uint64_t>(kMost)) return {};
  return invalid_input(fmt::format("{}: found {}, want at most {}", what, value, kMost));
}

void bind_value(SQLite::Statement& statement, int index, std::int64_t value) {
  statement.bind(index, value);
}

void bind_value(SQLite::Statement& statement, int index, double value) {
  statement.bind(index, value);
}

void bind_value(SQLite::Statement& statement, int index, std::string_view value) {
  statement.bind(index, std::string(value));
}

void bind_value(SQLite::Statement& statement, int index, const Uuid& value) {
  statement.bind(index, value.data, sizeof value.data);
}

void bind_value(SQLite::Statement& statement, int index, const Blob& value) {
  statement.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
}

SQLite::Column Row::column_of(const char* column) const { return statement_.getColumn(column); }

void Row::reject(const char* column, std::string_view message) {
  if (error_) return;
  error_ =
      Error{ErrorCode::kInvalidInput, fmt::format("{}: {}.{}: {}", file_, table_, column, message)};
}

void Row::reject_unknown(const char* column, std::string_view found) {
  reject(column, fmt::format("found {}, want a text that is stored there", quote(found)));
}

bool Row::is_null(const char* column) { return column_of(column).isNull(); }

bool Row::has_type(const char* column, int type, std::string_view wanted) {
  if (column_of(column).getType() == type) return true;
  reject(column, fmt::format("found a value of another type, want {}", wanted));
  return false;
}

std::int64_t Row::integer(const char* column, std::int64_t low, std::int64_t high) {
  if (!has_type(column, SQLite::INTEGER, "an integer")) return low;
  const std::int64_t value = column_of(column).getInt64();
  if (value >= low && value <= high) return value;
  reject(column, fmt::format("found {}, want an integer from {} to {}", value, low, high));
  return low;
}

std::int64_t Row::integer(const char* column) {
  return integer(column, std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max());
}

int Row::small_integer(const char* column, int low) {
  return static_cast<int>(integer(column, low, std::numeric_limits<int>::max()));
}

std::uint64_t Row::count(const char* column) {
  return static_cast<std::uint64_t>(integer(column, 0, std::numeric_limits<std::int64_t>::max()));
}

bool Row::boolean(const char* column) { return integer(column, 0, 1) != 0; }

double Row::real(const char* column) {
  if (!has_type(column, SQLite::FLOAT, "a number")) return 0;
  const double value = column_of(column).getDouble();
  if (std::isfinite(value)) return value;
  reject(column, fmt::format("found {}, want a finite number", value));
  return 0;
}

std::string Row::text(const char* column) {
  if (!has_type(column, SQLite::TEXT, "text")) return {};
  return column_of(column).getString();
}

Uuid Row::id(const char* column) {
  Uuid uuid{};
  if (!has_type(column, SQLite::BLOB, "an id of 16 bytes")) return uuid;
  const std::string bytes = column_of(column).getString();
  if (bytes.size() != sizeof uuid.data) {
    reject(column, fmt::format("found {} bytes, want an id of 16", bytes.size()));
    return uuid;
  }
  std::transform(bytes.begin(), bytes.end(), uuid.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return uuid;
}

template <typename T>
std::vector<T> Row::blob_of(const char* column) {
  std::vector<T> values;
  if (!has_type(column, SQLite::BLOB, "a blob of integers")) return values;
  const std::string bytes = column_of(column).getString();
  if (bytes.size() % sizeof(T) != 0) {
    reject(column, fmt::format("found {} bytes, want a multiple of {}", bytes.size(), sizeof(T)));
    return values;
  }
  values.reserve(bytes.size() / sizeof(T));
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    std::make_unsigned_t<T> bits = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
      bits = bits << 8U | static_cast<unsigned char>(bytes[at + i]);
    values.push_back(std::bit_cast<T>(bits));
  }
  return values;
}

std::vector<int> Row::ints(const char* column) { return blob_of<int>(column); }

std::vector<std::int64_t> Row::integers(const char* column) {
  return blob_of<std::int64_t>(column);
}

Json Row::json(const char* column) {
  Result<Json> json = parse_json(text(column), fmt::format("{}: {}.{}", file_, table_, column));
  if (json) return *std::move(json);
  if (!error_) error_ = std::move(json).error();
  return nullptr;
}

Json Row::object(const char* column) {
  Json document = json(column);
  if (error_ || document.is_object()) return document;
  reject(column, "found another kind of JSON, want an object");
  return nullptr;
}

std::vector<std::string> Row::texts(const char* column) {
  const Json document = json(column);
  JsonReader reader(document, fmt::format("{}: {}.{}", file_, table_, column));
  std::vector<std::string> texts;
  for (const JsonField& item : reader.root().items()) texts.push_back(item.text());
  if (reader.error() && !error_) error_ = reader.error();
  return texts;
}

}  // namespace fusesweep
