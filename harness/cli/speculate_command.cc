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
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/default_model.h"
#include "harness/cli/interruption.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/runner_text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/speculate_text.h"
#include "harness/cli/split_arguments.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/speculate.h"
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
  NgramRange& ngrams = spec.speculation.ngrams;
  const Result<int> ngram_min = read_count(arguments.ngram_min, "--ngram-min", 1, kMostNgram);
  if (!ngram_min) return fail(ngram_min.error());
  ngrams.min = *ngram_min;
  const Result<int> ngram_max =
      read_count(arguments.ngram_max, "--ngram-max", ngrams.min, kMostNgram);
  if (!ngram_max) return fail(ngram_max.error());
  ngrams.max = *ngram_max;
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
  Result<RunnerOptions> options = read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());
  Result<RunnerDescription> description = runner.describe(*options);
  if (!description) return fail(std::move(description).error());
  Result<RunnableModel> model = find_runnable_model(*description, arguments.model);
  if (!model) return fail(std::move(model).error());
  Result<Split> split = parse_split(arguments.split, model->contract.n_layers);
  if (!split) return fail_with_context(std::move(split).error(), "--split");
  SpeculateSetup setup{.spec = {.split = *std::move(split)},
                       .description = *std::move(description),
                       .is_fresh = arguments.fresh,
                       .is_interrupted = is_interrupted};
  if (auto read = read_spec(arguments, setup.spec); !read) return fail(std::move(read).error());
  GateSetup& gates = setup.gates;
  gates.model = *std::move(model);
  Result<std::optional<Profile>> profile = find_profile(std::nullopt, gates.model.path);
  if (!profile) return fail(std::move(profile).error());
  gates.profile = *std::move(profile);
  Result<ShardIdentity> shape =
      read_shard_arguments("1", arguments.context, arguments.encoding, arguments.kv_form);
  if (!shape) return fail(std::move(shape).error());
  gates.shape = *std::move(shape);
  const Result<int> head_shards = read_head_shards(arguments.head_shards);
  if (!head_shards) return fail(head_shards.error());
  gates.head_shards = *head_shards;
  const Result<void> counts = read_each_count(
      {{arguments.positions, "--positions", 1, gates.positions},
       {arguments.prompts, "--gate-prompts", 1, gates.prompts},
       {arguments.gate_prompt_tokens, "--gate-prompt-tokens", 1, gates.prompt_tokens},
       {arguments.greedy_tokens, "--greedy-tokens", 0, gates.greedy_tokens}});
  if (!counts) return fail(counts.error());
  gates.options = *std::move(options);
  gates.work = work;
  gates.limits = default_limits(setup.description.device_kind);
  gates.stored = arguments.fresh ? StoredVerdicts::kIgnore : StoredVerdicts::kUse;
  gates.threads = available_threads();
  return setup;
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
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["run"] = to_text(stored.id);
    document["sweep"] = to_text(answer->sweep);
    document["model"] = setup.gates.model.name;
    document["runner"] = to_json(setup.description);
    document.update(to_json(answer->report));
    document["interrupted"] = answer->is_interrupted;
    said.text = to_text(document) + '\n';
    return said;
  }
  said.text =
      fmt::format("{} of {} on {} ({})\n", answer->report.split, one_line(setup.gates.model.name),
                  one_line(setup.description.name), one_line(setup.description.device));
  const std::string emulated = emulated_text(setup.description);
  if (!emulated.empty()) said.text += emulated + '\n';
  said.text += speculation_table(answer->report);
  if (answer->is_interrupted)
    said.text += "interrupted: what was done is kept; the same command goes on from here\n";
  return said;
}

}  // namespace

Result<Answer> run_speculate_command(const SpeculateArguments& typed,
                                     const Invocation& invocation) {
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
