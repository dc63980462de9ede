// Opening, runs and their provenance.
#include "results/store.h"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <utility>

#include "harness/core/metric.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

using MetricTexts = std::tuple<std::string, std::string, std::string>;

// Metrics that only another version knows stay as they are.
Result<void> put_metrics(Database& database) {
  std::map<std::string, MetricTexts, std::less<>> stored;
  SQLite::Statement query(database.sqlite(), "SELECT id, unit, better, about FROM metrics");
  while (query.executeStep()) {
    stored.emplace(query.getColumn(0).getString(),
                   MetricTexts(query.getColumn(1).getString(), query.getColumn(2).getString(),
                               query.getColumn(3).getString()));
  }
  std::vector<Metric> changed;
  for (const Metric& metric : all_metrics()) {
    const auto found = stored.find(metric.id);
    if (found == stored.end() ||
        found->second != std::tuple(metric.unit, to_text(metric.better), metric.about))
      changed.push_back(metric);
  }
  // As a rule there is nothing to write, and whoever writes now is not waited for.
  if (changed.empty()) return {};
  query.reset();
  return database.write([&]() -> Result<void> {
    for (const Metric& metric : changed) {
      execute(
          database.sqlite(),
          "INSERT INTO metrics (id, unit, better, about) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO "
          "UPDATE SET unit = excluded.unit, better = excluded.better, about = excluded.about",
          metric.id, metric.unit, to_text(metric.better), metric.about);
    }
    return {};
  });
}

constexpr const char* kRunColumns =
    "SELECT id, command, arguments_json, seed, started_unix_ms, ended_unix_ms, outcome, "
    "program_version, git_revision, git_dirty, compiler, compiler_flags, build_type, host, cpu, "
    "os, "
    "kernel, machine_json FROM runs JOIN provenances ON provenances.hash = runs.provenance_hash ";

RunRow read_run(Row& row) {
  RunRow run{.id = row.id("id")};
  run.start.command = row.text("command");
  run.start.arguments = row.texts("arguments_json");
  if (!row.is_null("seed")) run.start.seed = read_seed(row);
  run.started_unix_ms = row.integer("started_unix_ms");
  run.ended_unix_ms = row.optional<std::int64_t>("ended_unix_ms", &Row::integer);
  run.outcome = row.optional("outcome", &Row::text);
  row.enter("provenances");
  run.start.provenance = read_provenance(row);
  return run;
}

}  // namespace

Provenance read_provenance(Row& row) {
  return {.program_version = row.text("program_version"),
          .git_revision = row.optional("git_revision", &Row::text),
          .git_dirty = row.optional("git_dirty", &Row::boolean),
          .compiler = row.text("compiler"),
          .compiler_flags = row.text("compiler_flags"),
          .build_type = row.text("build_type"),
          .host = row.optional("host", &Row::text),
          .cpu = row.optional("cpu", &Row::text),
          .os = row.optional("os", &Row::text),
          .kernel = row.optional("kernel", &Row::text),
          .machine = row.json("machine_json")};
}

Store::Store(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::filesystem::path& file, Access access, const Clock& clock,
                          const StoreOptions& options) {
  Result<Database> database = Database::open(file, access, options);
  if (!database) return fail(std::move(database).error());
  if (database->access() == Access::kWrite) {
    const auto put = database->guarded([&] { return put_metrics(*database); });
    if (!put) return fail(put.error());
  }
  return Store(std::make_unique<Connection>(
      *std::move(database), file == ":memory:" ? std::filesystem::path() : file, clock));
}

Result<Uuid> Store::begin_run(const RunStart& start) {
  Connection& store = *connection_;
  const Provenance& made_by = start.provenance;
  const std::string hash = hash_of(made_by);
  return store.database.write([&]() -> Result<Uuid> {
    execute(store.sqlite(),
            "INSERT INTO provenances (hash, program_version, git_revision, git_dirty, compiler, "
            "compiler_flags, build_type, host, cpu, os, kernel, machine_json) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            hash, made_by.program_version, made_by.git_revision, made_by.git_dirty,
            made_by.compiler, made_by.compiler_flags, made_by.build_type, made_by.host, made_by.cpu,
            made_by.os, made_by.kernel, to_text(made_by.machine));
    const Uuid id = store.next_id("runs");
    execute(
        store.sqlite(),
        "INSERT INTO runs (id, command, arguments_json, seed, provenance_hash, started_unix_ms) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        id, start.command, to_text(Json(start.arguments)), seed_text(start.seed), hash,
        store.now_unix_ms());
    return id;
  });
}

Result<void> Store::end_run(const Uuid& run, std::string_view outcome) {
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    const int changed = execute(
        store.sqlite(),
        "UPDATE runs SET ended_unix_ms = ?, outcome = ? WHERE id = ? AND ended_unix_ms IS NULL",
        store.now_unix_ms(), outcome, run);
    if (changed == 1) return {};
    return invalid_input(
        fmt::format("{}: found no run {} that goes on", store.file(), to_text(run)));
  });
}

Result<std::optional<RunRow>> Store::find_run(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kRunColumns) + "WHERE id = ?";
    return read_first(store.database, prepared(store.sqlite(), sql.c_str(), run), "runs", read_run);
  });
}

Result<std::vector<RunRow>> Store::runs() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kRunColumns) + "ORDER BY id";
    return read_all(store.database, prepared(store.sqlite(), sql.c_str()), "runs", read_run);
  });
}

}  // namespace fusesweep
