#include "harness/cli/generate_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <limits>
#include <numeric>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/work_folder.h"
#include "harness/measure/prompts.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

double seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

std::string timing(const DecodeResult& result, std::size_t prompt) {
  std::string text;
  if (result.prefill_ns) {
    text += fmt::format("prefill {} tokens in {:.1f} ms ({:.2f} tok/s)", prompt,
                        1e3 * seconds(*result.prefill_ns),
                        static_cast<double>(prompt) / seconds(*result.prefill_ns));
  }
  const std::int64_t decode_ns =
      result.sum ? result.sum->ns
                 : std::accumulate(result.token_ns.begin(), result.token_ns.end(), std::int64_t{0});
  const std::int64_t tokens =
      result.sum ? result.sum->tokens : static_cast<std::int64_t>(result.token_ns.size());
  if (decode_ns > 0) {
    text += fmt::format("; decode {} tokens in {:.1f} ms ({:.2f} tok/s)", tokens,
                        1e3 * seconds(decode_ns), static_cast<double>(tokens) / seconds(decode_ns));
  }
  return text + '\n';
}

}  // namespace

Result<Answer> run_generate(const GenerateArguments& arguments,
                            const std::filesystem::path& own_program) {
  const Result<std::int64_t> count =
      parse_integer(arguments.count, 1, std::numeric_limits<int>::max());
  if (!count) return fail_with_context(count.error(), "-n");
  // The runner knows the vocabulary.
  const Result<std::vector<int>> prompt = parse_ids(arguments.ids, std::numeric_limits<int>::max());
  if (!prompt) return fail_with_context(prompt.error(), "--ids");
  Result<RunnerOptions> options = read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());
  options->stop_at_eos = arguments.stop_at_eos;

  const std::filesystem::path manifest = std::filesystem::absolute(arguments.manifest);
  // A runner reads within its work folder only; the manifest's own is one that has it.
  const std::filesystem::path work =
      arguments.work ? std::filesystem::absolute(*arguments.work) : manifest.parent_path();
  Result<std::unique_ptr<RunnerClient>> runner = start_runner(arguments.runner, own_program, work);
  if (!runner) return fail(std::move(runner).error());
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  Result<Opened> opened = (*runner)->open({.manifest = manifest, .options = *options}, progress);
  if (!opened) return fail(std::move(opened).error());
  const Result<DecodeResult> result =
      opened->session->decode({.prompt = *prompt, .decode_tokens = static_cast<int>(*count) - 1});
  if (!result) return fail(result.error());
  if (result->recorded) {
    return not_recorded("a record holds no generated ids; fusesweep bench shows its runs");
  }
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["manifest"] = manifest.string();
    document["runner"] = arguments.runner;
    document["prompt"] = *prompt;
    document.update(to_json(*result));
    return Answer(to_text(document) + '\n');
  }
  Answer answer(fmt::format("{}\n", fmt::join(result->ids, ",")));
  answer.remark = timing(*result, prompt->size());
  return answer;
}

}  // namespace fusesweep
