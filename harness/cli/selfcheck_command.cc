#include "harness/cli/selfcheck_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/default_model.h"
#include "harness/cli/interruption.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/selfcheck_text.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/selfcheck.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kQuickBlocks = 60;  // some two minutes of the miniature model

Result<void> read_numbers(const SelfcheckArguments& arguments, SelfcheckSpec& spec) {
  const Result<void> counts =
      read_each_count({{arguments.prompt_tokens, "--prompt-tokens", 1, spec.prompt_tokens},
                       {arguments.decode_tokens, "--decode-tokens", 1, spec.decode_tokens},
                       {arguments.decodings, "--decodings", 1, spec.decodings},
                       {arguments.turn_tokens, "--turn-tokens", 0, spec.turn_tokens}});
  if (!counts) return counts;
  const Result<std::int64_t> seed =
      parse_integer(arguments.seed, 0, std::numeric_limits<std::int64_t>::max() / 1000 - 1);
  if (!seed) return fail_with_context(seed.error(), "--seed");
  spec.seed = static_cast<std::uint64_t>(*seed);
  if (arguments.quick) {
    spec.blocks = kQuickBlocks;
    spec.conditions = {MeasuringCondition::kIdle};
    spec.physical = {};
  }
  if (!arguments.blocks) return {};
  const Result<int> blocks = read_count(*arguments.blocks, "--blocks", 6);
  if (!blocks) return fail(blocks.error());
  spec.blocks = *blocks;
  return {};
}

Result<SelfcheckSetup> read_setup(const SelfcheckArguments& arguments, RunnerClient& runner,
                                  const std::filesystem::path& work) {
  Result<OneSplit> read_split = read_one_split(arguments, arguments.tokens, runner, work);
  if (!read_split) return fail(std::move(read_split).error());
  SelfcheckSetup setup{.spec = {.split = std::move(read_split->split)},
                       .gates = std::move(read_split->gates),
                       .description = std::move(read_split->description),
                       .is_fresh = arguments.fresh,
                       .is_interrupted = is_interrupted};
  if (auto read = read_numbers(arguments, setup.spec); !read) return fail(std::move(read).error());
  return setup;
}

std::string in_minutes(std::chrono::seconds time) {
  return time < std::chrono::seconds(120) ? fmt::format("{} seconds", time.count())
                                          : fmt::format("{} minutes", (time.count() + 30) / 60);
}

Result<Answer> check_and_answer(const SelfcheckArguments& arguments, const SelfcheckSetup& setup,
                                Runner& runner, StoredRun& stored) {
  const SystemClock clock;
  const Result<SelfcheckAnswer> answer = [&] {
    Progress progress(Progress::on_terminal(stderr), clock);
    return run_selfcheck(setup, {runner, stored.store, stored.id, clock, progress});
  }();
  if (!answer) return fail(answer.error());
  Answer said;
  said.exit_code = answer->is_interrupted ? ExitCode::kInterrupted : ExitCode::kDone;
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["run"] = to_text(stored.id);
    document["model"] = setup.gates.model.name;
    document["runner"] = to_json(setup.description);
    document.update(to_json(answer->figures));
    document["new_blocks"] = answer->new_blocks;
    document["interrupted"] = answer->is_interrupted;
    said.text = to_text(document) + '\n';
    return said;
  }
  said.text = heading_text(setup.spec.split, setup.gates.model, setup.description);
  said.text += '\n' + selfcheck_table(answer->figures);
  if (answer->is_interrupted)
    said.text += "interrupted: what was done is kept; the same command goes on from here\n";
  else if (answer->new_blocks == 0)
    said.text += "nothing was left to do: all of this was known from before (--fresh asks anew)\n";
  return said;
}

}  // namespace

Result<Answer> run_selfcheck_command(const SelfcheckArguments& typed,
                                     const Invocation& invocation) {
  SelfcheckArguments arguments = typed;
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  if (auto filled =
          fill_in_default_model(work, arguments.runner, arguments.model, arguments.residency_limit);
      !filled)
    return fail(std::move(filled).error());
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<SelfcheckSetup> setup = read_setup(arguments, **runner, work);
  if (!setup) return fail(std::move(setup).error());
  setup->start_runner = runner_starter(arguments.runner, invocation.own_program, work);
  setup->say = [](std::chrono::seconds time) {
    fmt::print(stderr, "this takes about {}\n", in_minutes(time));
  };
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "selfcheck", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  watch_for_interruption();
  return stored->end(check_and_answer(arguments, *setup, **runner, *stored));
}

}  // namespace fusesweep
