#include "harness/cli/speculate_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/default_model.h"
#include "harness/cli/interruption.h"
#include "harness/cli/report_files.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/speculate_text.h"
#include "harness/cli/speculation_log.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/speculate.h"
#include "reports/speculation_rows.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr const char* kMeasured = "measured";

Result<std::vector<int>> read_verifier_tokens(const std::string& typed) {
  std::vector<int> all;
  for (const std::string_view part : split_text(typed, ',')) {
    const Result<int> tokens = read_count(std::string(part), "--verifier-tokens",
                                          kLeastVerifiedTokens, kMostVerifiedTokens);
    if (!tokens) return fail(tokens.error());
    if (std::find(all.begin(), all.end(), *tokens) != all.end())
      return invalid_input(
          fmt::format("--verifier-tokens: found {} twice, want each once", *tokens));
    all.push_back(*tokens);
  }
  return all;
}

// The one of them that is called so.
template <typename Choice, std::size_t count>
Result<Choice> read_choice(const std::string& typed, const char* flag,
                           const std::array<Choice, count>& choices) {
  std::string names;
  for (const Choice choice : choices) {
    if (to_text(choice) == typed) return choice;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_text(choice));
  }
  return invalid_input(fmt::format("{}: found {}, want one of {}", flag, quote(typed), names));
}

Result<double> read_guard(const std::string& typed) {
  double guard = -1;
  const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), guard);
  if (error == std::errc() && end == typed.data() + typed.size() && guard >= 0 && guard < 1e6)
    return guard;
  return invalid_input(fmt::format(
      "--guard: found {}, want measured, or a difference of logits, 0 or more", quote(typed)));
}

Result<NgramRange> read_ngrams(const SpeculateArguments& arguments) {
  const Result<int> min = read_count(arguments.ngram_min, "--ngram-min", 1, kMostNgram);
  if (!min) return fail(min.error());
  const Result<int> max = read_count(arguments.ngram_max, "--ngram-max", *min, kMostNgram);
  if (!max) return fail(max.error());
  return NgramRange{*min, *max};
}

Result<void> read_spec(const SpeculateArguments& arguments, SpeculateSpec& spec) {
  Result<std::vector<int>> tokens = read_verifier_tokens(arguments.verifier_tokens);
  if (!tokens) return fail(std::move(tokens).error());
  spec.tokens = *std::move(tokens);
  const Result<VerifierLoading> loading =
      read_choice(arguments.verifier, "--verifier",
                  std::array{VerifierLoading::kBeside, VerifierLoading::kAlone});
  if (!loading) return fail(loading.error());
  spec.loading = *loading;
  const Result<SpeculativeWorkload> workload =
      read_choice(arguments.workload, "--workload",
                  std::array{SpeculativeWorkload::kTiled, SpeculativeWorkload::kRandom,
                             SpeculativeWorkload::kOracle});
  if (!workload) return fail(workload.error());
  spec.workload = *workload;
  const Result<NgramRange> ngrams = read_ngrams(arguments);
  if (!ngrams) return fail(ngrams.error());
  spec.speculation.ngrams = *ngrams;
  if (arguments.guard) {
    if (spec.loading == VerifierLoading::kAlone)
      return invalid_input("--guard: found --verifier alone, want beside: one token decides");
    spec.is_guard_measured = *arguments.guard == kMeasured;
    if (!spec.is_guard_measured) {
      const Result<double> guard = read_guard(*arguments.guard);
      if (!guard) return fail(guard.error());
      spec.speculation.guard = *guard;
    }
  }
  const Result<void> counts =
      read_each_count({{arguments.prompt_tokens, "--prompt-tokens", 1, spec.prompt_tokens},
                       {arguments.decode_tokens, "--decode-tokens", 1, spec.decode_tokens},
                       {arguments.decodings, "--decodings", 1, spec.decodings},
                       {arguments.blocks, "--blocks", 1, spec.blocks}});
  if (!counts) return counts;
  const Result<std::int64_t> seed =
      parse_integer(arguments.seed, 0, std::numeric_limits<std::int64_t>::max());
  if (!seed) return fail_with_context(seed.error(), "--seed");
  spec.seed = static_cast<std::uint64_t>(*seed);
  return {};
}

Result<SpeculateSetup> read_setup(const SpeculateArguments& arguments, RunnerClient& runner,
                                  const std::filesystem::path& work) {
  Result<OneSplit> read_split = read_one_split(arguments, "1", runner, work);
  if (!read_split) return fail(std::move(read_split).error());
  SpeculateSetup setup{.spec = {.split = std::move(read_split->split)},
                       .gates = std::move(read_split->gates),
                       .description = std::move(read_split->description),
                       .is_fresh = arguments.fresh,
                       .is_interrupted = is_interrupted};
  if (auto read = read_spec(arguments, setup.spec); !read) return fail(std::move(read).error());
  GateSetup& gates = setup.gates;
  const Result<void> counts = read_each_count(
      {{arguments.positions, "--positions", 1, gates.positions},
       {arguments.prompts, "--gate-prompts", 1, gates.prompts},
       {arguments.gate_prompt_tokens, "--gate-prompt-tokens", 1, gates.prompt_tokens},
       {arguments.greedy_tokens, "--greedy-tokens", 0, gates.greedy_tokens}});
  if (!counts) return fail(counts.error());
  return setup;
}

Answer json_answer(const Json& members) {
  Json document = json_document(kSchemaVersion);
  document.update(members);
  return to_text(document) + '\n';
}

ExitCode exit_code_of(const SpeculateAnswer& answer) {
  const auto& arms = answer.report.arms;
  if (answer.is_interrupted) return ExitCode::kInterrupted;
  if (std::none_of(arms.begin(), arms.end(), [](const SpeculativeArm& arm) {
        return arm.exactness.outcome == GateOutcome::kPass;
      }))
    return ExitCode::kFailed;
  return answer.report.dirt.empty() ? ExitCode::kDone : ExitCode::kInconclusive;
}

// Of what the store now holds, so that it says what `fusesweep report` says.
Result<WrittenReport> write_report(const Store& store, const Uuid& id,
                                   const std::filesystem::path& folder, const Clock& clock) {
  const Result<SpeculationRows> rows = read_speculation(store, to_text(id));
  if (!rows) return fail(rows.error());
  return write_speculation_report(*rows, folder, {.formats = {ReportFormat::kHtml}}, clock);
}

Result<Answer> speculate_and_answer(const SpeculateArguments& arguments,
                                    const SpeculateSetup& setup, Runner& runner,
                                    StoredRun& stored) {
  const SystemClock clock;
  const Result<SpeculateAnswer> answer = [&] {
    Progress progress(Progress::on_terminal(stderr), clock);
    return run_speculate(setup, {runner, stored.store, stored.id, clock, progress});
  }();
  if (!answer) return fail(answer.error());
  Answer said;
  said.exit_code = exit_code_of(*answer);
  WrittenReport report;
  if (!answer->is_interrupted) {
    Result<WrittenReport> written =
        write_report(stored.store, answer->sweep, setup.gates.work / "reports", clock);
    if (!written) return fail(std::move(written).error());
    report = *std::move(written);
  }
  if (arguments.json) {
    Json document = to_json(answer->report);
    document["run"] = to_text(stored.id);
    document["sweep"] = to_text(answer->sweep);
    document["model"] = setup.gates.model.name;
    document["runner"] = to_json(setup.description);
    document["report"] = report.files.empty() ? Json(nullptr) : Json(report.files.front().string());
    document["interrupted"] = answer->is_interrupted;
    said.text = json_answer(document).text;
    return said;
  }
  said.text = heading_text(setup.spec.split, setup.gates.model, setup.description);
  said.text += speculation_table(answer->report);
  said.text += report_lines(report);
  if (answer->is_interrupted)
    said.text += "interrupted: what was done is kept; the same command goes on from here\n";
  return said;
}

// Of ids that are known already: nothing is run.
Result<Answer> simulate_and_answer(const SpeculateArguments& arguments, const std::string& file) {
  const Result<std::vector<int>> tokens = read_verifier_tokens(arguments.verifier_tokens);
  if (!tokens) return fail(tokens.error());
  const Result<NgramRange> ngrams = read_ngrams(arguments);
  if (!ngrams) return fail(ngrams.error());
  const Result<std::vector<SpeculationLog>> logs = read_speculation_logs(file);
  if (!logs) return fail_with_context(logs.error(), "--log");
  const SimulatedSpeculation simulated = simulate(*logs, *tokens, *ngrams);
  return arguments.json ? json_answer(to_json(simulated)) : Answer(simulation_text(simulated));
}

}  // namespace

Result<Answer> run_speculate_command(const SpeculateArguments& typed,
                                     const Invocation& invocation) {
  if (typed.log) return simulate_and_answer(typed, *typed.log);
  if (const auto facts = recorded_facts_of(typed.runner)) {
    return typed.json ? json_answer(recorded_speculation_json(*facts))
                      : Answer(recorded_speculation_text(*facts));
  }
  SpeculateArguments arguments = typed;
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  if (auto filled =
          fill_in_default_model(work, arguments.runner, arguments.model, arguments.residency_limit);
      !filled)
    return fail(std::move(filled).error());
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<SpeculateSetup> setup = read_setup(arguments, **runner, work);
  if (!setup) return fail(std::move(setup).error());
  setup->start_runner = runner_starter(arguments.runner, invocation.own_program, work);
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "speculate", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  watch_for_interruption();
  return stored->end(speculate_and_answer(arguments, *setup, **runner, *stored));
}

}  // namespace fusesweep
