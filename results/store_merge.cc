// Moving rows between stores: harness/docs/RUNS.md. Both ways are one: every row of one store, or those
// of some runs, into another.
#include <fmt/format.h>

#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "results/connection.h"
#include "results/private_folder.h"
#include "results/row_copy.h"

namespace fusesweep {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// What was said of the private copy is said of the file that the user knows.
Error said_of(const std::filesystem::path& file, const std::filesystem::path& copy, Error error) {
  const std::string from = one_line(copy.string());
  const std::string to = one_line(file.string());
  for (std::size_t at = 0; (at = error.message.find(from, at)) != std::string::npos;
       at += to.size())
    error.message.replace(at, from.size(), to);
  return error;
}

std::string list_of(const std::vector<Uuid>& runs) {
  Json list = Json::array();
  for (const Uuid& run : runs) {
    std::string hex;
    for (const std::uint8_t byte : run) hex += fmt::format("{:02X}", byte);
    list.push_back(std::move(hex));
  }
  return to_text(list);
}

void add(MergeReport& sum, const MergeReport& report) {
  if (sum.tables.empty()) {
    sum = report;
    return;
  }
  for (std::size_t i = 0; i < sum.tables.size(); ++i) {
    sum.tables[i].added += report.tables[i].added;
    sum.tables[i].known += report.tables[i].known;
    sum.tables[i].ended += report.tables[i].ended;
  }
}

// Everything is read as those read it who will use it: what they would refuse must not come in.
Result<void> check_readable(const Store& store) {
  const auto runs = store.runs();
  if (!runs) return fail(runs.error());
  if (const auto models = store.models(); !models) return fail(models.error());
  for (const RunRow& run : *runs) {
    if (const auto rows = store.artifacts_of(run.id); !rows) return fail(rows.error());
    if (const auto rows = store.verdicts_of(run.id); !rows) return fail(rows.error());
    if (const auto rows = store.probes_of(run.id); !rows) return fail(rows.error());
    if (const auto rows = store.failures_of(run.id); !rows) return fail(rows.error());
    if (const auto rows = store.decodes_of(run.id); !rows) return fail(rows.error());
  }
  if (const auto entries = store.journal_entries(); !entries) return fail(entries.error());
  if (const auto outcomes = store.journal_outcomes(); !outcomes) return fail(outcomes.error());
  const auto sweeps = store.sweeps();
  if (!sweeps) return fail(sweeps.error());
  for (const StoredSweep& sweep : *sweeps) {
    const auto trials = store.trials_of(sweep.id);
    if (!trials) return fail(trials.error());
    for (const std::string& trial : *trials) {
      if (const auto blocks = store.blocks_of(sweep.id, trial); !blocks)
        return fail(blocks.error());
    }
  }
  return {};
}

}  // namespace

Result<MergeReport> Store::merge(const std::vector<std::filesystem::path>& files, MergeMode mode) {
  Connection& store = *connection_;
  const std::filesystem::path here = store.path;
  struct Source {
    PrivateFolder folder;
    std::filesystem::path file;
    std::filesystem::path copy;
    Store opened;
  };
  std::vector<Source> sources;
  for (const std::filesystem::path& file : files) {
    // A descriptor of ours on the file of this store would drop SQLite's locks as it closes.
    if (is_same_file(file, here)) {
      return invalid_input(
          fmt::format("{}: found this store itself, want another one", one_line(file.string())));
    }
    Result<PrivateFolder> folder = PrivateFolder::create_beside(
        here.empty() ? std::filesystem::temp_directory_path() / "fusesweep" : here);
    if (!folder) return fail(std::move(folder).error());
    const std::filesystem::path copy = folder->path() / "copy.db";
    if (auto copied = copy_store_file(file, copy); !copied) return fail(std::move(copied).error());
    const auto blame = [&](Error error) { return fail(said_of(file, copy, std::move(error))); };
    // To write, so that an older schema is migrated.
    Result<Store> opened = Store::open(copy, Access::kWrite, store.clock);
    if (!opened) return blame(std::move(opened).error());
    if (auto checked = check_references(opened->connection_->database); !checked)
      return blame(std::move(checked).error());
    if (auto checked = check_readable(*opened); !checked) return blame(std::move(checked).error());
    sources.push_back({*std::move(folder), file, copy, *std::move(opened)});
  }
  const CopyLimits limits{.newest_id_unix_ms = store.now_unix_ms() + kDayMs, .runs = std::nullopt};
  return store.database.guarded([&]() -> Result<MergeReport> {
    SQLite::Transaction transaction(store.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    MergeReport sum;
    for (Source& source : sources) {
      Result<MergeReport> report =
          copy_rows(source.opened.connection_->database, store.database, limits);
      if (!report) return fail(said_of(source.file, source.copy, std::move(report).error()));
      add(sum, *report);
    }
    if (mode == MergeMode::kCommit) transaction.commit();
    return sum;
  });
}

Result<std::vector<Uuid>> Store::closure_of(const std::vector<Uuid>& runs) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<std::vector<Uuid>> {
    SQLite::Statement query(
        store.sqlite(),
        "WITH RECURSIVE chosen (id) AS ("
        "SELECT id FROM runs WHERE hex(id) IN (SELECT value FROM json_each(?)) "
        "UNION SELECT together.other FROM chosen JOIN ("
        "SELECT mine.run_id AS one, blocks.run_id AS other FROM blocks AS mine "
        "JOIN blocks ON blocks.sweep_id = mine.sweep_id "
        "UNION SELECT sweeps.run_id, blocks.run_id FROM sweeps JOIN blocks ON sweep_id = sweeps.id "
        "UNION SELECT blocks.run_id, sweeps.run_id FROM sweeps JOIN blocks ON sweep_id = sweeps.id "
        "UNION SELECT sweeps.run_id, came.run_id FROM sweeps JOIN journal_outcomes AS came "
        "ON sweep_id = sweeps.id "
        "UNION SELECT came.run_id, sweeps.run_id FROM sweeps JOIN journal_outcomes AS came "
        "ON sweep_id = sweeps.id "
        "UNION SELECT came.run_id, meant.run_id FROM journal_outcomes AS came "
        "JOIN journal_entries AS meant ON meant.id = entry_id"
        ") AS together ON together.one = chosen.id) SELECT id FROM chosen ORDER BY id");
    query.bind(1, list_of(runs));
    return read_all(store.database, std::move(query), "runs",
                    [](Row& row) { return row.id("id"); });
  });
}

Result<MergeReport> Store::export_runs(const std::vector<Uuid>& runs,
                                       const std::filesystem::path& file) const {
  Connection& store = *connection_;
  std::error_code none;
  if (std::filesystem::symlink_status(file, none).type() != std::filesystem::file_type::not_found) {
    return invalid_input(
        fmt::format("{}: found a file of that name, want a new one", one_line(file.string())));
  }
  const Result<PrivateFolder> folder = PrivateFolder::create_beside(file);
  if (!folder) return fail(folder.error());
  const std::filesystem::path whole = folder->path() / "store.db";
  const auto copied = [&]() -> Result<MergeReport> {
    Result<Store> out = Store::open(whole, Access::kWrite, store.clock);
    if (!out) return fail(std::move(out).error());
    return store.database.guarded([&]() -> Result<MergeReport> {
      const SQLite::Transaction one_view(store.sqlite());
      const Result<std::vector<Uuid>> all = closure_of(runs);
      if (!all) return fail(all.error());
      Database& to = out->connection_->database;
      return to.write([&] { return copy_rows(store.database, to, {.runs = list_of(*all)}); });
    });
  }();
  if (!copied) return fail(said_of(file, whole, copied.error()));
  if (std::filesystem::exists(whole.string() + "-wal"))
    return unavailable(fmt::format("{}: cannot be written as a whole", one_line(file.string())));
  if (auto named = link_new_file(whole, file); !named) return fail(std::move(named).error());
  return copied;
}

Result<std::map<Uuid, RunContents>> Store::contents_of_runs() const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<std::map<Uuid, RunContents>> {
    std::map<Uuid, RunContents> contents;
    constexpr struct {
      const char* table;
      std::int64_t RunContents::*member;
      const char* where = "TRUE";
    } kCounted[] = {
        {"artifacts", &RunContents::artifacts},
        {"verdicts", &RunContents::verdicts},
        {"probes", &RunContents::probes},
        {"failures", &RunContents::failures},
        {"decodes", &RunContents::decodes},
        {"sweeps", &RunContents::sweeps,
         "coalesce(json_extract(spec_json, '$.kind'), '') NOT IN ('selfcheck', 'rerun', "
         "'optimize', 'speculate')"},
        {"sweeps", &RunContents::selfchecks, "json_extract(spec_json, '$.kind') = 'selfcheck'"},
        {"sweeps", &RunContents::reruns, "json_extract(spec_json, '$.kind') = 'rerun'"},
        {"sweeps", &RunContents::optimizations, "json_extract(spec_json, '$.kind') = 'optimize'"},
        {"sweeps", &RunContents::speculations, "json_extract(spec_json, '$.kind') = 'speculate'"},
        {"blocks", &RunContents::blocks},
        {"journal_entries", &RunContents::journal_entries},
        {"journal_outcomes", &RunContents::journal_outcomes}};
    for (const auto& [table, member, where] : kCounted) {
      const std::string sql = fmt::format(
          "SELECT run_id, count(*) AS count FROM {} WHERE {} GROUP BY run_id", table, where);
      SQLite::Statement query(store.sqlite(), sql);
      while (query.executeStep()) {
        Row row(query, store.file(), table);
        contents[row.id("run_id")].*member = row.integer("count");
        if (row.error()) return fail(*row.error());
      }
    }
    SQLite::Statement query(
        store.sqlite(),
        "SELECT DISTINCT run_id, name FROM (SELECT run_id, runner FROM verdicts "
        "UNION SELECT run_id, runner FROM probes UNION SELECT run_id, runner FROM failures "
        "UNION SELECT run_id, runner FROM decodes) JOIN runners ON fingerprint = runner "
        "ORDER BY run_id, name");
    while (query.executeStep()) {
      Row row(query, store.file(), "runners");
      contents[row.id("run_id")].runners.push_back(row.text("name"));
      if (row.error()) return fail(*row.error());
    }
    return contents;
  });
}

}  // namespace fusesweep
