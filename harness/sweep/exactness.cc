#include "harness/sweep/exactness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/gate/exactness_gate.h"
#include "harness/measure/random.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/tensor_run.h"

namespace fusesweep {
namespace {

Result<void> check_runner(const RunnerDescription& description) {
  if (can(description, kSpeculateCapability)) return {};
  return unavailable(fmt::format("runner {}: found no capability {}, want it", description.name,
                                 kSpeculateCapability));
}

std::optional<std::size_t> first_difference(const std::vector<int>& found,
                                            const std::vector<int>& wanted) {
  const auto [at, other] = std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
  if (at == found.end() && other == wanted.end()) return std::nullopt;
  return static_cast<std::size_t>(at - found.begin());
}

std::optional<int> id_at(const std::vector<int>& ids, std::size_t at) {
  return at < ids.size() ? std::optional(ids[at]) : std::nullopt;
}

Result<Opened> open_split(GateWorkbench& bench, const SplitToPrepare& wanted) {
  const Result<PreparedSplit> prepared = prepare_split(
      bench.runner(), bench.description(), bench.setup().model, wanted, bench.progress());
  if (!prepared) return fail(prepared.error());
  return bench.runner().open(prepared->open, bench.progress());
}

// One set of shards at a time is loaded: both together may be more than a process holds.
class ExactnessRun {
 public:
  ExactnessRun(GateWorkbench& bench, const ExactnessSetup& setup)
      : bench_(bench),
        setup_(setup),
        prompts_(speculation_prompts(bench.setup().model.contract.vocab_size, setup.prompts,
                                     setup.prompt_tokens)) {}

  Result<std::vector<ExactnessComparison>> compare() {
    const Result<std::vector<DecodeResult>> wanted = decode_all(greedy_split(), std::nullopt);
    if (!wanted) return fail(wanted.error());
    const Result<std::vector<DecodeResult>> found =
        decode_all(speculative_split(bench_.setup(), setup_.split, setup_.tokens, setup_.loading),
                   setup_.speculation);
    if (!found) return fail(found.error());
    std::vector<ExactnessComparison> comparisons;
    bool is_first = true;
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      comparisons.push_back(compare_ids(prompts_[i].name, (*found)[i], (*wanted)[i].ids));
      if (!comparisons.back().divergence || !is_first) continue;
      is_first = false;
      if (auto added = add_logits(prompts_[i], (*wanted)[i].ids, *comparisons.back().divergence);
          !added)
        return fail(std::move(added).error());
    }
    return comparisons;
  }

 private:
  SplitToPrepare greedy_split() const {
    return speculative_split(bench_.setup(), setup_.split, 1, VerifierLoading::kAlone);
  }

  Result<Opened> open(const SplitToPrepare& wanted) { return open_split(bench_, wanted); }

  Result<std::vector<DecodeResult>> decode_all(const SplitToPrepare& wanted,
                                               const std::optional<Speculation>& speculation) {
    const Result<Opened> opened = open(wanted);
    if (!opened) return fail(opened.error());
    bench_.progress().begin_stage("decoding", prompts_.size());
    std::vector<DecodeResult> results;
    for (const Prompt& prompt : prompts_) {
      Result<DecodeResult> result = opened->session->decode({.prompt = prompt.ids,
                                                             .decode_tokens = setup_.decode_tokens,
                                                             .speculation = speculation});
      if (!result) return fail(std::move(result).error());
      if (speculation && result->passes.size() != result->token_ns.size())
        return unavailable("decode: found steps that are no speculative passes, want all to be");
      results.push_back(*std::move(result));
      bench_.progress().advance();
    }
    return results;
  }

  static ExactnessComparison compare_ids(const std::string& prompt, const DecodeResult& found,
                                         const std::vector<int>& wanted) {
    ExactnessComparison comparison{.prompt = prompt, .tokens = wanted.size()};
    for (const SpeculativePass& pass : found.passes) comparison.guard_calls += pass.guard_calls;
    if (const std::optional<std::size_t> at = first_difference(found.ids, wanted)) {
      comparison.divergence = ExactnessDivergence{
          .at = *at, .found = id_at(found.ids, *at), .wanted = id_at(wanted, *at)};
    }
    return comparison;
  }

  // By the shards of one token a call.
  Result<void> add_logits(const Prompt& prompt, const std::vector<int>& wanted,
                          ExactnessDivergence& divergence) {
    std::vector<int> ids = prompt.ids;
    ids.insert(ids.end(), wanted.begin(),
               wanted.begin() + static_cast<std::ptrdiff_t>(divergence.at));
    const Result<Opened> opened = open(greedy_split());
    if (!opened) return fail(opened.error());
    const Result<std::vector<GroupValues>> outputs =
        run_ids(*opened->session, ids, bench_.next_scratch());
    if (!outputs) return fail(outputs.error());
    const auto vocab = static_cast<std::size_t>(bench_.setup().model.contract.vocab_size);
    if (outputs->empty() || outputs->back().values.size() != ids.size() * vocab) return {};
    const auto last = std::span(outputs->back().values).last(vocab);
    const auto logit = [&](const std::optional<int>& id) -> std::optional<double> {
      if (!id || *id < 0 || static_cast<std::size_t>(*id) >= vocab) return std::nullopt;
      return last[static_cast<std::size_t>(*id)];
    };
    divergence.found_logit = logit(divergence.found);
    divergence.wanted_logit = logit(divergence.wanted);
    return {};
  }

  GateWorkbench& bench_;
  const ExactnessSetup& setup_;
  std::vector<Prompt> prompts_;
};

}  // namespace

SplitToPrepare speculative_split(const GateSetup& gates, const Split& split, int tokens,
                                 VerifierLoading loading) {
  SplitToPrepare wanted{.split = split,
                        .shape = gates.shape,
                        .head_shards = gates.head_shards,
                        .work = gates.work,
                        .options = gates.options};
  if (loading == VerifierLoading::kBeside) {
    wanted.verifier_tokens = tokens;
  } else {
    wanted.shape.tokens = tokens;
  }
  return wanted;
}

Result<Subject> speculative_subject(const GateSetup& gates, const ExactnessSetup& setup) {
  const Result<std::vector<ShardIdentity>> shards =
      shards_of(gates.model, speculative_split(gates, setup.split, setup.tokens, setup.loading));
  if (!shards) return fail(shards.error());
  Subject subject = subject_of(setup.split, *shards);
  subject.text += fmt::format(" verified {} at once", setup.tokens);
  return subject;
}

std::vector<Prompt> speculation_prompts(int vocab_size, int count, int tokens) {
  constexpr int kFirstPeriod = 2;
  std::vector<Prompt> prompts;
  for (int i = 0; i < count; ++i) {
    SplitMix64 random(static_cast<std::uint64_t>(i));
    const bool is_tiled = i % 2 == 0;
    const int period = is_tiled ? kFirstPeriod + i / 2 : tokens;
    Prompt prompt{fmt::format("{}-{}", is_tiled ? "tiled" : "random", i), {}};
    for (int t = 0; t < tokens; ++t) {
      const auto before = static_cast<std::size_t>(t - period);
      prompt.ids.push_back(
          t >= period ? prompt.ids[before]
                      : static_cast<int>(random.below(static_cast<std::uint64_t>(vocab_size))));
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

Result<double> measure_guard(GateWorkbench& bench, const ExactnessSetup& setup) {
  const GateSetup& gates = bench.setup();
  const std::vector<Prompt> prompts = speculation_prompts(
      gates.model.contract.vocab_size, (setup.prompts + 1) / 2, setup.prompt_tokens);
  std::vector<std::vector<float>> singles;
  double largest = 0;
  for (const int tokens : {1, setup.tokens}) {
    const Result<Opened> opened =
        open_split(bench, speculative_split(gates, setup.split, tokens, VerifierLoading::kAlone));
    if (!opened) return fail(opened.error());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      Result<std::vector<GroupValues>> outputs =
          run_ids(*opened->session, prompts[i].ids, bench.next_scratch());
      if (!outputs) return fail(std::move(outputs).error());
      if (outputs->empty()) return unavailable("run: found no output, want logits");
      std::vector<float>& logits = outputs->back().values;
      if (tokens == 1) {
        singles.push_back(std::move(logits));
        continue;
      }
      if (logits.size() != singles[i].size())
        return unavailable("run: found logits of another size with several tokens a call");
      for (std::size_t at = 0; at < logits.size(); ++at)
        largest = std::max(largest, std::abs(static_cast<double>(logits[at]) - singles[i][at]));
    }
  }
  return 2 * largest;
}

Result<Gated> gate_exactness(GateWorkbench& bench, const ExactnessSetup& setup) {
  if (auto can = check_runner(bench.description()); !can) return fail(std::move(can).error());
  const GateSetup& gates = bench.setup();
  Result<Subject> subject = speculative_subject(gates, setup);
  if (!subject) return fail(std::move(subject).error());
  Gated gated{.subject = *std::move(subject), .verdicts = {}};
  const Result<std::vector<ExactnessComparison>> comparisons = ExactnessRun(bench, setup).compare();
  if (!comparisons) return fail(comparisons.error());
  if (auto kept = bench.keep(gated, judge_exactness(*comparisons)); !kept)
    return fail(std::move(kept).error());
  return gated;
}

}  // namespace fusesweep
