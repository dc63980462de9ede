#include "harness/cli/sweep_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/gate_limits_argument.h"
#include "harness/cli/interruption.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/share_argument.h"

namespace fusesweep {
namespace {

Result<void> read_numbers(const SweepArguments& arguments, SweepSpec& spec) {
  const Result<void> counts = read_each_count(
      {{arguments.prompt_tokens, "--prompt-tokens", 1, spec.prompt_tokens},
       {arguments.decode_tokens, "--decode-tokens", 1, spec.decode_tokens},
       {arguments.decodings, "--decodings", 1, spec.decodings},
       {arguments.turn_tokens, "--turn-tokens", 0, spec.turn_tokens},
       {arguments.positions, "--positions", 1, spec.positions},
       {arguments.prompts, "--gate-prompts", 1, spec.prompts},
       {arguments.gate_prompt_tokens, "--gate-prompt-tokens", 1, spec.gate_prompt_tokens},
       {arguments.greedy_tokens, "--greedy-tokens", 0, spec.greedy_tokens}});
  if (!counts) return counts;
  const Result<double> target = read_share(arguments.target_rel, "--target-rel");
  if (!target) return fail(target.error());
  const Result<double> margin = read_share(arguments.margin_rel, "--margin-rel");
  if (!margin) return fail(margin.error());
  const Result<int> budget_s = read_count(arguments.budget_s, "--budget-s", 1);
  if (!budget_s) return fail(budget_s.error());
  const Result<std::int64_t> seed =
      parse_integer(arguments.seed, 0, std::numeric_limits<std::int64_t>::max());
  if (!seed) return fail_with_context(seed.error(), "--seed");
  spec.target_rel = *target;
  spec.margin_rel = *margin;
  spec.budget = std::chrono::seconds(*budget_s);
  spec.seed = static_cast<std::uint64_t>(*seed);
  return {};
}

}  // namespace

Result<void> check_room(const SweepSpec& spec, const ShardIdentity& shape) {
  const int needed = std::max({spec.positions, spec.gate_prompt_tokens + spec.greedy_tokens,
                               spec.prompt_tokens + spec.decode_tokens}) +
                     shape.tokens - 1;
  if (shape.context >= needed) return {};
  return invalid_input(
      fmt::format("--context: found {} positions, want at least {} for what is decoded and gated",
                  shape.context, needed));
}

Result<SweepSetup> read_sweep_setup(const SweepArguments& arguments, RunnerClient& runner,
                                    const std::filesystem::path& work,
                                    const Invocation& invocation) {
  SweepSetup setup;
  Result<RunnerOptions> options = read_run_options(std::nullopt, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());
  setup.spec.options = *std::move(options);
  setup.work = work;
  setup.threads = available_threads();
  setup.is_fresh = arguments.fresh;
  setup.is_interrupted = is_interrupted;
  if (auto read = read_numbers(arguments, setup.spec); !read) return fail(std::move(read).error());
  Result<RunnerDescription> description = runner.describe(setup.spec.options);
  if (!description) return fail(std::move(description).error());
  setup.description = *std::move(description);
  Result<RunnableModel> model = find_runnable_model(setup.description, arguments.model);
  if (!model) return fail(std::move(model).error());
  setup.model = *std::move(model);
  Result<std::optional<Profile>> profile = find_profile(arguments.profile, setup.model.path);
  if (!profile) return fail(std::move(profile).error());
  setup.profile = *std::move(profile);
  const Result<GateLimits> limits =
      read_gate_limits_argument(arguments.limits, setup.description.device_kind);
  if (!limits) return fail(limits.error());
  setup.limits = *limits;
  if (arguments.memory) {
    const Result<std::uint64_t> memory = parse_bytes(*arguments.memory);
    if (!memory) return fail_with_context(memory.error(), "--memory");
    setup.memory_bytes = *memory;
  }
  setup.start_afresh = [&runner] { runner.end_program(); };
  setup.start_runner = runner_starter(arguments.runner, invocation.own_program, work);
  return setup;
}

}  // namespace fusesweep
