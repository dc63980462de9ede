#include "harness/cli/runs_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/cli/runs_import_recorded.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/stored_runs.h"
#include "harness/cli/text_table.h"
#include "harness/cli/verdict_text.h"
#include "harness/cli/work_folder.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Listed {
  std::vector<RunRow> runs;  // those that were asked for
  std::map<Uuid, RunContents> contents;
  std::size_t id_length = 0;  // tells all runs of the store apart
};

Result<Listed> list_runs(const RunsListArguments& arguments) {
  std::optional<std::int64_t> since;
  if (arguments.since) {
    const Result<std::int64_t> date = parse_utc(*arguments.since);
    if (!date) return fail_with_context(date.error(), "--since");
    since = *date;
  }
  const SystemClock clock;
  const Result<Store> store =
      Store::open(database_file(work_folder(arguments.work)), Access::kRead, clock);
  if (!store) return fail(store.error());
  Result<std::vector<RunRow>> runs = store->runs();
  if (!runs) return fail(std::move(runs).error());
  Result<std::map<Uuid, RunContents>> contents = store->contents_of_runs();
  if (!contents) return fail(std::move(contents).error());
  std::vector<Uuid> ids;
  for (const RunRow& run : *runs) ids.push_back(run.id);
  Listed listed{.contents = *std::move(contents), .id_length = short_id_length(ids)};
  for (RunRow& run : *runs) {
    if (since && run.started_unix_ms < *since) continue;
    if (arguments.command && run.start.command != *arguments.command) continue;
    listed.runs.push_back(std::move(run));
  }
  return listed;
}

std::string list_text(const Listed& listed) {
  if (listed.runs.empty()) return "no runs\n";
  std::vector<std::vector<std::string>> rows = {
      {"run", "started (UTC)", "command", "outcome", "host", "runner", "stored"}};
  for (const RunRow& run : listed.runs) {
    const auto found = listed.contents.find(run.id);
    const RunContents contents = found == listed.contents.end() ? RunContents{} : found->second;
    rows.push_back({to_text(run.id).substr(0, listed.id_length), utc_time(run.started_unix_ms),
                    cell(run.start.command), cell(run.outcome.value_or("unfinished")),
                    cell(run.start.provenance.host.value_or("")),
                    cell(fmt::format("{}", fmt::join(contents.runners, ", "))),
                    stored_text(contents)});
  }
  return table_text(rows);
}

CsvTable list_csv(const Listed& listed) {
  CsvTable table{
      .columns = {"run", "started_unix_ms", "ended_unix_ms", "command", "outcome", "host",
                  "cpu_info", "runners", "artifacts", "verdicts", "probes", "failures", "decodes",
                  "sweeps", "blocks", "selfchecks", "reruns", "optimizations"},
      .rows = {}};
  for (const RunRow& run : listed.runs) {
    const auto found = listed.contents.find(run.id);
    const RunContents contents = found == listed.contents.end() ? RunContents{} : found->second;
    table.rows.push_back({to_text(run.id), run.started_unix_ms, csv_cell(run.ended_unix_ms),
                          run.start.command, csv_cell(run.outcome),
                          csv_cell(run.start.provenance.host), csv_cell(run.start.provenance.cpu),
                          fmt::format("{}", fmt::join(contents.runners, ", ")), contents.artifacts,
                          contents.verdicts, contents.probes, contents.failures, contents.decodes,
                          contents.sweeps, contents.blocks, contents.selfchecks, contents.reruns,
                          contents.optimizations});
  }
  return table;
}

std::string number_or_dash(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string provenance_text(const RunRow& run) {
  const Provenance& made_by = run.start.provenance;
  std::string words;
  for (const std::string& word : run.start.arguments) words += ' ' + quote(word);
  std::string text = fmt::format("run        {}\n", to_text(run.id));
  text += fmt::format("command    {}\n", one_line(run.start.command));
  text += fmt::format("arguments {}\n", words.empty() ? " -" : words);
  if (run.start.seed) text += fmt::format("seed       {}\n", *run.start.seed);
  text += fmt::format("started    {} UTC\n", utc_time(run.started_unix_ms));
  text += run.ended_unix_ms ? fmt::format("ended      {} UTC, {}\n", utc_time(*run.ended_unix_ms),
                                          one_line(run.outcome.value_or("")))
                            : std::string("ended      it goes on, or was killed\n");
  text += fmt::format("program    {} {}{}, {}, {}\n", one_line(made_by.program_version),
                      one_line(made_by.git_revision.value_or("of no checkout")),
                      made_by.git_dirty.value_or(false) ? " with changes" : "",
                      one_line(made_by.compiler), one_line(made_by.build_type));
  text += fmt::format("machine    {}, {}, {}, {}\n", one_line(made_by.host.value_or("-")),
                      one_line(made_by.cpu.value_or("-")), one_line(made_by.os.value_or("-")),
                      one_line(made_by.kernel.value_or("-")));
  return text;
}

std::string show_text(const WholeRun& whole) {
  std::string text = provenance_text(whole.run);
  if (!whole.contents.runners.empty()) {
    text += fmt::format("runner     {}\n",
                        one_line(fmt::format("{}", fmt::join(whole.contents.runners, ", "))));
  }
  text += fmt::format("stored     {}\n", stored_text(whole.contents));
  const auto heading = [&](std::string_view name, bool is_wanted) {
    if (is_wanted) text += fmt::format("\n{}\n", name);
  };
  heading("verdicts", !whole.verdicts.empty());
  for (const VerdictRow& row : whole.verdicts) {
    text += fmt::format("  {} {}: {}", one_line(row.subject.kind), one_line(row.subject.text),
                        verdict_text(row.verdict, "    "));
  }
  heading("probes", !whole.probes.empty());
  for (const ProbeRow& row : whole.probes) {
    const ProbeAnswer& answer = row.answer;
    text += fmt::format("  {}{}: {}: {}\n", to_text(answer.probe.segment),
                        answer.probe.attempt > 1 ? " once more" : "",
                        !answer.is_recorded  ? "not recorded"
                        : answer.is_resident ? "resident"
                        : answer.failure ? fmt::format("not resident, {}", to_text(*answer.failure))
                                         : "not resident",
                        one_line(answer.reason));
  }
  heading("failures", !whole.failures.empty());
  for (const FailureRow& row : whole.failures)
    text += fmt::format("  {}: {}: {}\n", to_text(row.shard.kind), row.stage, one_line(row.reason));
  heading("decodes", !whole.decodes.empty());
  for (const DecodeRow& row : whole.decodes) {
    const DecodeFigures figures = figures_of(row);
    text += fmt::format("  {}: {} ms/token, {} tok/s, TTFT {} ms, {} steps after {} tokens ({})\n",
                        one_line(row.split), number_or_dash(figures.ms_per_token),
                        number_or_dash(figures.tok_per_s), number_or_dash(figures.ttft_ms),
                        row.sum ? row.sum->tokens : static_cast<std::int64_t>(row.token_ns.size()),
                        row.prompt_tokens, one_line(row.evidence));
  }
  heading("blocks", !whole.trials.empty());
  for (const MeasuredTrial& trial : whole.trials) {
    text +=
        fmt::format("  sweep {}, trial {}: {} blocks in {:.1f} s\n", to_text(trial.sweep),
                    one_line(trial.trial), trial.blocks, static_cast<double>(trial.wall_ns) / 1e9);
  }
  return text;
}

}  // namespace

Result<Answer> run_runs_list(const RunsListArguments& arguments) {
  if (arguments.csv && arguments.json)
    return invalid_input("found both --csv and --json, want one of them");
  const Result<Listed> listed = list_runs(arguments);
  if (!listed) return fail(listed.error());
  if (arguments.csv) return Answer(to_csv(list_csv(*listed)));
  if (!arguments.json) return Answer(list_text(*listed));
  Json document = json_document(kSchemaVersion);
  Json& runs = document["runs"] = Json::array();
  for (const RunRow& run : listed->runs) {
    const auto found = listed->contents.find(run.id);
    runs.push_back(to_json(run, found == listed->contents.end() ? RunContents{} : found->second));
  }
  return Answer(to_text(document) + '\n');
}

Result<Answer> run_runs_show(const RunsShowArguments& arguments) {
  const SystemClock clock;
  const Result<Store> store =
      Store::open(database_file(work_folder(arguments.work)), Access::kRead, clock);
  if (!store) return fail(store.error());
  const Result<std::vector<RunRow>> runs = store->runs();
  if (!runs) return fail(runs.error());
  std::vector<Uuid> ids;
  for (const RunRow& run : *runs) ids.push_back(run.id);
  const Result<Uuid> id = find_id(ids, arguments.id, "run");
  if (!id) return fail(id.error());
  Result<std::map<Uuid, RunContents>> contents = store->contents_of_runs();
  if (!contents) return fail(std::move(contents).error());
  const auto run =
      std::find_if(runs->begin(), runs->end(), [&](const RunRow& row) { return row.id == *id; });
  const Result<WholeRun> whole = read_whole_run(*store, *run, (*contents)[*id]);
  if (!whole) return fail(whole.error());
  if (!arguments.json) return Answer(show_text(*whole));
  Json document = json_document(kSchemaVersion);
  document.update(to_json(*whole));
  return Answer(to_text(document) + '\n');
}

Result<Answer> run_runs_merge(const RunsMergeArguments& arguments) {
  const std::vector<std::filesystem::path> files(arguments.files.begin(), arguments.files.end());
  const std::filesystem::path work = work_folder(arguments.work);
  const std::filesystem::path target = database_file(work);
  std::error_code error;
  // A dry run makes nothing, not even a store.
  const bool is_there = std::filesystem::exists(target, error);
  const bool in_memory = arguments.dry_run && !is_there;
  std::optional<FolderLock> at_work;
  if (!in_memory) {
    Result<FolderLock> entered = enter_work_folder(work);
    if (!entered) return fail(std::move(entered).error());
    at_work = *std::move(entered);
  }
  const SystemClock clock;
  Result<Store> store = Store::open(in_memory ? ":memory:" : target, Access::kWrite, clock);
  if (!store) return fail(std::move(store).error());
  const Result<MergeReport> report =
      store->merge(files, arguments.dry_run ? MergeMode::kDryRun : MergeMode::kCommit);
  if (!report) return fail(report.error());
  std::int64_t added = 0;
  std::int64_t ended = 0;
  std::vector<std::vector<std::string>> rows = {{"table", "new", "known", "ended"}};
  Json tables = Json::array();
  for (const TableCount& count : report->tables) {
    // Names of metrics are no news.
    if (count.table != "metrics") added += count.added;
    ended += count.ended;
    if (count.added + count.known + count.ended > 0) {
      rows.push_back({count.table, std::to_string(count.added), std::to_string(count.known),
                      std::to_string(count.ended)});
    }
    tables.push_back({{"table", count.table},
                      {"new", count.added},
                      {"known", count.known},
                      {"ended", count.ended}});
  }
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["files"] = arguments.files;
    document["dry_run"] = arguments.dry_run;
    document["new_rows"] = added;
    document["ended_rows"] = ended;
    document["tables"] = std::move(tables);
    return Answer(to_text(document) + '\n');
  }
  if (added + ended == 0) return Answer("nothing new\n");
  return Answer(fmt::format("{}{}: {} rows\n\n{}", arguments.dry_run ? "would be new" : "new",
                            ended > 0 ? " or ended" : "", added + ended, table_text(rows)));
}

Result<Answer> run_runs_import(const RunsMergeArguments& arguments, const Invocation& invocation) {
  const std::string_view source = arguments.files.front();
  if (!source.starts_with(kRecordedPrefix)) return run_runs_merge(arguments);
  if (arguments.dry_run) {
    return invalid_input(
        "--dry-run: found with recorded runs, want it with a file: fusesweep trend --recorded NAME "
        "shows them");
  }
  return run_import_recorded(source.substr(kRecordedPrefix.size()), arguments.work, arguments.json,
                             invocation);
}

}  // namespace fusesweep
