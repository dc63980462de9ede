#include "results/row_copy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "results/connection.h"
#include "results/table_list.h"

namespace fusesweep {
namespace {

constexpr std::size_t kHashDigits = 32;
constexpr int kUuidVersion = 7;

std::int64_t unix_ms_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = ms << 8 | id.data[i];
  return ms;
}

void check_id(Row& row, const char* column, const std::optional<std::int64_t>& newest_unix_ms) {
  const Uuid id = row.id(column);
  if (row.error()) return;
  if (id.data[6] >> 4U != kUuidVersion || id.data[8] >> 6U != 2U) {
    row.reject(column, fmt::format("found the id {}, want a UUID of version 7", to_text(id)));
  } else if (newest_unix_ms && unix_ms_of(id) > *newest_unix_ms) {
    row.reject(column,
               fmt::format("found the id {}, made more than a day from now: is a clock wrong?",
                           to_text(id)));
  }
}

void check_hash(Row& row, const char* column) {
  const std::string hash = row.text(column);
  if (!row.error() && (hash.size() != kHashDigits ||
                       hash.find_first_not_of("0123456789abcdef") != std::string::npos))
    row.reject(column, fmt::format("found {}, want 32 hexadecimal digits", quote(hash)));
}

void check_value(Row& row, const ColumnRule& column, const CopyLimits& limits) {
  if (row.is_null(column.name)) return;
  switch (column.kind) {
    case ColumnKind::kId:
      return check_id(row, column.name, limits.newest_id_unix_ms);
    case ColumnKind::kHash:
      return check_hash(row, column.name);
    case ColumnKind::kText:
      return static_cast<void>(row.text(column.name));
    case ColumnKind::kSeed:
      return static_cast<void>(read_seed(row));
    case ColumnKind::kInteger:
      return static_cast<void>(row.integer(column.name));
    case ColumnKind::kReal:
      return static_cast<void>(row.real(column.name));
    case ColumnKind::kObject:
      return static_cast<void>(row.object(column.name));
    case ColumnKind::kJson:
      return static_cast<void>(row.json(column.name));
    case ColumnKind::kTexts:
      return static_cast<void>(row.texts(column.name));
    case ColumnKind::kInts:
      return static_cast<void>(row.ints(column.name));
    case ColumnKind::kInt64s:
      return static_cast<void>(row.integers(column.name));
  }
  FUSESWEEP_UNREACHABLE();
}

// A value as SQLite has it, to be stored elsewhere and compared.
struct Value {
  int type = SQLITE_NULL;
  std::int64_t integer = 0;
  double real = 0;
  std::string bytes;  // of a text or a blob

  bool operator==(const Value&) const = default;
};

Value value_of(const SQLite::Column& column) {
  Value value{.type = column.getType()};
  if (value.type == SQLITE_INTEGER) value.integer = column.getInt64();
  if (value.type == SQLITE_FLOAT) value.real = column.getDouble();
  if (value.type == SQLITE_TEXT || value.type == SQLITE_BLOB) value.bytes = column.getString();
  return value;
}

void bind(SQLite::Statement& statement, int index, const Value& value) {
  switch (value.type) {
    case SQLITE_INTEGER:
      return statement.bind(index, value.integer);
    case SQLITE_FLOAT:
      return statement.bind(index, value.real);
    case SQLITE_TEXT:
      return statement.bind(index, value.bytes);
    case SQLITE_BLOB:
      return statement.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
    default:
      return statement.bind(index);
  }
}

std::string in_words(const Value& value) {
  switch (value.type) {
    case SQLITE_INTEGER:
      return fmt::format("{}", value.integer);
    case SQLITE_FLOAT:
      return fmt::format("{}", value.real);
    case SQLITE_TEXT:
      return quote(value.bytes);
    case SQLITE_BLOB: {
      Uuid id;
      if (value.bytes.size() != sizeof id.data) return fmt::format("{} bytes", value.bytes.size());
      std::copy(value.bytes.begin(), value.bytes.end(), id.begin());
      return to_text(id);
    }
    default:
      return "nothing";
  }
}

using Values = std::vector<Value>;

std::string joined_names(const TableRule& rule, std::size_t count, std::string_view separator,
                         std::string_view ending = "") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += fmt::format("{}{}{}", i == 0 ? "" : separator, rule.columns[i].name, ending);
  return text;
}

std::string select_sql(const TableRule& rule, const CopyLimits& limits) {
  const std::string order =
      rule.order != nullptr ? rule.order : joined_names(rule, rule.keys, ", ");
  const std::string all =
      fmt::format("SELECT {}{} FROM {}", joined_names(rule, rule.columns.size(), ", "),
                  rule.also_selected, rule.table);
  if (!limits.runs) return fmt::format("{} ORDER BY {}", all, order);
  return fmt::format(
      "WITH chosen (id) AS MATERIALIZED (SELECT id FROM runs WHERE hex(id) IN (SELECT value FROM "
      "json_each(?))) {} WHERE {} ORDER BY {}",
      all, rule.of_runs, order);
}

// What became of rows that others may refer to: ids, by table.
struct Moved {
  using Ids = std::set<std::string, std::less<>>;
  std::map<std::string, Ids, std::less<>> added;
  std::map<std::string, Ids, std::less<>> known;
  std::map<std::string, Ids, std::less<>> ended;
};

// Rows of one table, from one database to another.
class TableCopy {
 public:
  TableCopy(const TableRule& rule, Database& from, Database& to, const CopyLimits& limits,
            Moved& moved)
      : rule_(rule),
        from_(from),
        to_(to),
        limits_(limits),
        moved_(moved),
        insert_(to.sqlite(),
                fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING", rule.table,
                            joined_names(rule, rule.columns.size(), ", "),
                            fmt::join(std::vector<const char*>(rule.columns.size(), "?"), ", "))),
        find_(to.sqlite(), fmt::format("SELECT {} FROM {} WHERE {}",
                                       joined_names(rule, rule.columns.size(), ", "), rule.table,
                                       joined_names(rule, rule.keys, " AND ", " = ?"))) {
    count_.table = rule.table;
  }

  Result<TableCount> copy() {
    auto begun = from_.guarded([&]() -> Result<SQLite::Statement> {
      SQLite::Statement select(from_.sqlite(), select_sql(rule_, limits_));
      if (limits_.runs) select.bind(1, *limits_.runs);
      return select;
    });
    if (!begun) return fail(std::move(begun).error());
    SQLite::Statement select = *std::move(begun);
    for (;;) {
      const Result<bool> stepped =
          from_.guarded([&]() -> Result<bool> { return select.executeStep(); });
      if (!stepped) return fail(stepped.error());
      if (!*stepped) break;
      if (auto checked = check(select); !checked) return fail(std::move(checked).error());
      Values values;
      for (std::size_t i = 0; i < rule_.columns.size(); ++i)
        values.push_back(value_of(select.getColumn(static_cast<int>(i))));
      if (auto put = put_row(values); !put) return fail(std::move(put).error());
    }
    if (auto checked = check_owned(); !checked) return fail(std::move(checked).error());
    return count_;
  }

 private:
  Result<void> check(const SQLite::Statement& select) const {
    Row row(select, from_.name(), rule_.table);
    for (const ColumnRule& column : rule_.columns) check_value(row, column, limits_);
    if (!row.error() && rule_.check != nullptr) rule_.check(row);
    if (row.error()) return fail(*row.error());
    return {};
  }

  Result<void> put_row(const Values& values) {
    insert_.reset();
    for (std::size_t i = 0; i < values.size(); ++i)
      bind(insert_, static_cast<int>(i) + 1, values[i]);
    const int done = insert_.tryExecuteStep();
    if (done == SQLITE_CONSTRAINT) {
      return invalid_input(fmt::format("{}: {}: {}", from_.name(), rule_.table,
                                       one_line(to_.sqlite().getErrorMsg())));
    }
    if (done != SQLITE_DONE) to_.sqlite().check(done);
    const bool is_new = insert_.getChanges() == 1;
    const std::string& first = values.front().bytes;
    if (rule_.owner != nullptr && !moved_.added[rule_.owner].contains(first)) {
      ++met_[first];
      if (is_new) return more_or_fewer(first);
    }
    if (!is_new) return meet(values);
    ++count_.added;
    if (is_id_table()) moved_.added[rule_.table].insert(first);
    return check_taken(values);
  }

  bool is_id_table() const {
    return rule_.owner == nullptr && rule_.columns.front().kind == ColumnKind::kId;
  }

  Result<void> is_known(const Values& values) {
    ++count_.known;
    if (is_id_table()) moved_.known[rule_.table].insert(values.front().bytes);
    return {};
  }

  // A row that has the key, or another unique column, of one that is there.
  Result<void> meet(const Values& values) {
    if (rule_.same_key == SameKey::kKeep) return is_known(values);
    const auto describe = [&](std::size_t column, std::string_view found, std::string_view here) {
      return invalid_input(fmt::format("{}: {}.{}: {}: found {}, here it is {}", from_.name(),
                                       rule_.table, rule_.columns[column].name,
                                       key_in_words(values), found, here));
    };
    find_.reset();
    for (std::size_t i = 0; i < rule_.keys; ++i) bind(find_, static_cast<int>(i) + 1, values[i]);
    if (!find_.executeStep()) {
      return invalid_input(fmt::format("{}: {}: {}: found what is here under another id",
                                       from_.name(), rule_.table, key_in_words(values)));
    }
    Values ours;
    for (std::size_t i = 0; i < values.size(); ++i)
      ours.push_back(value_of(find_.getColumn(static_cast<int>(i))));
    find_.reset();
    std::size_t end = rule_.same_key == SameKey::kTakeEnd ? end_column() : values.size();
    for (std::size_t i = 0; i < end; ++i) {
      if (values[i] != ours[i]) return describe(i, in_words(values[i]), in_words(ours[i]));
    }
    // Equal, or ours is the newer one.
    if (end == values.size() || values == ours || values[end].type == SQLITE_NULL)
      return is_known(values);
    if (ours[end].type == SQLITE_NULL) return take_end(values, end);
    while (values[end] == ours[end]) ++end;
    return describe(end, in_words(values[end]), in_words(ours[end]));
  }

  Result<void> take_end(const Values& values, std::size_t end) {
    std::string sql = fmt::format("UPDATE {} SET ", rule_.table);
    for (std::size_t i = end; i < values.size(); ++i)
      sql += fmt::format("{}{} = ?", i == end ? "" : ", ", rule_.columns[i].name);
    SQLite::Statement update(to_.sqlite(), sql + " WHERE id = ?");
    int index = 0;
    for (std::size_t i = end; i < values.size(); ++i) bind(update, ++index, values[i]);
    bind(update, ++index, values.front());
    update.exec();
    moved_.ended[rule_.table].insert(values.front().bytes);
    ++count_.ended;
    return {};
  }

  // A block for a sweep that has ended here takes part in no answer that is here.
  Result<void> check_taken(const Values& values) {
    if (std::string_view(rule_.table) != "blocks") return {};
    const Value& sweep = values[2];
    if (moved_.added["sweeps"].contains(sweep.bytes) ||
        moved_.ended["sweeps"].contains(sweep.bytes))
      return {};
    SQLite::Statement ended(to_.sqlite(),
                            "SELECT 1 FROM sweeps WHERE id = ? AND ended_unix_ms IS NOT NULL");
    bind(ended, 1, sweep);
    if (!ended.executeStep()) return {};
    return invalid_input(
        fmt::format("{}: blocks.sweep_id: {}: found a block more of a sweep that has ended",
                    from_.name(), key_in_words(values)));
  }

  // Rows that belong to one that was there: as many as there are here.
  Result<void> check_owned() {
    if (rule_.owner == nullptr) return {};
    SQLite::Statement count(to_.sqlite(), fmt::format("SELECT count(*) FROM {} WHERE {} = ?",
                                                      rule_.table, rule_.columns.front().name));
    for (const std::string& owner : moved_.known[rule_.owner]) {
      count.reset();
      count.bind(1, owner.data(), static_cast<int>(owner.size()));
      count.executeStep();
      if (count.getColumn(0).getInt64() != met_[owner]) return more_or_fewer(owner);
    }
    return {};
  }

  Failure more_or_fewer(const std::string& owner) const {
    return invalid_input(fmt::format("{}: {}.{}: {}: found more or fewer rows of it than are here",
                                     from_.name(), rule_.table, rule_.columns.front().name,
                                     in_words({.type = SQLITE_BLOB, .bytes = owner})));
  }

  std::string key_in_words(const Values& values) const {
    std::string text;
    for (std::size_t i = 0; i < rule_.keys; ++i) text += (i == 0 ? "" : " ") + in_words(values[i]);
    return text;
  }

  std::size_t end_column() const {
    const auto found = std::find_if(
        rule_.columns.begin(), rule_.columns.end(),
        [](const ColumnRule& column) { return std::string_view(column.name) == "ended_unix_ms"; });
    return static_cast<std::size_t>(found - rule_.columns.begin());
  }

  const TableRule& rule_;
  Database& from_;
  Database& to_;
  const CopyLimits& limits_;
  Moved& moved_;
  std::map<std::string, std::int64_t> met_;  // rows of owners that were there before, so far
  SQLite::Statement insert_;
  SQLite::Statement find_;
  TableCount count_;
};

}  // namespace

Result<MergeReport> copy_rows(Database& from, Database& to, const CopyLimits& limits) {
  MergeReport report;
  Moved moved;
  for (const TableRule& rule : all_tables()) {
    Result<TableCount> count = TableCopy(rule, from, to, limits, moved).copy();
    if (!count) return fail(std::move(count).error());
    report.tables.push_back(*std::move(count));
  }
  return report;
}

Result<void> check_references(Database& database) {
  return database.guarded([&]() -> Result<void> {
    SQLite::Statement wrong(database.sqlite(),
                            "SELECT found.\"table\", keys.\"from\", found.parent "
                            "FROM pragma_foreign_key_check AS found "
                            "JOIN pragma_foreign_key_list(found.\"table\") AS keys "
                            "ON keys.id = found.fkid");
    if (!wrong.executeStep()) return {};
    return invalid_input(
        fmt::format("{}: {}.{}: found a row that refers to one of {} that is not there",
                    database.name(), wrong.getColumn(0).getString(), wrong.getColumn(1).getString(),
                    wrong.getColumn(2).getString()));
  });
}

}  // namespace fusesweep
