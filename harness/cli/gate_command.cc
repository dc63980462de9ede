#include "harness/cli/gate_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/gate_limits_argument.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/runner_text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/gate/gate_names.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/shard_gates.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/package_shape.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Asked {
  GateSetup setup;
  std::optional<Split> split;
  std::vector<ShardKind> kinds;  // where it is no split
  std::filesystem::path package;
};

// "0:2048", rows of the vocabulary.
Result<HeadSlice> read_head_slice(const std::string& text, const Contract& contract,
                                  int head_shards) {
  const std::vector<std::string_view> parts = split_text(text, ':');
  if (parts.size() == 2) {
    const Result<std::int64_t> begin = parse_integer(parts[0], 0, contract.vocab_size - 1);
    const Result<std::int64_t> end = parse_integer(parts[1], 1, contract.vocab_size);
    if (begin && end && *begin < *end)
      return HeadSlice{static_cast<int>(*begin), static_cast<int>(*end), head_shards};
  }
  return invalid_input(fmt::format("--head-slice: found {}, want V0:V1 with 0 <= V0 < V1 <= {}",
                                   quote(text), contract.vocab_size));
}

// What the package is of: as it was typed, or the only thing that it can be.
Result<ShardKind> kind_of_package(const GateArguments& arguments, const PackageShape& shape,
                                  const Contract& contract, int head_shards) {
  if (arguments.head_slice) return read_head_slice(*arguments.head_slice, contract, head_shards);
  if (!arguments.segments.empty()) return read_segment(arguments.segments.front(), contract);
  if (const auto* layers = std::get_if<LayersShape>(&shape.part)) {
    if (layers->layers == contract.n_layers) return Segment{0, contract.n_layers};
    return invalid_input(
        fmt::format("--package: found {} layers, want --segment A:B to say which", layers->layers));
  }
  const std::int64_t rows = std::get<HeadShape>(shape.part).vocab_rows;
  if (rows == contract.vocab_size) return HeadSlice{0, contract.vocab_size, 1};
  return invalid_input(fmt::format(
      "--package: found {} rows of a head, want --head-slice V0:V1 to say which", rows));
}

// The shape that was typed; what was not is the package's own, if there is one.
Result<ShardIdentity> read_shape(const GateArguments& arguments,
                                 const std::optional<PackageShape>& package) {
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  if (package) {
    tokens = std::to_string(package->tokens);
    if (package->encoding) encoding = to_text(*package->encoding);
    if (const auto* layers = std::get_if<LayersShape>(&package->part)) {
      context = std::to_string(layers->context);
      kv_form = to_text(layers->kv_form);
    }
  }
  return read_shard_arguments(
      arguments.tokens.value_or(tokens), arguments.context.value_or(context),
      arguments.encoding.value_or(encoding), arguments.kv_form.value_or(kv_form));
}

Result<void> check_one_subject(const GateArguments& arguments) {
  const int subjects = (arguments.split ? 1 : 0) + (arguments.package ? 1 : 0) +
                       (!arguments.package && (!arguments.segments.empty() || arguments.head));
  if (subjects != 1) {
    return invalid_input(
        subjects == 0
            ? "found nothing to gate, want --split S, --segment A:B, --head or --package P"
            : "found several things to gate, want one of --split, --segment and "
              "--head, --package");
  }
  if (arguments.head_slice && !arguments.package)
    return invalid_input("--head-slice: found no package that it is of, want --package P with it");
  const std::size_t parts =
      arguments.segments.size() + (arguments.head_slice ? 1 : 0) + (arguments.head ? 1 : 0);
  if (arguments.package && (parts > 1 || arguments.head)) {
    return invalid_input(
        "--package: found several parts that it may be of, want one --segment or --head-slice");
  }
  return {};
}

// The full stack is of splits only.
Result<void> check_room(const GateSetup& setup, bool is_split) {
  const bool is_stack = is_split && (setup.only.empty() || setup.only.contains("full-stack"));
  const int needed =
      std::max(setup.positions, is_stack ? setup.prompt_tokens + setup.greedy_tokens : 0);
  // The slice form writes a whole call's rows, padding too.
  if (needed + setup.shape.tokens - 1 <= setup.shape.context) return {};
  return invalid_input(fmt::format(
      "--context: found {} positions, want at least {} for --positions, and for --prompt-tokens "
      "with --greedy-tokens",
      setup.shape.context, needed + setup.shape.tokens - 1));
}

Result<Asked> read_arguments(const GateArguments& arguments, const RunnerDescription& runner,
                             const RunnerOptions& options, const std::filesystem::path& work) {
  Asked asked;
  GateSetup& setup = asked.setup;
  setup.options = options;
  setup.work = work;
  setup.threads = options.threads > 0 ? options.threads : available_threads();
  Result<RunnableModel> model = find_runnable_model(runner, arguments.model);
  if (!model) return fail(std::move(model).error());
  setup.model = *std::move(model);
  Result<std::optional<Profile>> profile = find_profile(arguments.profile, setup.model.path);
  if (!profile) return fail(std::move(profile).error());
  setup.profile = *std::move(profile);
  const Result<GateLimits> limits = read_gate_limits_argument(arguments.limits, runner.device_kind);
  if (!limits) return fail(limits.error());
  setup.limits = *limits;
  if (arguments.only) {
    Result<std::set<std::string, std::less<>>> only = parse_gates(*arguments.only);
    if (!only) return fail_with_context(std::move(only).error(), "--only");
    setup.only = *std::move(only);
  }
  setup.after_failure = arguments.keep_going ? AfterFailure::kGoOn : AfterFailure::kStop;
  const Result<void> counts =
      read_each_count({{arguments.positions, "--positions", 1, setup.positions},
                       {arguments.prompts, "--prompts", 1, setup.prompts},
                       {arguments.prompt_tokens, "--prompt-tokens", 1, setup.prompt_tokens},
                       {arguments.greedy_tokens, "--greedy-tokens", 0, setup.greedy_tokens}});
  if (!counts) return fail(counts.error());
  const Result<int> head_shards = read_head_shards(arguments.head_shards);
  if (!head_shards) return fail(head_shards.error());
  setup.head_shards = *head_shards;

  std::optional<PackageShape> package_shape;
  if (arguments.package) {
    asked.package = std::filesystem::absolute(*arguments.package);
    const Result<Package> package = Package::open(asked.package);
    if (!package) return fail(package.error());
    Result<PackageShape> shape = read_package_shape(*package);
    if (!shape) return fail_with_context(std::move(shape).error(), one_line(*arguments.package));
    package_shape = *std::move(shape);
  }
  const Result<ShardIdentity> shape = read_shape(arguments, package_shape);
  if (!shape) return fail(shape.error());
  setup.shape = *shape;
  const Contract& contract = setup.model.contract;
  if (package_shape) {
    Result<ShardKind> kind =
        kind_of_package(arguments, *package_shape, contract, setup.head_shards);
    if (!kind) return fail(std::move(kind).error());
    asked.kinds.push_back(*std::move(kind));
  } else if (arguments.split) {
    Result<Split> split = parse_split(*arguments.split);
    if (!split) return fail_with_context(std::move(split).error(), "--split");
    asked.split = *std::move(split);
  } else {
    for (const std::string& typed : arguments.segments) {
      const Result<Segment> segment = read_segment(typed, contract);
      if (!segment) return fail(segment.error());
      asked.kinds.emplace_back(*segment);
    }
    const Result<std::vector<HeadSlice>> slices = head_slices(contract, setup.head_shards);
    if (!slices) return fail_with_context(slices.error(), "--head-shards");
    if (arguments.head) asked.kinds.insert(asked.kinds.end(), slices->begin(), slices->end());
  }
  if (auto room = check_room(setup, asked.split.has_value()); !room)
    return fail(std::move(room).error());
  return asked;
}

Result<std::vector<Gated>> gate_all(GateWorkbench& bench, const Asked& asked) {
  if (asked.split) return gate_split(bench, *asked.split);
  std::vector<Gated> all;
  if (auto added = add_gated(all, gate_model(bench)); !added) return fail(std::move(added).error());
  ShardGates gates(bench);
  for (const ShardKind& kind : asked.kinds) {
    auto added = add_gated(
        all, asked.package.empty() ? gates.gate(kind) : gates.gate_package(asked.package, kind));
    if (!added) return fail(std::move(added).error());
  }
  return all;
}

// How many verdicts there are of each kind.
struct Tally {
  int passed = 0;
  int failed = 0;
  int open = 0;      // not run, or not enough data
  int accepted = 0;  // not run, which the limits accept
};

Tally tally_of(const std::vector<Gated>& all, const GateLimits& limits) {
  Tally tally;
  for (const Gated& gated : all) {
    for (const GateVerdict& verdict : gated.verdicts) {
      if (verdict.outcome == GateOutcome::kPass) {
        ++tally.passed;
      } else if (verdict.outcome == GateOutcome::kFail) {
        ++tally.failed;
      } else if (!hinders(verdict, limits)) {
        ++tally.accepted;
      } else {
        ++tally.open;
      }
    }
  }
  return tally;
}

std::string conclusion(const std::vector<Gated>& all, const Asked& asked) {
  const Tally tally = tally_of(all, asked.setup.limits);
  const auto counted = [&](int count) {
    return fmt::format("{} {}", count, count == 1 ? "gate" : "gates");
  };
  if (tally.failed > 0) {
    return fmt::format("{}{} failed; disqualified by {}",
                       asked.split ? to_text(*asked.split) + ": " : "", counted(tally.failed),
                       *disqualification(all));
  }
  if (tally.open > 0) {
    return fmt::format("{} passed and none failed, but {} not run or had too little data: no pass",
                       counted(tally.passed),
                       fmt::format("{} {}", counted(tally.open), tally.open == 1 ? "was" : "were"));
  }
  if (asked.split && asked.setup.only.empty())
    return fmt::format("qualified: all {} passed{}", counted(tally.passed),
                       tally.accepted == 0
                           ? ""
                           : fmt::format(", {} not run and accepted so", counted(tally.accepted)));
  if (tally.passed == 0) return "no gate was run";
  return fmt::format("{} passed, and none failed", counted(tally.passed));
}

std::string table(const std::vector<Gated>& all, const Asked& asked,
                  const RunnerDescription& runner) {
  std::string text =
      fmt::format("{} of {} on {} ({})\n", asked.split ? to_text(*asked.split) : "shards",
                  one_line(asked.setup.model.name), one_line(runner.name), one_line(runner.device));
  if (runner.evidence == Evidence::kRecorded)
    text += "recorded: others saw and wrote down what is judged here\n";
  if (const std::string emulated = emulated_text(runner); !emulated.empty())
    text += emulated + '\n';
  std::size_t widest = 4;
  for (const Gated& gated : all) widest = std::max(widest, gated.subject.text.size());
  text += fmt::format("\n{:<{}}  {:<15}  {:<15}  {}\n", "what", widest, "gate", "outcome", "why");
  for (const Gated& gated : all) {
    std::string name = one_line(gated.subject.text);
    for (const GateVerdict& verdict : gated.verdicts) {
      text += fmt::format("{:<{}}  {:<15}  {:<15}  {}\n", name, widest, verdict.gate,
                          to_text(verdict.outcome), one_line(verdict.reason));
      name.clear();
    }
  }
  return text + '\n' + conclusion(all, asked) + '\n';
}

Json document_of(const std::vector<Gated>& all, const Asked& asked, const RunnerDescription& runner,
                 const Uuid& run) {
  const Tally tally = tally_of(all, asked.setup.limits);
  const std::optional<std::string> why = disqualification(all);
  Json document = json_document(kSchemaVersion);
  document["run"] = to_text(run);
  document["model"] = asked.setup.model.name;
  document["runner"] = to_json(runner);
  document["evidence"] = runner.evidence == Evidence::kRecorded ? "recorded" : "measured";
  document["split"] = asked.split ? Json(to_text(*asked.split)) : Json(nullptr);
  document["limits"] = to_json(asked.setup.limits);
  const bool is_all = asked.split && asked.setup.only.empty() && tally.passed > 0;
  document["qualified"] = tally.failed > 0            ? Json(false)
                          : tally.open > 0 || !is_all ? Json(nullptr)
                                                      : Json(true);
  document["disqualified_by"] = why ? Json(*why) : Json(nullptr);
  Json& list = document["gated"] = Json::array();
  for (const Gated& gated : all) {
    Json verdicts = Json::array();
    for (const GateVerdict& verdict : gated.verdicts) verdicts.push_back(to_json(verdict));
    list.push_back({{"kind", gated.subject.kind},
                    {"what", gated.subject.text},
                    {"key", gated.subject.key},
                    {"verdicts", std::move(verdicts)}});
  }
  return document;
}

Result<Answer> gate_and_answer(const GateArguments& arguments, const Asked& asked, Runner& runner,
                               const RunnerDescription& description, StoredRun& stored) {
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  if (arguments.retry_failed) {
    if (const Result<int> forgotten = stored.store.forget_failures(asked.setup.model.hash);
        !forgotten)
      return fail(forgotten.error());
  }
  Result<GateWorkbench> bench =
      GateWorkbench::create(runner, description, asked.setup, stored.store, stored.id, progress);
  if (!bench) return fail(std::move(bench).error());
  const Result<std::vector<Gated>> all = gate_all(*bench, asked);
  if (!all) return fail(all.error());
  const Tally tally = tally_of(*all, asked.setup.limits);
  Answer answer(arguments.json ? to_text(document_of(*all, asked, description, stored.id)) + '\n'
                               : table(*all, asked, description));
  if (tally.failed > 0) {
    answer.exit_code = ExitCode::kFailed;
  } else if (tally.open > 0 || tally.passed == 0) {
    answer.exit_code = ExitCode::kInconclusive;
  }
  return answer;
}

}  // namespace

Result<Answer> run_gate(const GateArguments& arguments, const Invocation& invocation) {
  if (auto one = check_one_subject(arguments); !one) return fail(std::move(one).error());
  Result<RunnerOptions> options = read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  const Result<RunnerDescription> description = (*runner)->describe(*options);
  if (!description) return fail(description.error());
  const Result<Asked> asked = read_arguments(arguments, *description, *options, work);
  if (!asked) return fail(asked.error());
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "gate", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  return stored->end(gate_and_answer(arguments, *asked, **runner, *description, *stored));
}

}  // namespace fusesweep
