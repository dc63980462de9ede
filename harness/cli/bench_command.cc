#include "harness/cli/bench_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/run_arguments.h"
#include "harness/cli/runner_argument.h"
#include "harness/cli/runner_text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/measure/prompts.h"
#include "harness/stats/quantile.h"
#include "harness/sweep/prepared_split.h"
#include "harness/sweep/qualification.h"
#include "harness/sweep/stored_words.h"
#include "runners/cpu/read_bandwidth.h"
#include "runners/protocol/messages.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kMost = std::numeric_limits<int>::max();
constexpr std::uint64_t kMaxPromptBytes = 64 << 20;
constexpr int kGeneratedPrompts = 1;
constexpr int kMostRecorded = 10'000;  // runs of a split in a record

struct Workload {
  std::vector<Prompt> prompts;
  int decode_tokens = 0;
  int repeat = 0;
};

// One decode of one prompt.
struct Pass {
  std::string prompt;
  std::size_t prompt_tokens = 0;
  DecodeResult result;
};

struct Bench {
  RunnerDescription runner;
  RunnableModel model;
  PreparedSplit split;
  std::string split_text;
  Opened opened;
  std::vector<Pass> passes;
  std::optional<double> read_gb_per_s;  // at best, by as many threads
  Qualification qualification;
};

Result<Workload> read_workload(const BenchArguments& arguments, int vocab_size) {
  const Result<std::int64_t> prompt_tokens = parse_integer(arguments.prompt_tokens, 1, kMost);
  if (!prompt_tokens) return fail_with_context(prompt_tokens.error(), "--prompt-tokens");
  const Result<std::int64_t> decode_tokens = parse_integer(arguments.decode_tokens, 1, kMost);
  if (!decode_tokens) return fail_with_context(decode_tokens.error(), "--decode-tokens");
  const Result<std::int64_t> repeat = parse_integer(arguments.repeat, 1, 1'000'000);
  if (!repeat) return fail_with_context(repeat.error(), "--repeat");
  Workload workload{.prompts = {},
                    .decode_tokens = static_cast<int>(*decode_tokens),
                    .repeat = static_cast<int>(*repeat)};
  if (!arguments.prompts) {
    workload.prompts =
        built_in_prompts(vocab_size, kGeneratedPrompts, static_cast<int>(*prompt_tokens));
    return workload;
  }
  const Result<std::string> text = read_file(*arguments.prompts, kMaxPromptBytes);
  if (!text) return fail_with_context(text.error(), "--prompts");
  Result<std::vector<Prompt>> prompts =
      parse_prompts(*text, one_line(*arguments.prompts), vocab_size);
  if (!prompts) return fail(std::move(prompts).error());
  workload.prompts = *std::move(prompts);
  return workload;
}

double to_ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

std::vector<double> token_ms(const Bench& bench) {
  std::vector<double> all;
  for (const Pass& pass : bench.passes) {
    for (const std::int64_t ns : times_of_steps(pass.result.token_ns, pass.result.sum))
      all.push_back(to_ms(ns));
  }
  return all;
}

struct GroupMs {
  std::string group;
  double ms_per_token = 0;
};

// The median over all tokens; of runs that were told only in sum, over the means of their calls.
std::vector<GroupMs> groups_of(const Bench& bench) {
  std::vector<std::string> names;
  std::vector<std::vector<double>> ms;
  const auto add = [&](std::size_t group, const std::string& name, std::int64_t ns) {
    if (group == names.size()) {
      names.push_back(name);
      ms.emplace_back();
    }
    ms[group].push_back(to_ms(ns));
  };
  for (const Pass& pass : bench.passes) {
    const DecodeResult& result = pass.result;
    for (const auto& step : result.group_ns) {
      for (std::size_t g = 0; g < step.size(); ++g) add(g, result.groups[g], step[g]);
    }
    if (!result.sum) continue;
    const std::vector<GroupSum> means = mean_of_call(*result.sum);
    for (std::size_t g = 0; g < means.size(); ++g) add(g, means[g].group, means[g].ns);
  }
  std::vector<GroupMs> groups;
  for (std::size_t g = 0; g < names.size(); ++g) groups.push_back({names[g], *median(ms[g])});
  return groups;
}

bool is_in_sum(const Bench& bench) {
  return std::any_of(bench.passes.begin(), bench.passes.end(),
                     [](const Pass& pass) { return pass.result.sum.has_value(); });
}

std::string ms_or(const std::optional<std::int64_t>& ns) {
  return ns ? fmt::format("{:.2f}", to_ms(*ns)) : std::string("-");
}

std::string title(const Bench& bench) {
  return fmt::format("{} of {} on {} ({})\n", bench.split_text, one_line(bench.model.name),
                     one_line(bench.runner.name), one_line(bench.runner.device));
}

// Runs that somebody else made: one line each, nothing worked out of them.
std::string recorded_table(const Bench& bench) {
  const auto or_dash = [](const std::optional<double>& x) {
    return x ? fmt::format("{:.3f}", *x) : std::string("-");
  };
  std::string text =
      title(bench) +
      "recorded: these runs were made and written down by others; fusesweep measured none of them\n"
      "  run   tok/s  layers ms/token  head ms/token  notes\n";
  for (std::size_t i = 0; i < bench.passes.size(); ++i) {
    const DecodeResult& result = bench.passes[i].result;
    const RecordedRun& run = *result.recorded;
    std::vector<std::string> notes;
    for (const std::string& note : result.notes) notes.push_back(one_line(note));
    text += fmt::format("{:>5}  {:>6.3f}  {:>15}  {:>13}  {}", i, run.decode_tok_per_s,
                        or_dash(run.layers_ms_per_token), or_dash(run.head_ms_per_token),
                        fmt::join(notes, "; "));
    text += '\n';
  }
  return text;
}

std::string table(const Bench& bench) {
  const std::vector<double> tokens = token_ms(bench);
  const double token = *median(tokens);
  const auto [fastest, slowest] = std::minmax_element(tokens.begin(), tokens.end());
  std::string text = title(bench);
  text += bench.qualification.standing == Standing::kQualified
              ? "qualified: every gate has passed\n"
              : fmt::format("ungated: {}\n", one_line(bench.qualification.reason));
  if (const std::string emulated = emulated_text(bench.runner); !emulated.empty())
    text += emulated + '\n';
  text += '\n';
  text += fmt::format("decode   {:.2f} tok/s  ({:.3f} ms/token, median of {}; {:.3f} to {:.3f})\n",
                      1e3 / token, token, tokens.size(), *fastest, *slowest);
  if (is_in_sum(bench)) text += "         told only in sum: each is the mean of one decoding\n";
  for (std::size_t i = 0; i < bench.passes.size(); ++i) {
    const Pass& pass = bench.passes[i];
    if (!pass.result.prefill_ns || (i > 0 && bench.passes[i - 1].prompt == pass.prompt)) continue;
    const double ms = to_ms(*pass.result.prefill_ns);
    text += fmt::format("prefill  {:.2f} tok/s  (TTFT {:.1f} ms for the {} tokens of {})\n",
                        1e3 * static_cast<double>(pass.prompt_tokens) / ms, ms, pass.prompt_tokens,
                        one_line(pass.prompt));
  }
  const double gb_per_s = static_cast<double>(bench.split.weight_bytes) / 1e6 / token;
  text += fmt::format("weights  {} a token, {:.1f} GB/s", format_bytes(bench.split.weight_bytes),
                      gb_per_s);
  if (bench.read_gb_per_s) {
    text += fmt::format(": {:.0f} % of the {:.1f} GB/s that this machine reads",
                        100 * gb_per_s / *bench.read_gb_per_s, *bench.read_gb_per_s);
  }
  text += '\n';
  const RunCounters& counters = bench.passes.back().result.decode_counters;
  if (counters.anonymous_bytes)
    text += fmt::format("memory   {} anonymous\n",
                        format_bytes(static_cast<std::uint64_t>(*counters.anonymous_bytes)));
  text += fmt::format("load     {} ms\n\n", ms_or(bench.opened.load_ns));

  text += fmt::format("{:<12} {:>9} {:>7} {:>9} {:>12}\n", "group", "ms/token", "share", "load ms",
                      "first call ms");
  for (const auto& [group, ms] : groups_of(bench)) {
    const auto load = std::find_if(
        bench.opened.groups.begin(), bench.opened.groups.end(),
        [&, name = std::cref(group)](const GroupLoad& known) { return known.group == name.get(); });
    const bool is_loaded = load != bench.opened.groups.end();
    text += fmt::format("{:<12} {:>9.3f} {:>5.1f} % {:>9} {:>12}\n", one_line(group), ms,
                        100 * ms / token, is_loaded ? ms_or(load->load_ns) : "-",
                        is_loaded ? ms_or(load->activation_ns) : "-");
  }
  return text;
}

Json or_null(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json document_of(const Bench& bench) {
  const bool is_recorded = bench.runner.evidence == Evidence::kRecorded;
  Json document = json_document(kSchemaVersion);
  document["split"] = bench.split_text;
  document["model"] = bench.model.name;
  document["runner"] = to_json(bench.runner);
  document["evidence"] = is_recorded ? "recorded" : "measured";
  document["standing"] = to_text(bench.qualification.standing);
  document["standing_reason"] = bench.qualification.reason;
  document["weight_bytes_per_token"] = bench.split.weight_bytes;
  document["read_gb_per_s"] = bench.read_gb_per_s ? Json(*bench.read_gb_per_s) : Json(nullptr);
  document["load_ns"] = or_null(bench.opened.load_ns);
  Json& loads = document["loads"] = Json::array();
  for (const GroupLoad& load : bench.opened.groups) {
    loads.push_back({{"group", load.group},
                     {"load_ns", or_null(load.load_ns)},
                     {"activation_ns", or_null(load.activation_ns)}});
  }
  if (!is_recorded) {
    const double token = *median(token_ms(bench));
    document["tok_per_s"] = 1e3 / token;
    document["ms_per_token"] = token;
    Json& groups = document["groups"] = Json::array();
    for (const auto& [group, ms] : groups_of(bench))
      groups.push_back({{"group", group}, {"ms_per_token", ms}});
  }
  Json& passes = document["passes"] = Json::array();
  for (const Pass& pass : bench.passes) {
    Json entry = {{"prompt", pass.prompt}, {"prompt_tokens", pass.prompt_tokens}};
    entry.update(to_json(pass.result));
    passes.push_back(std::move(entry));
  }
  return document;
}

Json disqualified_document(const Bench& bench) {
  Json document = json_document(kSchemaVersion);
  document["split"] = bench.split_text;
  document["model"] = bench.model.name;
  document["runner"] = to_json(bench.runner);
  document["standing"] = to_text(bench.qualification.standing);
  document["standing_reason"] = bench.qualification.reason;
  return document;
}

// Whether a runner, which anybody may have written, said all that is shown.
Result<void> check_whole(const DecodeResult& result, const RunnerDescription& runner) {
  const bool is_whole = runner.evidence == Evidence::kRecorded
                            ? result.recorded.has_value()
                            : result.sum || (!result.token_ns.empty() &&
                                             result.group_ns.size() == result.token_ns.size());
  if (is_whole) return {};
  return unavailable(
      fmt::format("{}: decode: found {} times of tokens and {} of their groups, want {}",
                  one_line(runner.name), result.token_ns.size(), result.group_ns.size(),
                  runner.evidence == Evidence::kRecorded ? "a recorded run"
                                                         : "as many of both, and one at least"));
}

// Every prompt as often as asked, or every run that was recorded.
Result<void> decode_all(Session& session, const Workload& workload, Progress& progress,
                        Bench& bench) {
  const bool is_recorded = bench.runner.evidence == Evidence::kRecorded;
  if (!is_recorded) {
    progress.begin_stage("decoding",
                         workload.prompts.size() * static_cast<std::size_t>(workload.repeat));
  }
  for (const Prompt& prompt : workload.prompts) {
    progress.set_item(prompt.name);
    for (int i = 0; i < (is_recorded ? kMostRecorded : workload.repeat); ++i) {
      Result<DecodeResult> result =
          session.decode({.prompt = prompt.ids, .decode_tokens = workload.decode_tokens});
      if (!result && result.error().code == ErrorCode::kNotRecorded && !bench.passes.empty())
        return {};
      if (!result) return fail(std::move(result).error());
      if (auto whole = check_whole(*result, bench.runner); !whole) return whole;
      bench.passes.push_back({prompt.name, prompt.ids.size(), *std::move(result)});
      progress.advance();
    }
  }
  return {};
}

// Every pass with its raw samples; runs of a record are in the record.
Result<void> store_passes(StoredRun& stored, const Bench& bench, const SplitToPrepare& wanted,
                          const Subject& subject, const Conditions& conditions) {
  for (const Pass& pass : bench.passes) {
    if (pass.result.recorded) continue;
    const DecodeResult& result = pass.result;
    const ShardIdentity& shape = wanted.shape;
    const DecodeRow row{.model = bench.model.hash,
                        .contract_hash = hash_of(bench.model.contract),
                        .split = bench.split_text,
                        .split_key = subject.key,
                        .conditions = conditions,
                        .workload = {{"prompt", pass.prompt},
                                     {"tokens", shape.tokens},
                                     {"context", shape.context},
                                     {"encoding", to_text(shape.encoding)},
                                     {"kv_form", to_text(shape.kv_form)},
                                     {"head_shards", wanted.head_shards},
                                     {"threads", wanted.options.threads}},
                        .evidence = "measured",
                        .prompt_tokens = static_cast<int>(pass.prompt_tokens),
                        .ids = result.ids,
                        .prefill_ns = result.prefill_ns,
                        .groups = result.groups,
                        .token_ns = result.token_ns,
                        .group_ns = result.group_ns,
                        .counters = row_of(result.decode_counters),
                        .sum = result.sum};
    if (auto put = stored.store.put_decode(stored.id, row); !put) return put;
  }
  return {};
}

// What is known before anything runs: the split that was asked for, of what, and on what.
struct Subjects {
  SplitToPrepare wanted;
  Workload workload;
};

Result<Answer> measure(const BenchArguments& arguments, const Subjects& asked, RunnerClient& runner,
                       StoredRun& stored, Bench bench) {
  const SplitToPrepare& wanted = asked.wanted;
  const Result<std::vector<ShardIdentity>> shards =
      shards_of(bench.model, wanted.split, wanted.shape, wanted.head_shards);
  if (!shards) return fail(shards.error());
  const Conditions conditions = conditions_of(bench.runner, wanted.options);
  Result<Qualification> qualification =
      qualification_of(stored.store, bench.model, wanted.split, *shards, conditions);
  if (!qualification) return fail(std::move(qualification).error());
  bench.qualification = *std::move(qualification);
  if (bench.qualification.standing == Standing::kDisqualified) {
    Answer answer({}, ExitCode::kFailed);
    answer.remark = fmt::format("{} is not measured: disqualified by {}\n", bench.split_text,
                                one_line(bench.qualification.reason));
    if (arguments.json) answer.text = to_text(disqualified_document(bench)) + '\n';
    return answer;
  }
  if (auto put = stored.store.put_runner(row_of(bench.runner)); !put) return fail(put.error());
  if (auto put = stored.store.put_model(row_of(bench.model)); !put) return fail(put.error());

  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  Result<PreparedSplit> prepared =
      prepare_split(runner, bench.runner, bench.model, wanted, progress);
  if (!prepared) return fail(std::move(prepared).error());
  bench.split = *std::move(prepared);
  qualification = qualification_of(stored.store, bench.model, wanted.split, *shards, conditions,
                                   contents_of(*shards, bench.split));
  if (!qualification) return fail(std::move(qualification).error());
  bench.qualification = *std::move(qualification);

  // Before the weights are there, which take memory, and while nothing else runs.
  if (arguments.runner == "cpu") {
    const int threads = wanted.options.threads > 0 ? wanted.options.threads : available_threads();
    const Result<ReadBandwidth> read = measure_read_bandwidth({.threads = threads}, progress);
    if (read) bench.read_gb_per_s = read->best_gb_per_s;
  }
  Result<Opened> opened = runner.open(bench.split.open, progress);
  if (!opened) return fail(std::move(opened).error());
  bench.opened = *std::move(opened);
  if (auto done = decode_all(*bench.opened.session, asked.workload, progress, bench); !done)
    return fail(std::move(done).error());
  const Subject subject = subject_of(wanted.split, *shards);
  if (auto put = store_passes(stored, bench, wanted, subject, conditions); !put)
    return fail(put.error());
  if (arguments.json) return Answer(to_text(document_of(bench)) + '\n');
  return Answer(bench.runner.evidence == Evidence::kRecorded ? recorded_table(bench)
                                                             : table(bench));
}

}  // namespace

Result<Answer> run_bench(const BenchArguments& arguments, const Invocation& invocation) {
  Result<Split> split = parse_split(arguments.split);
  if (!split) return fail_with_context(std::move(split).error(), "--split");
  const Result<ShardIdentity> shape = read_shard_arguments(arguments.tokens, arguments.context,
                                                           arguments.encoding, arguments.kv_form);
  if (!shape) return fail(shape.error());
  const Result<int> head_shards = read_head_shards(arguments.head_shards);
  if (!head_shards) return fail(head_shards.error());
  Result<RunnerOptions> options = read_run_options(arguments.threads, arguments.residency_limit);
  if (!options) return fail(std::move(options).error());

  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  Result<std::unique_ptr<RunnerClient>> runner =
      start_runner(arguments.runner, invocation.own_program, work);
  if (!runner) return fail(std::move(runner).error());
  Result<RunnerDescription> description = (*runner)->describe(*options);
  if (!description) return fail(std::move(description).error());
  Bench bench{.runner = *std::move(description), .split_text = to_text(*split)};

  Result<RunnableModel> model = find_runnable_model(bench.runner, arguments.model);
  if (!model) return fail(std::move(model).error());
  bench.model = *std::move(model);
  Result<Workload> workload = read_workload(arguments, bench.model.contract.vocab_size);
  if (!workload) return fail(std::move(workload).error());
  const Subjects asked{.wanted = {.split = *std::move(split),
                                  .shape = *shape,
                                  .head_shards = *head_shards,
                                  .work = work,
                                  .options = *options},
                       .workload = *std::move(workload)};
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work, "bench", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  return stored->end(measure(arguments, asked, **runner, *stored, std::move(bench)));
}

}  // namespace fusesweep
