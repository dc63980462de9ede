// What was meant to be found out, and which sweep came of it.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/base/text.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

std::string read_name(Row& row) {
  std::string name = row.text("name");
  if (!row.error() && !is_journal_name(name)) row.reject("name", "found " + quote(name));
  return name;
}

Result<void> check_name(const std::string& name) {
  if (is_journal_name(name)) return {};
  return invalid_input(fmt::format(
      "found {}, want letters, digits, '-', '_' and '.', which is not the first, at most 100",
      quote(name)));
}

// What of that name, whatever the case of its letters, is in the table: some file systems take them for one.
Result<void> want_new(Database& database, const char* table, const char* what,
                      const std::string& name) {
  const std::string sql =
      fmt::format("SELECT name FROM {} WHERE name = ? COLLATE NOCASE LIMIT 1", table);
  const auto found = read_first(database, prepared(database.sqlite(), sql.c_str(), name), table,
                                [](Row& row) { return row.text("name"); });
  if (!found) return fail(found.error());
  if (!*found) return {};
  return invalid_input(
      fmt::format("found {} of the name {}, want a new name", what, quote(**found)));
}

std::int64_t unix_ms_of(const Uuid& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms * 256 + id.data[i];
  return ms;
}

// The one id or time that the statement gives, if it gives one.
template <typename T>
Result<std::optional<T>> read_one(Database& database, const char* sql, const Uuid& sweep,
                                  T (Row::*read)(const char*)) {
  const auto found = read_first(database, prepared(database.sqlite(), sql, sweep), "sweeps",
                                [&](Row& row) { return row.optional<T>("first", read); });
  if (!found) return fail(found.error());
  return *found ? **found : std::optional<T>();
}

constexpr const char* kFirstRow =
    "WITH made AS (SELECT ? AS sweep_id), part AS ("
    "SELECT run_id FROM sweeps JOIN made ON sweeps.id = made.sweep_id UNION "
    "SELECT run_id FROM blocks JOIN made ON blocks.sweep_id = made.sweep_id) "
    "SELECT min(first) AS first FROM ("
    "SELECT min(id) AS first FROM verdicts WHERE run_id IN part UNION ALL "
    "SELECT min(id) FROM probes WHERE run_id IN part UNION ALL "
    "SELECT min(id) FROM failures WHERE run_id IN part UNION ALL "
    "SELECT min(id) FROM decodes WHERE run_id IN part)";

// A block has its id when it is over.
constexpr const char* kFirstBlock =
    "SELECT min(began_unix_ms) AS first FROM blocks WHERE sweep_id = ?";

constexpr const char* kFirstOfModel =
    "WITH asked AS (SELECT json_extract(spec_json, '$.model_hash') AS model, "
    "json_extract(spec_json, '$.runner') AS runner FROM sweeps WHERE id = ?) "
    "SELECT min(first) AS first FROM ("
    "SELECT min(probes.id) AS first FROM probes JOIN shards ON shards.hash = shard_hash "
    "JOIN asked ON asked.model = model_hash AND asked.runner = probes.runner UNION ALL "
    "SELECT min(verdicts.id) FROM verdicts JOIN shards ON shards.hash = subject_key "
    "JOIN asked ON asked.model = model_hash AND asked.runner = verdicts.runner "
    "WHERE subject_kind = 'shard' UNION ALL "
    "SELECT min(blocks.id) FROM blocks JOIN sweeps ON sweeps.id = sweep_id JOIN asked "
    "ON asked.model = json_extract(spec_json, '$.model_hash') "
    "AND asked.runner = json_extract(spec_json, '$.runner'))";

}  // namespace

JournalEntryRow read_journal_entry(Row& row) {
  return {.id = row.id("id"),
          .run = row.id("run_id"),
          .intent = {.name = read_name(row),
                     .intent = row.text("intent"),
                     .setup = row.optional("setup", &Row::text).value_or(""),
                     .hypotheses = row.texts("hypotheses_json"),
                     .stop_rule = row.optional("stop_rule", &Row::text).value_or("")},
          .began_unix_ms = row.integer("began_unix_ms"),
          .hash = row.text("hash")};
}

JournalOutcomeRow read_journal_outcome(Row& row) {
  return {.id = row.id("id"),
          .run = row.id("run_id"),
          .outcome = {.name = read_name(row),
                      .entry = row.optional("entry_id", &Row::id),
                      .sweep = row.id("sweep_id"),
                      .lesson = row.optional("lesson", &Row::text).value_or(""),
                      .next = row.optional("next", &Row::text).value_or("")},
          .ended_unix_ms = row.integer("ended_unix_ms")};
}

Result<JournalEntryRow> Store::put_journal_entry(const Uuid& run, const JournalIntent& intent) {
  if (auto checked = check_name(intent.name); !checked) return fail(std::move(checked).error());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<JournalEntryRow> {
    for (const auto& [table, what] :
         {std::pair{"journal_entries", "an entry"}, {"journal_outcomes", "an outcome"}}) {
      if (auto checked = want_new(store.database, table, what, intent.name); !checked)
        return fail(std::move(checked).error());
    }
    JournalEntryRow entry{.id = store.next_id("journal_entries"),
                          .run = run,
                          .intent = intent,
                          .began_unix_ms = store.now_unix_ms()};
    entry.hash = hash_of(intent, entry.began_unix_ms);
    execute(store.sqlite(),
            "INSERT INTO journal_entries (id, run_id, name, intent, setup, hypotheses_json, "
            "stop_rule, began_unix_ms, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            entry.id, run, intent.name, intent.intent, null_if_empty(intent.setup),
            to_text(Json(intent.hypotheses)), null_if_empty(intent.stop_rule), entry.began_unix_ms,
            entry.hash);
    return entry;
  });
}

Result<std::vector<JournalEntryRow>> Store::journal_entries() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database,
                    prepared(store.sqlite(), "SELECT * FROM journal_entries ORDER BY id"),
                    "journal_entries", read_journal_entry);
  });
}

Result<JournalOutcomeRow> Store::put_journal_outcome(const Uuid& run,
                                                     const JournalOutcome& outcome) {
  if (auto checked = check_name(outcome.name); !checked) return fail(std::move(checked).error());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<JournalOutcomeRow> {
    const JournalOutcomeRow row{.id = store.next_id("journal_outcomes"),
                                .run = run,
                                .outcome = outcome,
                                .ended_unix_ms = store.now_unix_ms()};
    execute(store.sqlite(),
            "INSERT INTO journal_outcomes (id, run_id, name, entry_id, sweep_id, ended_unix_ms, "
            "lesson, next) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row.id, run, outcome.name, outcome.entry, outcome.sweep, row.ended_unix_ms,
            null_if_empty(outcome.lesson), null_if_empty(outcome.next));
    return row;
  });
}

Result<std::vector<JournalOutcomeRow>> Store::journal_outcomes() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database,
                    prepared(store.sqlite(), "SELECT * FROM journal_outcomes ORDER BY id"),
                    "journal_outcomes", read_journal_outcome);
  });
}

Result<SweepEvidence> Store::evidence_of(const Uuid& sweep) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<SweepEvidence> {
    const auto row = read_one(store.database, kFirstRow, sweep, &Row::id);
    if (!row) return fail(row.error());
    const auto block = read_one<std::int64_t>(store.database, kFirstBlock, sweep, &Row::integer);
    if (!block) return fail(block.error());
    const auto of_model = read_one(store.database, kFirstOfModel, sweep, &Row::id);
    if (!of_model) return fail(of_model.error());
    SweepEvidence evidence{.first_unix_ms = *block};
    if (*row) {
      const std::int64_t first = unix_ms_of(**row);
      evidence.first_unix_ms = std::min(first, evidence.first_unix_ms.value_or(first));
    }
    if (*of_model) evidence.model_first_unix_ms = unix_ms_of(**of_model);
    return evidence;
  });
}

}  // namespace fusesweep
