#include "harness/cli/rerun_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/baseline_contents.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/interruption.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/provenance.h"
#include "harness/cli/rerun_text.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/share_argument.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/rerun.h"
#include "harness/sweep/stored_words.h"
#include "reports/markdown_page.h"
#include "reports/rerun_document.h"
#include "reports/rerun_junit.h"

namespace fusesweep {
namespace {

constexpr int kMostExitCode = 255;

Result<std::set<std::string>> read_metrics(const std::string& typed) {
  const std::vector<std::string> known = rerun_metrics();
  std::set<std::string> metrics;
  for (const std::string_view metric : split_text(typed, ',')) {
    if (std::find(known.begin(), known.end(), metric) == known.end()) {
      return invalid_input(fmt::format("--metric: found {}, want some of {}", quote(metric),
                                       fmt::join(known, ", ")));
    }
    metrics.emplace(metric);
  }
  return metrics;
}

Result<RerunRules> read_rules(const RerunArguments& arguments) {
  RerunRules rules{.is_strong_required = arguments.require_strong};
  const struct {
    const std::string& typed;
    const char* flag;
    double& into;
  } kShares[] = {{arguments.margin_rel, "--margin", rules.margin_rel},
                 {arguments.rule_out_rel, "--rule-out", rules.rule_out_rel},
                 {arguments.target_rel, "--target-rel", rules.target_rel}};
  for (const auto& [typed, flag, into] : kShares) {
    const Result<double> share = read_share(typed, flag);
    if (!share) return fail(share.error());
    into = *share;
  }
  const Result<int> budget_s = read_count(arguments.budget_s, "--budget-s", 1);
  if (!budget_s) return fail(budget_s.error());
  rules.budget = std::chrono::seconds(*budget_s);
  const Result<std::int64_t> seed =
      parse_integer(arguments.seed, 0, std::numeric_limits<std::int64_t>::max());
  if (!seed) return fail_with_context(seed.error(), "--seed");
  rules.seed = static_cast<std::uint64_t>(*seed);
  if (arguments.metrics) {
    Result<std::set<std::string>> metrics = read_metrics(*arguments.metrics);
    if (!metrics) return fail(std::move(metrics).error());
    rules.metrics = *std::move(metrics);
  }
  return rules;
}

Result<OtherWorkload> read_workload(const RerunArguments& arguments) {
  OtherWorkload workload;
  const struct {
    const std::optional<std::string>& typed;
    const char* flag;
    std::optional<int>& into;
  } kCounts[] = {{arguments.prompt_tokens, "--prompt-tokens", workload.prompt_tokens},
                 {arguments.decode_tokens, "--decode-tokens", workload.decode_tokens},
                 {arguments.context, "--context", workload.context}};
  for (const auto& [typed, flag, into] : kCounts) {
    if (!typed) continue;
    const Result<int> count = read_count(*typed, flag, 1);
    if (!count) return fail(count.error());
    into = *count;
  }
  return workload;
}

std::string hash_of_program(const std::filesystem::path& program) {
  const Result<Hash128> hash = hash_file(program, available_threads());
  return hash ? to_hex(*hash) : std::string();
}

// The words that start the baseline's own program, or why they do not.
Result<std::vector<std::string>> words_then(const Baseline& baseline,
                                            const std::filesystem::path& folder) {
  const ProgramState state = state_of_program(baseline, folder);
  if (state != ProgramState::kReady)
    return unavailable(fmt::format("the baseline's program is {}", to_text(state)));
  std::vector<std::string> words = baseline.runner.words;
  if (baseline.runner.is_copied) words.insert(words.begin(), baseline_program(folder).string());
  return words;
}

StartRunner starter_of(std::vector<std::string> words, std::filesystem::path work) {
  return [words = std::move(words), work = std::move(work)]() -> Result<std::unique_ptr<Runner>> {
    return std::make_unique<RunnerClient>(ChildCommand{.arguments = words, .folder = work});
  };
}

// Whether the old program starts and says that it is what measured.
void find_old_runner(RerunSetup& setup) {
  const auto not_old = [&](const std::string& why) { setup.why_not_old = one_line(why); };
  const Result<std::vector<std::string>> words = words_then(setup.baseline, setup.folder);
  if (!words) return not_old(words.error().message);
  const StartRunner start = starter_of(*words, setup.work);
  Result<std::unique_ptr<Runner>> runner = start();
  if (!runner) return not_old(runner.error().message);
  const Result<RunnerDescription> description =
      (*runner)->describe({.residency_limit_bytes = setup.baseline.residency_limit_bytes});
  if (!description) return not_old("the old program: " + description.error().message);
  if (fingerprint_of(row_of(*description)) != fingerprint_of(setup.baseline.runner.row))
    return not_old("the old program says now that it is another one than it was");
  setup.old_description = *description;
  setup.start_old = start;
}

Result<RerunSetup> read_setup(const RerunArguments& arguments, const std::filesystem::path& work) {
  const std::filesystem::path baselines = work / "baselines";
  Result<Baseline> baseline = find_baseline(baselines, arguments.name);
  if (!baseline) return fail(std::move(baseline).error());
  RerunSetup setup{.baseline = *std::move(baseline),
                   .folder = baseline_folder(baselines, arguments.name),
                   .work = work,
                   .is_cross_host = arguments.cross_host,
                   .is_fresh = arguments.fresh,
                   .threads = available_threads(),
                   .is_interrupted = is_interrupted};
  Result<RerunRules> rules = read_rules(arguments);
  if (!rules) return fail(std::move(rules).error());
  setup.rules = *std::move(rules);
  const Result<OtherWorkload> workload = read_workload(arguments);
  if (!workload) return fail(workload.error());
  setup.workload = *workload;
  return setup;
}

Result<ExitCode> read_inconclusive_exit(const RerunArguments& arguments) {
  const Result<std::int64_t> code = parse_integer(arguments.inconclusive_exit, 0, kMostExitCode);
  if (!code) return fail_with_context(code.error(), "--inconclusive-exit");
  return static_cast<ExitCode>(*code);
}

ExitCode exit_code_for(const RerunReport& report, ExitCode inconclusive) {
  if (report.is_interrupted) return ExitCode::kInterrupted;
  switch (outcome_of(report)) {
    case FindingOutcome::kRegression:
      return ExitCode::kFailed;
    case FindingOutcome::kImproved:
    case FindingOutcome::kSame:
      return ExitCode::kDone;
    case FindingOutcome::kInconclusive:
    case FindingOutcome::kDirty:
    case FindingOutcome::kToldOnly:
      break;
  }
  return inconclusive;
}

Result<void> write_files(const RerunArguments& arguments, const RerunReport& report) {
  if (arguments.junit) {
    if (auto written = write_new_file(*arguments.junit, rerun_junit(report)); !written)
      return fail_with_context(std::move(written).error(), "--junit");
  }
  if (arguments.markdown) {
    if (auto written = write_new_file(*arguments.markdown, markdown_page(rerun_document(report)));
        !written)
      return fail_with_context(std::move(written).error(), "--markdown");
  }
  return {};
}

Result<Answer> rerun_and_answer(const RerunArguments& arguments, const RerunSetup& setup,
                                Runner& runner, ExitCode inconclusive, StoredRun& stored) {
  const SystemClock clock;
  const Result<RerunReport> report = [&] {
    Progress progress(Progress::on_terminal(stderr), clock);
    return run_rerun(setup, {runner, stored.store, stored.id, clock, progress});
  }();
  if (!report) return fail(report.error());
  if (auto written = write_files(arguments, *report); !written)
    return fail(std::move(written).error());
  Answer answer;
  answer.exit_code = exit_code_for(*report, inconclusive);
  answer.text = arguments.json ? to_text(rerun_json(*report)) + '\n' : rerun_text(*report);
  if (report->is_interrupted)
    answer.remark = "interrupted: what was measured is kept; the same command goes on from here\n";
  return answer;
}

}  // namespace

Result<Answer> run_rerun_command(const RerunArguments& arguments, const Invocation& invocation) {
  const Result<ExitCode> inconclusive = read_inconclusive_exit(arguments);
  if (!inconclusive) return fail(inconclusive.error());
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  Result<RerunSetup> setup = read_setup(arguments, work);
  if (!setup) return fail(std::move(setup).error());
  const std::string kind = arguments.runner.value_or(setup->baseline.runner.kind);
  Result<std::vector<std::string>> words = words_of_runner(kind, invocation.own_program);
  if (!words) return fail_with_context(std::move(words).error(), "--runner");
  setup->program_hash = hash_of_program(program_of(words->front()));
  Result<std::unique_ptr<RunnerClient>> runner = start_runner(kind, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<RunnerDescription> description =
      (*runner)->describe({.residency_limit_bytes = setup->baseline.residency_limit_bytes});
  if (!description) return fail(std::move(description).error());
  setup->description = *std::move(description);
  Result<RunnableModel> model = find_runnable_model(
      setup->description, arguments.model ? arguments.model : setup->baseline.model_file);
  if (!model) return fail(std::move(model).error());
  setup->model = *std::move(model);
  Result<std::optional<Profile>> profile = find_profile(std::nullopt, setup->model.path);
  if (!profile) return fail(std::move(profile).error());
  setup->profile = *std::move(profile);
  setup->provenance = gather_provenance(work);
  setup->start_new = runner_starter(kind, invocation.own_program, work);
  find_old_runner(*setup);
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "rerun", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  watch_for_interruption();
  return stored->end(rerun_and_answer(arguments, *setup, **runner, *inconclusive, *stored));
}

}  // namespace fusesweep
