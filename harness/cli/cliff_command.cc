#include "harness/cli/cliff_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/interruption.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/runner_text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/plan/cliff_search.h"
#include "harness/sweep/cliff_prober.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Found {
  CliffResult result;
  std::optional<TellingShard> telling;
  int n_layers = 0;
  int asked = 0;
  int stored = 0;
};

std::string amount(CliffExplanation::Quantity quantity, std::uint64_t value) {
  return quantity == CliffExplanation::Quantity::kWeightBytes ? format_bytes(value)
                                                              : std::to_string(value);
}

std::string doubts(const Found& found) {
  const CliffResult& result = found.result;
  std::string text;
  for (const CliffSurprise& surprise : result.surprises) {
    text += fmt::format("{}: {} is resident, {} is not\n", to_text(surprise.kind),
                        to_text(surprise.resident), to_text(surprise.not_resident));
  }
  if (result.lower_edge) {
    text += fmt::format("too short: shards of {} layers and fewer are refused, {} are resident\n",
                        result.lower_edge->first_not_resident, result.lower_edge->last_resident);
  }
  if (!result.not_recorded.empty())
    text += fmt::format("not recorded: lengths {}\n", fmt::join(result.not_recorded, ", "));
  for (const ProbeAnswer& answer : result.answers) {
    if (answer.is_resident && answer.wrong)
      text += fmt::format("{} is resident and golden fails: {}\n", to_text(answer.probe.segment),
                          one_line(*answer.wrong));
  }
  return text;
}

std::string explanations(const Found& found) {
  const CliffResult& result = found.result;
  std::string text;
  for (const CliffExplanation& explanation : result.explanations) {
    text += fmt::format(
        "{}{} between {} and {}\n", text.empty() ? "it may be by " : "          or by ",
        to_text(explanation.quantity), amount(explanation.quantity, explanation.resident_most),
        amount(explanation.quantity, explanation.not_resident_least));
  }
  if (result.next) {
    text +=
        fmt::format("next to build: {}, which halves what is not known\n", to_text(*result.next));
  } else if (found.telling) {
    text += fmt::format(
        "next to build: {} as {}: {} of weights in {} layers tells bytes from the others\n",
        to_text(found.telling->segment), to_text(found.telling->encoding),
        format_bytes(found.telling->weight_bytes), found.telling->segment.layers());
  }
  return text;
}

// The fronts that nobody needs to try.
std::string inferred(const Found& found) {
  const std::optional<CliffEdge>& edge = found.result.edge;
  if (!edge || edge->last_resident == 0) return {};
  std::vector<int> lengths;
  for (int length = edge->first_not_resident + 1; length <= found.n_layers; ++length) {
    if (beyond_cliff(found.result.answers, {0, length}) &&
        std::none_of(found.result.answers.begin(), found.result.answers.end(),
                     [&](const ProbeAnswer& answer) {
                       return answer.is_recorded && answer.probe.segment == Segment{0, length};
                     }))
      lengths.push_back(length);
  }
  if (lengths.empty()) return {};
  return fmt::format("beyond the cliff, inferred and not tried: fronts of {} to {} layers\n",
                     lengths.front(), lengths.back());
}

std::string table(const Found& found, const RunnableModel& model, const RunnerDescription& runner) {
  const CliffResult& result = found.result;
  std::string text = fmt::format("{} on {} ({})\n", one_line(model.name), one_line(runner.name),
                                 one_line(runner.device));
  if (runner.evidence == Evidence::kRecorded)
    text += "recorded: others saw and wrote down where these shards ran\n";
  if (const std::string emulated = emulated_text(runner); !emulated.empty())
    text += emulated + '\n';
  text += fmt::format("\n{}\n", in_words(result, found.n_layers));
  if (result.first_failure)
    text += fmt::format("what failed first: {}\n", to_text(*result.first_failure));
  text += doubts(found) + explanations(found);
  text += inferred(found);
  text += fmt::format("\n{:<9}  {:>10}  {:>10}  {:<13}  {}\n", "shard", "weights", "operations",
                      "resident", "why");
  std::set<std::string> reasons;  // a long one is not said twice
  for (const ProbeAnswer& answer : result.answers) {
    const bool is_new = reasons.insert(answer.reason).second;
    const std::string said = !answer.is_recorded  ? "not recorded"
                             : answer.is_resident ? "yes"
                             : answer.failure     ? fmt::format("no: {}", to_text(*answer.failure))
                                                  : "no";
    text += fmt::format(
        "{:<9}  {:>10}  {:>10}  {:<13}  {}{}\n", to_text(answer.probe.segment),
        format_bytes(answer.weight_bytes),
        answer.operations ? std::to_string(*answer.operations) : "-", said,
        answer.probe.attempt > 1 ? "once more: " : "",
        is_new || answer.is_resident || !answer.is_recorded ? one_line(answer.reason) : "as above");
  }
  return text +
         fmt::format("\n{} asked of the runner, {} known from before\n", found.asked, found.stored);
}

Json document_of(const Found& found, const RunnableModel& model, const RunnerDescription& runner,
                 const Uuid& run) {
  Json document = json_document(kSchemaVersion);
  document["run"] = to_text(run);
  document["model"] = model.name;
  document["n_layers"] = found.n_layers;
  document["runner"] = to_json(runner);
  document["evidence"] = runner.evidence == Evidence::kRecorded ? "recorded" : "measured";
  document["cliff"] = to_json(found.result);
  document["telling_shard"] =
      found.telling ? Json{{"segment", {found.telling->segment.begin, found.telling->segment.end}},
                           {"encoding", to_text(found.telling->encoding)},
                           {"weight_bytes", found.telling->weight_bytes}}
                    : Json(nullptr);
  document["asked"] = found.asked;
  document["stored"] = found.stored;
  return document;
}

Result<Answer> search_and_answer(const CliffArguments& arguments, ProberSetup setup,
                                 const CliffQuestion& question, Runner& runner,
                                 const RunnerDescription& description, StoredRun& stored) {
  if (arguments.retry_failed) {
    if (const Result<int> forgotten = stored.store.forget_failures(setup.model.hash); !forgotten)
      return fail(forgotten.error());
  }
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  const RunnableModel model = setup.model;
  const Encoding encoding = setup.shape.encoding;
  Result<CliffProber> prober =
      CliffProber::create(runner, description, std::move(setup), stored.store, stored.id, progress);
  if (!prober) return fail(std::move(prober).error());
  CliffSearch search(question);
  watch_for_interruption();
  Result<std::optional<CliffResult>> result = find_cliff(search, *prober, is_interrupted, progress);
  if (!result) return fail(std::move(result).error());
  if (!*result) {
    Answer answer({}, ExitCode::kInterrupted);
    answer.remark = "interrupted: what was asked is kept; the same command goes on from here\n";
    return answer;
  }
  Found found{.result = **std::move(result), .n_layers = question.n_layers};
  found.telling = find_telling_shard(found.result, model.contract, encoding);
  found.asked = prober->asked();
  found.stored = prober->stored();
  Answer answer(arguments.json ? to_text(document_of(found, model, description, stored.id)) + '\n'
                               : table(found, model, description));
  if (!found.result.edge || !found.result.surprises.empty())
    answer.exit_code = ExitCode::kInconclusive;
  // Nothing was placed anywhere: that is no cliff, but a runner that cannot do it.
  const auto is_placed = [](const ProbeAnswer& probe) {
    return probe.is_resident || probe.failure == ProbeFailure::kPlan;
  };
  const auto& answers = found.result.answers;
  const bool is_known = std::any_of(answers.begin(), answers.end(),
                                    [](const ProbeAnswer& probe) { return probe.is_recorded; });
  if (is_known && std::none_of(answers.begin(), answers.end(), is_placed))
    answer.exit_code = ExitCode::kEnvironment;
  return answer;
}

}  // namespace

Result<Answer> run_cliff(const CliffArguments& arguments, const Invocation& invocation) {
  const Result<ShardIdentity> shape = read_shard_arguments(arguments.tokens, arguments.context,
                                                           arguments.encoding, arguments.kv_form);
  if (!shape) return fail(shape.error());
  const Result<RunnerOptions> options =
      read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(options.error());
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  const Result<RunnerDescription> description = (*runner)->describe(*options);
  if (!description) return fail(description.error());
  Result<RunnableModel> model = find_runnable_model(*description, arguments.model);
  if (!model) return fail(std::move(model).error());
  CliffQuestion question{.n_layers = model->contract.n_layers,
                         .first_guess = first_guess(*description, model->contract, shape->encoding),
                         .is_exhaustive = arguments.exhaustive};
  if (arguments.first_guess) {
    const Result<std::int64_t> guess = parse_integer(*arguments.first_guess, 1, question.n_layers);
    if (!guess) return fail_with_context(guess.error(), "--first-guess");
    question.first_guess = static_cast<int>(*guess);
  }
  ProberSetup setup{.model = *std::move(model),
                    .shape = *shape,
                    .options = *options,
                    .work = work,
                    .stored = arguments.again          ? StoredAnswers::kIgnore
                              : arguments.retry_failed ? StoredAnswers::kUseButFailures
                                                       : StoredAnswers::kUse,
                    .start_afresh = [&runner] { (*runner)->end_program(); }};
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "cliff", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  return stored->end(
      search_and_answer(arguments, std::move(setup), question, **runner, *description, *stored));
}

}  // namespace fusesweep
