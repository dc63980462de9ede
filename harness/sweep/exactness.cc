#include "harness/sweep/exactness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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

ExactnessComparison compare_ids(const std::string& prompt, const DecodeResult& found,
                                const std::vector<int>& wanted) {
  ExactnessComparison comparison{.prompt = prompt, .tokens = wanted.size()};
  for (const SpeculativePass& pass : found.passes) comparison.guard_calls += pass.guard_calls;
  if (const std::optional<std::size_t> at = first_difference(found.ids, wanted)) {
    comparison.divergence = ExactnessDivergence{
        .at = *at, .found = id_at(found.ids, *at), .wanted = id_at(wanted, *at)};
  }
  return comparison;
}

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

ExactnessGates::ExactnessGates(GateWorkbench& bench, Split split, ExactnessPrompts prompts)
    : bench_(bench),
      split_(std::move(split)),
      decode_tokens_(prompts.decode_tokens),
      prompts_(speculation_prompts(bench.setup().model.contract.vocab_size, prompts.count,
                                   prompts.tokens)) {}

Result<double> ExactnessGates::measure_guard(int tokens) {
  if (singles_.empty()) {
    Result<std::vector<std::vector<float>>> singles = logits_of(1);
    if (!singles) return fail(std::move(singles).error());
    singles_ = *std::move(singles);
  }
  const Result<std::vector<std::vector<float>>> found = logits_of(tokens);
  if (!found) return fail(found.error());
  double largest = 0;
  for (std::size_t i = 0; i < singles_.size(); ++i) {
    const std::vector<float>& logits = (*found)[i];
    if (logits.size() != singles_[i].size())
      return unavailable("run: found logits of another size with several tokens a call");
    for (std::size_t at = 0; at < logits.size(); ++at)
      largest = std::max(largest, std::abs(static_cast<double>(logits[at]) - singles_[i][at]));
  }
  return 2 * largest;
}

Result<Gated> ExactnessGates::gate(const Verifier& verifier) {
  if (auto can = check_runner(bench_.description()); !can) return fail(std::move(can).error());
  Result<Subject> subject = subject_of(verifier);
  if (!subject) return fail(std::move(subject).error());
  Gated gated{.subject = *std::move(subject), .verdicts = {}};
  const Result<std::vector<ExactnessComparison>> comparisons = compare(verifier);
  if (!comparisons) return fail(comparisons.error());
  if (auto kept = bench_.keep(gated, judge_exactness(*comparisons)); !kept)
    return fail(std::move(kept).error());
  return gated;
}

Result<Opened> ExactnessGates::open(int tokens, VerifierLoading loading) {
  const Result<PreparedSplit> prepared =
      prepare_split(bench_.runner(), bench_.description(), bench_.setup().model,
                    speculative_split(bench_.setup(), split_, tokens, loading), bench_.progress());
  if (!prepared) return fail(prepared.error());
  return bench_.runner().open(prepared->open, bench_.progress());
}

Result<std::vector<DecodeResult>> ExactnessGates::decode_all(
    int tokens, VerifierLoading loading, const std::optional<Speculation>& speculation) {
  const Result<Opened> opened = open(tokens, loading);
  if (!opened) return fail(opened.error());
  bench_.progress().begin_stage("decoding", prompts_.size());
  std::vector<DecodeResult> results;
  for (const Prompt& prompt : prompts_) {
    Result<DecodeResult> result = opened->session->decode(
        {.prompt = prompt.ids, .decode_tokens = decode_tokens_, .speculation = speculation});
    if (!result) return fail(std::move(result).error());
    if (speculation && result->passes.size() != result->token_ns.size())
      return unavailable("decode: found steps that are no speculative passes, want all to be");
    results.push_back(*std::move(result));
    bench_.progress().advance();
  }
  return results;
}

Result<void> ExactnessGates::decode_greedily() {
  if (!greedy_.empty()) return {};
  Result<std::vector<DecodeResult>> greedy = decode_all(1, VerifierLoading::kAlone, std::nullopt);
  if (!greedy) return fail(std::move(greedy).error());
  greedy_ = *std::move(greedy);
  return {};
}

Result<std::vector<std::vector<float>>> ExactnessGates::logits_of(int tokens) {
  const Result<Opened> opened = open(tokens, VerifierLoading::kAlone);
  if (!opened) return fail(opened.error());
  std::vector<std::vector<float>> all;
  for (std::size_t i = 0; i < (prompts_.size() + 1) / 2; ++i) {
    Result<std::vector<GroupValues>> outputs =
        run_ids(*opened->session, prompts_[i].ids, bench_.next_scratch());
    if (!outputs) return fail(std::move(outputs).error());
    if (outputs->empty()) return unavailable("run: found no output, want logits");
    all.push_back(std::move(outputs->back().values));
  }
  return all;
}

// One set of shards at a time is loaded: both together may be more than a process holds.
Result<std::vector<ExactnessComparison>> ExactnessGates::compare(const Verifier& verifier) {
  if (auto decoded = decode_greedily(); !decoded) return fail(std::move(decoded).error());
  const Result<std::vector<DecodeResult>> found =
      decode_all(verifier.tokens, verifier.loading, verifier.speculation);
  if (!found) return fail(found.error());
  std::vector<ExactnessComparison> comparisons;
  bool is_first = true;
  for (std::size_t i = 0; i < prompts_.size(); ++i) {
    comparisons.push_back(compare_ids(prompts_[i].name, (*found)[i], greedy_[i].ids));
    if (!comparisons.back().divergence || !is_first) continue;
    is_first = false;
    if (auto added = add_logits(i, *comparisons.back().divergence); !added)
      return fail(std::move(added).error());
  }
  return comparisons;
}

// By the shards of one token a call.
Result<void> ExactnessGates::add_logits(std::size_t prompt, ExactnessDivergence& divergence) {
  const std::vector<int>& wanted = greedy_[prompt].ids;
  std::vector<int> ids = prompts_[prompt].ids;
  ids.insert(ids.end(), wanted.begin(),
             wanted.begin() + static_cast<std::ptrdiff_t>(divergence.at));
  const Result<Opened> opened = open(1, VerifierLoading::kAlone);
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

// The split with its verifier, in words and as a key of the store.
Result<Subject> ExactnessGates::subject_of(const Verifier& verifier) const {
  const Result<std::vector<ShardIdentity>> shards =
      shards_of(bench_.setup().model,
                speculative_split(bench_.setup(), split_, verifier.tokens, verifier.loading));
  if (!shards) return fail(shards.error());
  Subject subject = fusesweep::subject_of(split_, *shards);
  subject.text += fmt::format(" verified {} at once", verifier.tokens);
  return subject;
}

}  // namespace fusesweep
