// `fusesweep runs export`.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/cli/runs_command.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/stored_runs.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/stored_benchmarks.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Chosen {
  std::vector<WholeRun> runs;
  std::vector<StoredSweep> sweeps;  // that these runs began
};

// The ids of the runs that were asked for: all of them where nothing was.
Result<std::vector<Uuid>> chosen_ids(const RunsExportArguments& arguments, const Store& store) {
  const Result<std::vector<RunRow>> runs = store.runs();
  if (!runs) return fail(runs.error());
  const Result<std::vector<StoredSweep>> sweeps = store.sweeps();
  if (!sweeps) return fail(sweeps.error());
  std::optional<std::int64_t> since;
  if (arguments.since) {
    const Result<std::int64_t> date = parse_utc(*arguments.since);
    if (!date) return fail_with_context(date.error(), "--since");
    since = *date;
  }
  std::vector<Uuid> run_ids;
  std::vector<Uuid> sweep_ids;
  for (const RunRow& run : *runs) run_ids.push_back(run.id);
  for (const StoredSweep& sweep : *sweeps) sweep_ids.push_back(sweep.id);
  std::set<Uuid> chosen;
  for (const std::string& typed : arguments.runs) {
    const Result<Uuid> id = find_id(run_ids, typed, "run");
    if (!id) return fail_with_context(id.error(), "--run");
    chosen.insert(*id);
  }
  for (const std::string& typed : arguments.sweeps) {
    const Result<Uuid> id = find_id(sweep_ids, typed, "sweep");
    if (!id) return fail_with_context(id.error(), "--sweep");
    const auto sweep = std::find_if(sweeps->begin(), sweeps->end(),
                                    [&](const StoredSweep& other) { return other.id == *id; });
    chosen.insert(sweep->run);
  }
  const bool is_named = !arguments.runs.empty() || !arguments.sweeps.empty();
  for (const RunRow& run : *runs) {
    if (since ? run.started_unix_ms >= *since : !is_named) chosen.insert(run.id);
  }
  return store.closure_of({chosen.begin(), chosen.end()});
}

Result<Chosen> read_chosen(const Store& store, const std::vector<Uuid>& ids) {
  const Result<std::vector<RunRow>> runs = store.runs();
  if (!runs) return fail(runs.error());
  Result<std::map<Uuid, RunContents>> contents = store.contents_of_runs();
  if (!contents) return fail(std::move(contents).error());
  const std::set<Uuid> wanted(ids.begin(), ids.end());
  Chosen chosen;
  for (const RunRow& run : *runs) {
    if (!wanted.contains(run.id)) continue;
    Result<WholeRun> whole = read_whole_run(store, run, (*contents)[run.id]);
    if (!whole) return fail(std::move(whole).error());
    chosen.runs.push_back(*std::move(whole));
  }
  Result<std::vector<StoredSweep>> sweeps = store.sweeps();
  if (!sweeps) return fail(std::move(sweeps).error());
  for (StoredSweep& sweep : *sweeps) {
    if (wanted.contains(sweep.run)) chosen.sweeps.push_back(std::move(sweep));
  }
  return chosen;
}

Result<std::vector<WholeSweep>> read_sweeps(const Store& store, const Chosen& chosen) {
  std::vector<WholeSweep> sweeps;
  for (const StoredSweep& sweep : chosen.sweeps) {
    Result<WholeSweep> whole = read_whole_sweep(store, sweep);
    if (!whole) return fail(std::move(whole).error());
    sweeps.push_back(*std::move(whole));
  }
  return sweeps;
}

Result<std::string> benchmark_text(const Store& store, const Chosen& chosen) {
  if (chosen.sweeps.size() != 1) {
    return invalid_input(fmt::format("found {} sweeps, want one for a benchmark document: --sweep",
                                     chosen.sweeps.size()));
  }
  const Result<std::optional<Json>> document = sweep_benchmarks(store, chosen.sweeps.front());
  if (!document) return fail(document.error());
  if (!*document) return invalid_input("found a sweep without blocks, want one that measured");
  return to_text(**document) + '\n';
}

Result<std::string> text_of(const Store& store, const Chosen& chosen, std::string_view ending) {
  if (ending == ".gbench.json") return benchmark_text(store, chosen);
  const Result<std::vector<WholeSweep>> sweeps = read_sweeps(store, chosen);
  if (!sweeps) return fail(sweeps.error());
  if (ending == ".csv") return to_csv(csv_of(chosen.runs, *sweeps));
  Json document = json_document(kSchemaVersion);
  Json& runs = document["runs"] = Json::array();
  for (const WholeRun& run : chosen.runs) runs.push_back(to_json(run));
  Json& all = document["sweeps"] = Json::array();
  for (const WholeSweep& sweep : *sweeps) all.push_back(to_json(sweep));
  return to_text(document) + '\n';
}

Result<void> write_new(const std::filesystem::path& file, const std::string& text) {
  struct stat facts {};
  if (lstat(file.c_str(), &facts) == 0) {
    return invalid_input(
        fmt::format("{}: found a file of that name, want a new one", one_line(file.string())));
  }
  return write_new_file(file, text);
}

Result<std::string> ending_of(const RunsExportArguments& arguments) {
  if (arguments.gbench) return std::string(".gbench.json");
  for (const char* ending : {".gbench.json", ".db", ".json", ".csv"}) {
    if (arguments.output.ends_with(ending)) return std::string(ending);
  }
  return fail_with_context(
      invalid_input(fmt::format("found {}, want a name that ends in .db, .json, .csv or "
                                ".gbench.json",
                                quote(arguments.output)))
          .value(),
      "--output");
}

}  // namespace

Result<Answer> run_runs_export(const RunsExportArguments& arguments) {
  const Result<std::string> ending = ending_of(arguments);
  if (!ending) return fail(ending.error());
  const SystemClock clock;
  const Result<Store> store =
      Store::open(database_file(work_folder(arguments.work)), Access::kRead, clock);
  if (!store) return fail(store.error());
  const Result<std::vector<Uuid>> ids = chosen_ids(arguments, *store);
  if (!ids) return fail(ids.error());
  if (ids->empty()) return invalid_input("found no run to export");
  if (*ending == ".db") {
    if (const auto made = store->export_runs(*ids, arguments.output); !made)
      return fail(made.error());
  } else {
    const Result<Chosen> chosen = read_chosen(*store, *ids);
    if (!chosen) return fail(chosen.error());
    const Result<std::string> text = text_of(*store, *chosen, *ending);
    if (!text) return fail(text.error());
    if (auto written = write_new(arguments.output, *text); !written)
      return fail(std::move(written).error());
  }
  if (!arguments.json) {
    return Answer(fmt::format("{}: {} runs\n", one_line(arguments.output), ids->size()));
  }
  Json document = json_document(kSchemaVersion);
  document["file"] = arguments.output;
  document["format"] = ending->substr(1);
  Json& runs = document["runs"] = Json::array();
  for (const Uuid& id : *ids) runs.push_back(to_text(id));
  return Answer(to_text(document) + '\n');
}

}  // namespace fusesweep
