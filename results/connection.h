// What the parts of the store share. Only results/ includes this.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "results/database.h"
#include "results/statement.h"
#include "results/store.h"

namespace fusesweep {

struct Store::Connection {
  Connection(Database opened, std::filesystem::path its_path, const Clock& its_clock)
      : database(std::move(opened)), path(std::move(its_path)), clock(its_clock), ids(its_clock) {}

  Database database;
  std::filesystem::path path;  // empty: in memory
  const Clock& clock;
  UuidGenerator ids;

  SQLite::Database& sqlite() { return database.sqlite(); }
  const std::string& file() const { return database.name(); }

  std::int64_t now_unix_ms() const;

  // Greater than every id in the table: the order of ids is that of storing, also among processes
  // whose clocks differ.  REQUIRES: within a transaction that writes.
  Uuid next_id(const char* table);

  void put_shard(const ShardIdentity& shard);
};

// A text that is empty where there is nothing is NULL in the store.
std::optional<std::string_view> null_if_empty(std::string_view text);

// A condition on sweeps with one parameter, the run that asks: whether the sweep was begun on another
// machine. Stores are merged; blocks of two machines are not.
inline constexpr std::string_view kIsOfAnotherMachine =
    "EXISTS (SELECT 1 FROM runs AS began JOIN provenances AS there ON there.hash = "
    "began.provenance_hash JOIN runs AS asks JOIN provenances AS here ON here.hash = "
    "asks.provenance_hash WHERE began.id = sweeps.run_id AND asks.id = ? AND (there.host IS NOT "
    "here.host OR there.cpu IS NOT here.cpu))";

// `one` and `other` are the texts that a column of fixed texts may hold.
bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts);

// Reads the row's columns of `shards`, which was joined.
ShardIdentity read_shard(Row& row);
// The columns runner and options_hash of whatever table the row is of.
Conditions read_conditions(Row& row);

// Readers of whole rows, for those who move them; and the hashes that rows must have for a key.
Provenance read_provenance(Row& row);
RecordedRunRow read_recorded(Row& row);
RunnerRow read_runner(Row& row);
JournalEntryRow read_journal_entry(Row& row);
JournalOutcomeRow read_journal_outcome(Row& row);
ModelRow read_model(Row& row);
std::string read_artifact_hash(Row& row);
std::string read_arm_hash(Row& row);

// 64 bits without a sign stand in the store as decimal text.
std::optional<std::string> seed_text(std::optional<std::uint64_t> seed);
std::uint64_t read_seed(Row& row);

// Times of groups of layers, by step and then by group: of every group in every step, or no steps. A
// runner, which anybody may have written, told them. `where` begins the message of an error.
using GroupTimes = std::vector<std::vector<std::int64_t>>;
Result<std::vector<std::int64_t>> flat_group_ns(const GroupTimes& group_ns, std::size_t groups,
                                                std::size_t steps, std::string_view where);
GroupTimes read_group_ns(Row& row, std::size_t groups, std::size_t steps);

// The column decode_sum_json: NULL where nothing was told in sum.
std::optional<std::string> text_of(const std::optional<DecodeSum>& sum);
std::optional<DecodeSum> read_decode_sum(Row& row);

// All rows of a statement, each read by `read`, a function of a Row.
template <typename Read>
auto read_all(Database& database, SQLite::Statement&& statement, std::string_view table, Read read)
    -> Result<std::vector<decltype(read(std::declval<Row&>()))>> {
  std::vector<decltype(read(std::declval<Row&>()))> rows;
  while (statement.executeStep()) {
    Row row(statement, database.name(), table);
    rows.push_back(read(row));
    if (row.error()) return fail(*row.error());
  }
  return rows;
}

// The first row, if there is one.
template <typename Read>
auto read_first(Database& database, SQLite::Statement&& statement, std::string_view table,
                Read read) -> Result<std::optional<decltype(read(std::declval<Row&>()))>> {
  if (!statement.executeStep()) return std::nullopt;
  Row row(statement, database.name(), table);
  auto value = read(row);
  if (row.error()) return fail(*row.error());
  return value;
}

}  // namespace fusesweep
