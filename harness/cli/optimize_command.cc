#include "harness/cli/optimize_command.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/default_model.h"
#include "harness/cli/interruption.h"
#include "harness/cli/optimize_text.h"
#include "harness/cli/report_files.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/share_argument.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/sweep_setup.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/optimize.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::string_view kNoTail = "none";

// A segment at the front of the text, which is cut off.
std::optional<Segment> cut_segment(std::string_view& text, int n_layers) {
  const bool has_brackets = text.starts_with('[');
  const std::size_t end = has_brackets ? text.find(')') : text.find(',');
  if (has_brackets && end == std::string_view::npos) return std::nullopt;
  std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + (has_brackets ? 1 : 0));
  if (has_brackets) word.remove_prefix(1);
  const std::vector<std::string_view> parts = split_text(word, has_brackets ? ',' : ':');
  if (parts.size() != 2) return std::nullopt;
  const Result<std::int64_t> first = parse_integer(parts[0], 0, n_layers - 1);
  const Result<std::int64_t> last = parse_integer(parts[1], 1, n_layers);
  if (!first || !last || *first >= *last) return std::nullopt;
  return Segment{static_cast<int>(*first), static_cast<int>(*last)};
}

Result<void> read_limit(const std::optional<std::string>& typed, const char* flag,
                        std::optional<int>& into) {
  return typed ? read_each_count({{*typed, flag, 1, into.emplace()}}) : Result<void>();
}

Result<void> read_form(const SweepArguments& typed, Candidate& form) {
  Result<ShardIdentity> shape =
      read_shard_arguments(typed.tokens, typed.context, typed.encoding, typed.kv_form);
  if (!shape) return fail(std::move(shape).error());
  form.shape = *std::move(shape);
  const Result<int> head_shards = read_head_shards(typed.head_shards);
  if (!head_shards) return fail(head_shards.error());
  form.head_shards = *head_shards;
  return typed.threads ? read_each_count({{*typed.threads, "--threads", 1, form.threads}})
                       : Result<void>();
}

Result<void> read_tail(const std::string& typed, std::string& tail) {
  if (typed != kNoTail) {
    if (const Result<Split> split = parse_split(typed); !split)
      return fail_with_context(split.error(), "--tail");
  }
  tail = typed;
  return {};
}

Result<OptimizeSpec> read_spec(const OptimizeArguments& typed, int n_layers) {
  OptimizeSpec spec{.form = {.split = Split({n_layers})}};
  int budget_s = 0;
  for (const Result<void>& read :
       {read_form(typed.common, spec.form), read_tail(typed.tail, spec.tail),
        read_each_count({{typed.max_builds, "--max-builds", 1, spec.max_builds},
                         {typed.verify, "--verify", 1, spec.verified},
                         {typed.budget_s, "--budget", 1, budget_s}}),
        read_limit(typed.longest_shard, "--longest-shard", spec.longest_shard),
        read_limit(typed.max_shards, "--max-shards", spec.max_shards)}) {
    if (!read) return fail(read.error());
  }
  spec.budget = std::chrono::seconds(budget_s);
  const Result<double> regret = read_share(typed.regret, "--regret");
  if (!regret) return fail(regret.error());
  spec.regret_rel = *regret;
  Result<std::vector<Segment>> forbidden = read_forbidden(typed.forbidden, n_layers);
  if (!forbidden) return fail(std::move(forbidden).error());
  spec.forbidden = *std::move(forbidden);
  return spec;
}

ExitCode exit_code_for(const OptimizeAnswer& answer) {
  if (answer.is_interrupted) return ExitCode::kInterrupted;
  const OptimizeReport& report = answer.report;
  if (report.is_recorded) return ExitCode::kDone;
  if (report.end == SearchEnd::kNoPath) return ExitCode::kFailed;
  const bool is_answered = report.end == SearchEnd::kProven && report.chosen.has_value();
  return is_answered ? ExitCode::kDone : ExitCode::kInconclusive;
}

std::string json_text(const OptimizeAnswer& answer, const OptimizeSetup& setup,
                      const WrittenReport& report, const Uuid& run) {
  Json document = json_document(kSchemaVersion);
  document.update(to_json(answer.report));
  document["run"] = to_text(run);
  document["optimize"] = to_text(answer.id);
  document["model"] = setup.sweep.model.name;
  document["runner"] = to_json(setup.sweep.description);
  document["evidence"] = answer.report.is_recorded ? "recorded" : "measured";
  document["cliff"] = answer.cliff ? to_json(*answer.cliff) : Json(nullptr);
  document["verification"] = answer.verification ? to_json(*answer.verification) : Json(nullptr);
  document["manifest"] = answer.manifest.empty() ? Json(nullptr) : Json(answer.manifest.string());
  document["report"] = report.files.empty() ? Json(nullptr) : Json(report.files.front().string());
  document["work_done"] = answer.work_done;
  document["interrupted"] = answer.is_interrupted;
  return to_text(document) + '\n';
}

// Of what the store now holds, so that it says what `fusesweep report` says.
Result<WrittenReport> write_report(const Store& store, const Uuid& id,
                                   const std::filesystem::path& folder, const Clock& clock) {
  const Result<OptimizeRows> rows = read_optimize(store, to_text(id));
  if (!rows) return fail(rows.error());
  return write_optimize_report(*rows, folder,
                               {.formats = {ReportFormat::kHtml, ReportFormat::kMarkdown}}, clock);
}

Result<Answer> optimize_and_answer(const OptimizeArguments& arguments, const OptimizeSetup& setup,
                                   RunnerClient& runner, StoredRun& stored) {
  if (arguments.common.retry_failed) {
    const Result<int> forgotten = stored.store.forget_failures(setup.sweep.model.hash);
    if (!forgotten) return fail(forgotten.error());
  }
  const SystemClock clock;
  const Result<OptimizeAnswer> answer = [&] {
    Progress progress(Progress::on_terminal(stderr), clock);
    return run_optimize(setup, {runner, stored.store, stored.id, clock, progress});
  }();
  if (!answer) return fail(answer.error());
  WrittenReport report;
  if (!answer->is_interrupted) {
    Result<WrittenReport> written =
        write_report(stored.store, answer->id, setup.sweep.work / "reports", clock);
    if (!written) return fail(std::move(written).error());
    report = *std::move(written);
  }
  Answer said;
  said.exit_code = exit_code_for(*answer);
  said.text = arguments.common.json
                  ? json_text(*answer, setup, report, stored.id)
                  : optimize_text(*answer, {setup.sweep.model.name, answer->report.n_layers,
                                            setup.sweep.description});
  if (arguments.common.json) return said;
  said.text += report_lines(report);
  return said;
}

}  // namespace

Result<std::vector<Segment>> read_forbidden(const std::vector<std::string>& typed, int n_layers) {
  std::vector<Segment> all;
  for (const std::string& list : typed) {
    std::string_view rest = list;
    do {
      const std::optional<Segment> segment = cut_segment(rest, n_layers);
      if (!segment || (!rest.empty() && !rest.starts_with(','))) {
        return invalid_input(fmt::format(
            "--forbid: found {}, want segments such as [0,24),[24,32) with ends up to {}",
            quote(list), n_layers));
      }
      all.push_back(*segment);
      if (rest.empty()) break;
      rest.remove_prefix(1);
    } while (true);
  }
  return all;
}

Result<Answer> run_optimize_command(const OptimizeArguments& typed, const Invocation& invocation) {
  OptimizeArguments arguments = typed;
  SweepArguments& common = arguments.common;
  const std::filesystem::path work = std::filesystem::absolute(work_folder(common.work));
  if (auto filled =
          fill_in_default_model(work, common.runner, common.model, common.residency_limit);
      !filled)
    return fail(std::move(filled).error());
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(common.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<SweepSetup> sweep = read_sweep_setup(common, **runner, work, invocation);
  if (!sweep) return fail(std::move(sweep).error());
  Result<OptimizeSpec> spec = read_spec(arguments, sweep->model.contract.n_layers);
  if (!spec) return fail(std::move(spec).error());
  const OptimizeSetup setup{.spec = *std::move(spec),
                            .sweep = *std::move(sweep),
                            .facts = recorded_facts_of(common.runner)};
  if (auto room = check_room(setup.sweep.spec, setup.spec.form.shape); !room)
    return fail(std::move(room).error());
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "optimize", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  watch_for_interruption();
  return stored->end(optimize_and_answer(arguments, setup, **runner, *stored));
}

}  // namespace fusesweep
