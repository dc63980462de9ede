#include "harness/cli/sweep_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/default_model.h"
#include "harness/cli/interruption.h"
#include "harness/cli/plan_command.h"
#include "harness/cli/report_files.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/split_arguments.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/sweep_setup.h"
#include "harness/cli/sweep_text.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/stored_benchmarks.h"
#include "harness/sweep/sweep.h"
#include "reports/sweep_rows.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kMostCandidates = 1024;
constexpr const char* kDefaultFamily = "front-fused:tail=6+2,front=12..24,step=4";

// Values of a list, each read by the function for one of them.
template <typename T>
Result<std::vector<T>> read_list(const std::string& typed, const char* flag,
                                 const std::function<Result<T>(std::string_view)>& read) {
  std::vector<T> values;
  for (const std::string_view text : split_text(typed, ',')) {
    Result<T> value = read(text);
    if (!value) return fail_with_context(std::move(value).error(), flag);
    values.push_back(*std::move(value));
  }
  return values;
}

Result<std::vector<int>> read_counts(const std::string& typed, const char* flag) {
  return read_list<int>(typed, flag, [](std::string_view text) -> Result<int> {
    const Result<std::int64_t> count = parse_integer(text, 1, kMostTypedCount);
    if (!count) return fail(count.error());
    return static_cast<int>(*count);
  });
}

Result<std::vector<Candidate>> read_candidates(const SweepArguments& arguments,
                                               const RunnableModel& model) {
  std::vector<std::string> families = arguments.families;
  if (arguments.splits.empty() && families.empty()) families.emplace_back(kDefaultFamily);
  const Result<SplitSet> splits = read_splits(arguments.splits, families, model.contract.n_layers);
  if (!splits) return fail(splits.error());
  if (splits->count() > kMostCandidates) {
    return invalid_input(fmt::format("--family: found {} splits, want at most {}: plan lists them",
                                     splits->count().str(), kMostCandidates));
  }
  SweepAxes axes{.splits = splits->first(kMostCandidates)};
  const auto take = [](auto& into, auto result) -> Result<void> {
    if (!result) return fail(std::move(result).error());
    into = *std::move(result);
    return {};
  };
  for (const Result<void>& taken :
       {take(axes.tokens, read_counts(arguments.tokens, "--tokens")),
        take(axes.contexts, read_counts(arguments.context, "--context")),
        take(axes.head_shards, read_counts(arguments.head_shards, "--head-shards")),
        take(axes.encodings, read_list<Encoding>(arguments.encoding, "--encoding", parse_encoding)),
        take(axes.kv_forms, read_list<KvForm>(arguments.kv_form, "--kv", parse_kv_form))}) {
    if (!taken) return fail(taken.error());
  }
  if (arguments.threads) {
    if (auto taken = take(axes.threads, read_counts(*arguments.threads, "--threads")); !taken)
      return fail(std::move(taken).error());
  }
  std::vector<Candidate> candidates = candidates_of(axes);
  if (candidates.size() > kMostCandidates) {
    return invalid_input(
        fmt::format("found {} candidates, want at most {}", candidates.size(), kMostCandidates));
  }
  return candidates;
}

// Of what the store now holds, so that it says what `fusesweep report` says.
Result<WrittenReport> write_report(const std::filesystem::path& work, const Store& store,
                                   const Uuid& id, const Clock& clock) {
  const Result<SweepRows> sweep = read_sweep(store, to_text(id));
  if (!sweep) return fail(sweep.error());
  return write_sweep_report(*sweep, work / "reports",
                            {.formats = {ReportFormat::kHtml, ReportFormat::kMarkdown}}, clock);
}

// The blocks beside the page, for the tools of google-benchmark; absent where nothing was measured.
Result<std::optional<std::filesystem::path>> write_benchmarks(const std::filesystem::path& work,
                                                              const Store& store, const Uuid& id) {
  const Result<std::vector<StoredSweep>> sweeps = store.sweeps();
  if (!sweeps) return fail(sweeps.error());
  const auto sweep = std::find_if(sweeps->begin(), sweeps->end(),
                                  [&](const StoredSweep& stored) { return stored.id == id; });
  FUSESWEEP_CHECK(sweep != sweeps->end());
  const Result<std::optional<Json>> document = sweep_benchmarks(store, *sweep);
  if (!document) return fail(document.error());
  if (!*document) return std::nullopt;
  std::filesystem::path file = work / "reports" / (to_text(id) + ".benchmark.json");
  if (auto written = write_new_file(file, to_text(**document) + '\n'); !written)
    return fail(std::move(written).error());
  return file;
}

ExitCode exit_code_for(const SweepAnswer& answer, bool is_recorded) {
  if (answer.is_interrupted) return ExitCode::kInterrupted;
  const bool all_out =
      std::all_of(answer.candidates.begin(), answer.candidates.end(),
                  [](const CandidateAnswer& c) { return c.standing == Standing::kDisqualified; });
  if (all_out) return ExitCode::kFailed;
  if (is_recorded) return ExitCode::kDone;
  return answer.ties.empty() ? ExitCode::kInconclusive : ExitCode::kDone;
}

Result<Answer> sweep_and_answer(const SweepArguments& arguments, SweepSetup setup,
                                RunnerClient& runner, StoredRun& stored) {
  if (arguments.retry_failed) {
    if (const Result<int> forgotten = stored.store.forget_failures(setup.model.hash); !forgotten)
      return fail(forgotten.error());
  }
  const SystemClock clock;
  const bool is_recorded = setup.description.evidence == Evidence::kRecorded;
  const Result<SweepAnswer> answer = [&] {
    Progress progress(Progress::on_terminal(stderr), clock);
    return run_sweep(setup, {runner, stored.store, stored.id, clock, progress});
  }();
  if (!answer) return fail(answer.error());
  const SweepTitle title{setup.model.name, setup.model.contract.n_layers, setup.description};
  WrittenReport report;
  std::optional<std::filesystem::path> benchmark;
  if (!answer->is_interrupted) {
    Result<WrittenReport> written = write_report(setup.work, stored.store, answer->sweep, clock);
    if (!written) return fail(std::move(written).error());
    report = *std::move(written);
    Result<std::optional<std::filesystem::path>> blocks =
        write_benchmarks(setup.work, stored.store, answer->sweep);
    if (!blocks) return fail(std::move(blocks).error());
    benchmark = *std::move(blocks);
  }
  Answer said;
  said.exit_code = exit_code_for(*answer, is_recorded);
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["run"] = to_text(stored.id);
    document["model"] = setup.model.name;
    document["runner"] = to_json(setup.description);
    document["evidence"] = is_recorded ? "recorded" : "measured";
    document.update(to_json(*answer));
    document["sweep"] = to_text(answer->sweep);
    document["report"] = report.files.empty() ? Json(nullptr) : Json(report.files.front().string());
    document["benchmark"] = benchmark ? Json(benchmark->string()) : Json(nullptr);
    said.text = to_text(document) + '\n';
  } else {
    said.text = sweep_table(*answer, title);
    said.text += report_lines(report);
  }
  return said;
}

}  // namespace

Result<Answer> run_sweep_command(const SweepArguments& typed, const Invocation& invocation) {
  SweepArguments arguments = typed;
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  if (auto filled =
          fill_in_default_model(work, arguments.runner, arguments.model, arguments.residency_limit);
      !filled)
    return fail(std::move(filled).error());
  if (arguments.dry_run) {
    PlanArguments plan{.splits = arguments.splits,
                       .families = arguments.families,
                       .encoding = arguments.encoding,
                       .residency_limit = arguments.residency_limit,
                       .json = arguments.json};
    plan.model = arguments.model.value_or("phi4-mini");
    if (plan.splits.empty() && plan.families.empty()) plan.families.emplace_back(kDefaultFamily);
    Result<std::string> planned = run_plan(plan);
    if (!planned) return fail(std::move(planned).error());
    return Answer(*std::move(planned));
  }
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<SweepSetup> setup = read_sweep_setup(arguments, **runner, work, invocation);
  if (!setup) return fail(std::move(setup).error());
  Result<std::vector<Candidate>> candidates = read_candidates(arguments, setup->model);
  if (!candidates) return fail(std::move(candidates).error());
  setup->spec.candidates = *std::move(candidates);
  for (const Candidate& candidate : setup->spec.candidates) {
    if (auto room = check_room(setup->spec, candidate.shape); !room)
      return fail(std::move(room).error());
  }
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "sweep", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  watch_for_interruption();
  return stored->end(sweep_and_answer(arguments, *std::move(setup), **runner, *stored));
}

}  // namespace fusesweep
