// What was asked for, and what the answer was.
#include <fmt/format.h>

#include <vector>

#include "results/connection.h"

namespace fusesweep {
namespace {

StoredSweep read_sweep(Row& row) {
  StoredSweep stored{.id = row.id("id"),
                     .run = row.id("run_id"),
                     .sweep = {.spec_hash = row.text("spec_hash"), .spec = row.object("spec_json")},
                     .started_unix_ms = row.integer("started_unix_ms"),
                     .ended_unix_ms = row.optional<std::int64_t>("ended_unix_ms", &Row::integer),
                     .outcome = row.optional("outcome", &Row::text)};
  stored.answer = row.optional("answer_json", &Row::object).value_or(nullptr);
  return stored;
}

}  // namespace

Result<std::optional<StoredSweep>> Store::find_sweep(const Uuid& run,
                                                     const std::string& spec_hash) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql =
        fmt::format("SELECT * FROM sweeps WHERE spec_hash = ? AND NOT {} ORDER BY id DESC LIMIT 1",
                    kIsOfAnotherMachine);
    return read_first(store.database, prepared(store.sqlite(), sql.c_str(), spec_hash, run),
                      "sweeps", read_sweep);
  });
}

Result<Uuid> Store::begin_sweep(const Uuid& run, const SweepRow& sweep) {
  FUSESWEEP_CHECK(sweep.spec.is_object());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<Uuid> {
    const Uuid id = store.next_id("sweeps");
    execute(store.sqlite(),
            "INSERT INTO sweeps (id, run_id, spec_hash, spec_json, started_unix_ms) "
            "VALUES (?, ?, ?, ?, ?)",
            id, run, sweep.spec_hash, to_text(sweep.spec), store.now_unix_ms());
    return id;
  });
}

Result<void> Store::end_sweep(const Uuid& sweep, std::string_view outcome, const Json& answer) {
  FUSESWEEP_CHECK(answer.is_object());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    const int changed = execute(store.sqlite(),
                                "UPDATE sweeps SET ended_unix_ms = ?, outcome = ?, answer_json = ? "
                                "WHERE id = ? AND ended_unix_ms IS NULL",
                                store.now_unix_ms(), outcome, to_text(answer), sweep);
    if (changed == 1) return {};
    return invalid_input(
        fmt::format("{}: found no sweep {} that goes on", store.file(), to_text(sweep)));
  });
}

Result<std::vector<StoredSweep>> Store::sweeps() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database, prepared(store.sqlite(), "SELECT * FROM sweeps ORDER BY id"),
                    "sweeps", read_sweep);
  });
}

}  // namespace fusesweep
