#include "harness/cli/baseline_set_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/stored_runs.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/baseline.h"
#include "harness/sweep/sweep_spec.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

// Sweeps only: selfchecks and reruns are kept beside them.
Result<StoredSweep> find_stored_sweep(const Store& store, const std::optional<std::string>& typed) {
  Result<std::vector<StoredSweep>> sweeps = store.sweeps();
  if (!sweeps) return fail(std::move(sweeps).error());
  std::erase_if(*sweeps, [&](const StoredSweep& sweep) {
    return sweep.sweep.spec.contains("kind") || (!typed && !sweep.ended_unix_ms);
  });
  if (!typed && sweeps->empty())
    return invalid_input("found no sweep that has ended, want one: fusesweep sweep makes it");
  if (!typed) return sweeps->back();
  std::vector<Uuid> ids;
  for (const StoredSweep& sweep : *sweeps) ids.push_back(sweep.id);
  const Result<Uuid> id = find_id(ids, *typed, "sweep");
  if (!id) return fail_with_context(id.error(), "--sweep");
  return *std::find_if(sweeps->begin(), sweeps->end(),
                       [&](const StoredSweep& sweep) { return sweep.id == *id; });
}

// What measured the sweep, as far as its name says: one of ours is called by its name.
Result<std::string> runner_of(const Store& store, const StoredSpec& spec,
                              const std::optional<std::string>& typed) {
  if (typed) return *typed;
  const Result<std::optional<RunnerRow>> row = store.find_runner(spec.conditions.runner);
  if (!row) return fail(row.error());
  for (const RunnerKind& kind : runner_kinds()) {
    if (*row && (*row)->name == kind.name) return (*row)->name;
  }
  return invalid_input("--runner: found nothing, want what measured the sweep");
}

// Where the model lies that the sweep was of: the one typed, or the default one.
std::string model_of(const std::filesystem::path& work, const std::optional<std::string>& typed) {
  return typed.value_or((work / "models" / "nano.gguf").string());
}

Result<Answer> set_and_answer(const BaselineSetArguments& arguments, const BaselineRequest& request,
                              const BaselinePlace& place) {
  const Result<Baseline> baseline = set_baseline(request, place);
  if (!baseline) return fail(baseline.error());
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["baseline"] = to_json(*baseline);
    return Answer(to_text(document) + '\n');
  }
  std::string text =
      fmt::format("baseline {} of sweep {}:\n", baseline->name, to_text(baseline->sweep));
  for (const BaselineSplit& split : baseline->splits)
    text += fmt::format("  {}  {:.2f} tok/s\n", one_line(split.name), 1e3 / split.ms_per_token);
  if (baseline->control)
    text += fmt::format("  {} with it, to compare through where the program cannot run any more\n",
                        one_line(baseline->control->name));
  text += fmt::format("fusesweep rerun {} measures against it\n", baseline->name);
  return Answer(std::move(text));
}

}  // namespace

Result<Answer> run_baseline_set(const BaselineSetArguments& arguments,
                                const Invocation& invocation) {
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  const SystemClock clock;
  Result<Store> store = open_stored(work, clock);
  if (!store) return fail(std::move(store).error());
  Result<StoredSweep> sweep = find_stored_sweep(*store, arguments.sweep);
  if (!sweep) return fail(std::move(sweep).error());
  const Result<StoredSpec> spec = read_sweep_spec(sweep->sweep.spec);
  if (!spec) return fail(spec.error());
  const Result<std::string> kind = runner_of(*store, *spec, arguments.runner);
  if (!kind) return fail(kind.error());
  Result<std::vector<std::string>> words = words_of_runner(*kind, invocation.own_program);
  if (!words) return fail_with_context(std::move(words).error(), "--runner");
  Result<std::unique_ptr<RunnerClient>> runner = start_runner(*kind, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<RunnerDescription> description = (*runner)->describe(spec->spec.options);
  if (!description) return fail(std::move(description).error());
  Result<RunnableModel> model = find_runnable_model(*description, model_of(work, arguments.model));
  if (!model) return fail_with_context(std::move(model).error(), "--model");
  const std::filesystem::path program = program_of(words->front());
  const bool is_ours = !kind->starts_with("--");
  BaselineRunner called{.kind = *kind, .words = *std::move(words)};
  if (is_ours) called.words.erase(called.words.begin());
  Progress progress(Progress::on_terminal(stderr), clock);
  return set_and_answer(
      arguments, {.name = arguments.name, .sweep = *std::move(sweep), .splits = arguments.splits},
      {.work = work,
       .store = *store,
       .runner = **runner,
       .description = *std::move(description),
       .called = std::move(called),
       .program = program,
       .model = *std::move(model),
       .clock = clock,
       .progress = progress});
}

}  // namespace fusesweep
