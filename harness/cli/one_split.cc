#include "harness/cli/one_split.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/cli/model_argument.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/split_arguments.h"

namespace fusesweep {

Result<OneSplit> read_one_split(const OneSplitArguments& arguments, const std::string& tokens,
                                RunnerClient& runner, const std::filesystem::path& work) {
  Result<RunnerOptions> options = read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());
  Result<RunnerDescription> description = runner.describe(*options);
  if (!description) return fail(std::move(description).error());
  if (description->evidence == Evidence::kRecorded)
    return invalid_input("--runner: found one that replays a record, want one that measures");
  Result<RunnableModel> model = find_runnable_model(*description, arguments.model);
  if (!model) return fail(std::move(model).error());
  Result<Split> split = parse_split(arguments.split, model->contract.n_layers);
  if (!split) return fail_with_context(std::move(split).error(), "--split");
  Result<std::optional<Profile>> profile = find_profile(std::nullopt, model->path);
  if (!profile) return fail(std::move(profile).error());
  Result<ShardIdentity> shape =
      read_shard_arguments(tokens, arguments.context, arguments.encoding, arguments.kv_form);
  if (!shape) return fail(std::move(shape).error());
  const Result<int> head_shards = read_head_shards(arguments.head_shards);
  if (!head_shards) return fail(head_shards.error());
  const GateLimits limits = default_limits(description->device_kind);
  return OneSplit{
      .split = *std::move(split),
      .description = *std::move(description),
      .gates = {.model = *std::move(model),
                .profile = *std::move(profile),
                .shape = *std::move(shape),
                .head_shards = *head_shards,
                .options = *std::move(options),
                .work = work,
                .fixtures = {},
                .limits = limits,
                .only = {},
                .stored = arguments.fresh ? StoredVerdicts::kIgnore : StoredVerdicts::kUse,
                .threads = available_threads()}};
}

std::string heading_text(const Split& split, const RunnableModel& model,
                         const RunnerDescription& runner) {
  std::string text = fmt::format("{} of {} on {} ({})\n", to_text(split), one_line(model.name),
                                 one_line(runner.name), one_line(runner.device));
  const std::string emulated = emulated_text(runner);
  if (!emulated.empty()) text += emulated + '\n';
  return text;
}

}  // namespace fusesweep
