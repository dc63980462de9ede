#include "harness/sweep/gate_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/gate/artifact_gates.h"
#include "harness/gate/split_gates.h"
#include "harness/measure/prompts.h"
#include "harness/sweep/scratch_folder.h"
#include "harness/sweep/shard_gates.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// A runner that could not do it fails the gate; what stands in no record is not run.
GateVerdict failed_call(std::string_view gate, const Error& error) {
  GateVerdict verdict = not_run(gate, error.message);
  if (error.code != ErrorCode::kNotRecorded) verdict.outcome = GateOutcome::kFail;
  return verdict;
}

std::vector<ShardIdentity> segments_of(const std::vector<ShardIdentity>& shards) {
  std::vector<ShardIdentity> segments;
  for (const ShardIdentity& shard : shards) {
    if (std::holds_alternative<Segment>(shard.kind)) segments.push_back(shard);
  }
  return segments;
}

// Why the shards are not to be run together: one failed, or was not even tried.
std::optional<std::string> hindrance(const std::vector<Gated>& all) {
  if (std::optional<std::string> failed = disqualification(all)) return failed;
  for (const Gated& gated : all) {
    for (const GateVerdict& verdict : gated.verdicts) {
      if (verdict.gate == "residency" && verdict.outcome == GateOutcome::kNotRun)
        return fmt::format("residency of {}: {}", gated.subject.text, verdict.reason);
    }
  }
  return std::nullopt;
}

ContentHashes contents_of(const ShardGates& gates, const std::vector<ShardIdentity>& shards) {
  ContentHashes content;
  for (const ShardIdentity& shard : shards) {
    if (const BuiltShard* built = gates.built(shard)) content[hash_of(shard)] = built->content_hash;
  }
  return content;
}

// A chain of shards, from the first one on, with what the store knows of it.
struct Chain {
  Gated gated;
  ShardIdentity last;
  std::string content_hash;
  bool is_known = false;
};

Result<std::vector<Chain>> chains_of(const GateWorkbench& bench, const ShardGates& gates,
                                     const std::vector<ShardIdentity>& segments) {
  std::vector<Chain> chains;
  std::vector<ShardIdentity> so_far;
  const ContentHashes content = contents_of(gates, segments);
  for (const ShardIdentity& segment : segments) {
    so_far.push_back(segment);
    Chain chain{.gated = {.subject = chain_of(so_far), .verdicts = {}},
                .last = segment,
                .content_hash = content_of(so_far, content)};
    Result<std::optional<std::vector<GateVerdict>>> stored =
        bench.find_stored(chain.gated.subject, {"error-budget"}, chain.content_hash);
    if (!stored) return fail(std::move(stored).error());
    chain.is_known = stored->has_value();
    if (*stored) chain.gated.verdicts = **std::move(stored);
    chains.push_back(std::move(chain));
  }
  return chains;
}

// Every shard on what the one before it gave: the first on the embeddings.
Result<std::vector<Gated>> gate_chain(GateWorkbench& bench, const ShardGates& gates,
                                      const std::vector<ShardIdentity>& shards) {
  const std::vector<ShardIdentity> segments = segments_of(shards);
  Result<std::vector<Chain>> chains = chains_of(bench, gates, segments);
  if (!chains) return fail(std::move(chains).error());
  std::vector<Gated> all;
  if (std::all_of(chains->begin(), chains->end(), [](const Chain& c) { return c.is_known; })) {
    for (Chain& chain : *chains) all.push_back(std::move(chain.gated));
    return all;
  }
  if (!can(bench.description(), "run")) {
    for (Chain& chain : *chains) {
      if (!chain.is_known) {
        auto kept =
            bench.keep(chain.gated, not_run("error-budget", kNoOutputs), chain.content_hash);
        if (!kept) return fail(std::move(kept).error());
      }
      all.push_back(std::move(chain.gated));
    }
    return all;
  }
  std::vector<std::filesystem::path> artifacts;
  for (const ShardIdentity& segment : segments) artifacts.push_back(gates.built(segment)->artifact);
  const Result<const ReferenceOutput*> reference = bench.reference(bench.rounding());
  if (!reference) return fail(reference.error());
  const auto ran = bench.run_chain(artifacts, (*reference)->hidden.front());
  for (std::size_t i = 0; i < chains->size(); ++i) {
    Chain& chain = (*chains)[i];
    const auto end = static_cast<std::size_t>(std::get<Segment>(chain.last.kind).end);
    const std::vector<float>& wanted = (*reference)->hidden[end];
    GateVerdict verdict;
    if (!ran) {
      verdict = failed_call("error-budget", ran.error());
    } else if (ran->size() != segments.size() || (*ran)[i].values.size() != wanted.size()) {
      verdict = failed_call("error-budget", unavailable("found outputs of other sizes").value());
    } else {
      verdict = judge_error_budget(
          compare_outputs((*ran)[i].values, wanted, wanted.size() / bench.ids().size()),
          gates.fidelity(chain.last), bench.setup().limits.fidelity);
    }
    if (!chain.is_known) {
      if (auto kept = bench.keep(chain.gated, std::move(verdict), chain.content_hash); !kept)
        return fail(std::move(kept).error());
    }
    all.push_back(std::move(chain.gated));
  }
  return all;
}

// Logits of a set of prompts, one after the other, against a reference's.
struct LogitSet {
  std::vector<float> found;
  std::vector<float> wanted;
  std::vector<float> original;  // empty where it was not asked for
  TopTokens top;
  std::size_t original_flips = 0;
};

class StackRun {
 public:
  StackRun(GateWorkbench& bench, Session& session) : bench_(bench), session_(session) {}

  Result<void> run(const Prompt& prompt, LogitSet& set, std::optional<ReferenceWeights> also) {
    const Result<std::vector<GroupValues>> ran =
        run_ids(session_, prompt.ids, bench_.next_scratch());
    if (!ran) return fail(ran.error());
    const Result<ReferenceOutput> reference =
        bench_.references().outputs(bench_.rounding(), prompt.ids);
    if (!reference) return fail(reference.error());
    const std::vector<float>& logits = ran->empty() ? kNone : ran->back().values;
    if (logits.size() != reference->logits.size()) {
      return unavailable(
          fmt::format("found {} logits, want {}", logits.size(), reference->logits.size()));
    }
    append(set.found, logits);
    append(set.wanted, reference->logits);
    const TopTokens top = compare_top_tokens(prompt.name, logits, reference->logits, vocab());
    set.top.positions += top.positions;
    set.top.flips.insert(set.top.flips.end(), top.flips.begin(), top.flips.end());
    if (!also) return {};
    const Result<ReferenceOutput> original = bench_.references().outputs(*also, prompt.ids);
    if (!original) return fail(original.error());
    append(set.original, original->logits);
    set.original_flips +=
        compare_top_tokens(prompt.name, logits, original->logits, vocab()).flips.size();
    return {};
  }

  // The ids that the runner decodes are given to the reference all at once: up to the first that it
  // would not have chosen itself, it saw what it would have seen decoding.
  Result<GreedyComparison> decode(const Prompt& prompt) {
    const int tokens = bench_.setup().greedy_tokens;
    const Result<DecodeResult> decoded =
        session_.decode({.prompt = prompt.ids, .decode_tokens = tokens - 1});
    if (!decoded) return fail(decoded.error());
    const int vocab_size = bench_.setup().model.contract.vocab_size;
    const bool is_vocabulary = std::all_of(decoded->ids.begin(), decoded->ids.end(),
                                           [&](int id) { return 0 <= id && id < vocab_size; });
    if (!is_whole(decoded->ids, tokens) || !is_vocabulary) {
      return unavailable(fmt::format("decode: found {} ids{}, want {} of the vocabulary",
                                     decoded->ids.size(),
                                     is_vocabulary ? "" : ", some beyond the vocabulary", tokens));
    }
    GreedyComparison greedy{.prompt = prompt.name, .tokens = decoded->ids.size()};
    std::vector<int> ids = prompt.ids;
    ids.insert(ids.end(), decoded->ids.begin(), decoded->ids.end() - 1);
    const Result<ReferenceOutput> reference = bench_.references().outputs(bench_.rounding(), ids);
    if (!reference) return fail(reference.error());
    for (std::size_t i = 0; i < decoded->ids.size() && !greedy.first_divergence; ++i) {
      const std::size_t row = (prompt.ids.size() - 1 + i) * vocab();
      const auto logits = std::span(reference->logits).subspan(row, vocab());
      const int wanted = greedy_id(logits);
      if (decoded->ids[i] == wanted) continue;
      greedy.first_divergence = i;
      greedy.margin = static_cast<double>(logits[static_cast<std::size_t>(wanted)]) -
                      static_cast<double>(logits[static_cast<std::size_t>(decoded->ids[i])]);
    }
    return greedy;
  }

  // As many as were asked for; fewer of somebody's runtime that ends with the text.
  bool is_whole(const std::vector<int>& ids, int tokens) const {
    const std::optional<int> eos = bench_.setup().model.contract.eos_token_id;
    const bool is_ended = can(bench_.description(), kExportCapability) && !ids.empty() &&
                          eos == std::optional(ids.back());
    const auto wanted = static_cast<std::size_t>(tokens);
    return ids.size() == wanted || (is_ended && ids.size() < wanted);
  }

  std::size_t vocab() const {
    return static_cast<std::size_t>(bench_.setup().model.contract.vocab_size);
  }

 private:
  static void append(std::vector<float>& to, const std::vector<float>& what) {
    to.insert(to.end(), what.begin(), what.end());
  }
  static inline const std::vector<float> kNone;

  GateWorkbench& bench_;
  Session& session_;
};

Result<FullStackFacts> run_full_stack(GateWorkbench& bench, Session& session) {
  const GateSetup& setup = bench.setup();
  // The first half of the prompts is the calibration set, which fixes what an error of a logit is.
  std::vector<Prompt> prompts =
      built_in_prompts(setup.model.contract.vocab_size, 2 * setup.prompts, setup.prompt_tokens);
  const auto middle = prompts.begin() + setup.prompts;
  StackRun run(bench, session);
  LogitSet calibration;
  for (auto prompt = prompts.begin(); prompt != middle; ++prompt) {
    if (auto done = run.run(*prompt, calibration, std::nullopt); !done)
      return fail(std::move(done).error());
  }
  LogitSet set;
  FullStackFacts facts;
  for (auto prompt = middle; prompt != prompts.end(); ++prompt) {
    if (auto done = run.run(*prompt, set, ReferenceWeights::kOriginal); !done)
      return fail(std::move(done).error());
    if (setup.greedy_tokens == 0) continue;
    Result<GreedyComparison> greedy = run.decode(*prompt);
    if (!greedy) return fail(std::move(greedy).error());
    facts.greedy.push_back(*std::move(greedy));
  }
  facts.calibration = compare_outputs(calibration.found, calibration.wanted, run.vocab());
  facts.logits = compare_outputs(set.found, set.wanted, run.vocab());
  facts.original_cosine = compare_outputs(set.found, set.original, run.vocab()).cosine;
  facts.original_top1_agreement =
      1 - static_cast<double>(set.original_flips) / static_cast<double>(set.top.positions);
  facts.top = std::move(set.top);
  return facts;
}

// Of a runner that decodes and gives no logits. What rounding the weights does to the reference's own logits is
// the measure of what its ids may be off by.
Result<DecodedStackFacts> decode_full_stack(GateWorkbench& bench, Session& session) {
  const GateSetup& setup = bench.setup();
  std::vector<Prompt> prompts =
      built_in_prompts(setup.model.contract.vocab_size, 2 * setup.prompts, setup.prompt_tokens);
  const auto middle = prompts.begin() + setup.prompts;
  StackRun run(bench, session);
  std::vector<float> rounded;
  std::vector<float> original;
  for (auto prompt = prompts.begin(); prompt != middle; ++prompt) {
    for (const auto& [weights, to] : {std::pair(bench.rounding(), &rounded),
                                      std::pair(ReferenceWeights::kOriginal, &original)}) {
      const Result<ReferenceOutput> reference = bench.references().outputs(weights, prompt->ids);
      if (!reference) return fail(reference.error());
      to->insert(to->end(), reference->logits.begin(), reference->logits.end());
    }
  }
  DecodedStackFacts facts{.rounding = compare_outputs(rounded, original, run.vocab())};
  if (setup.greedy_tokens == 0) return facts;
  for (auto prompt = middle; prompt != prompts.end(); ++prompt) {
    Result<GreedyComparison> greedy = run.decode(*prompt);
    if (!greedy) return fail(std::move(greedy).error());
    facts.greedy.push_back(*std::move(greedy));
  }
  return facts;
}

Result<GateVerdict> judge_stack(GateWorkbench& bench, const PreparedSplit& prepared) {
  constexpr const char* kGate = "full-stack";
  const auto ends_the_question = [&](const Error& error) {
    return error.code == ErrorCode::kInvalidInput || is_disk_full(bench.setup().work);
  };
  const Result<Opened> opened = bench.runner().open(prepared.open, bench.progress());
  if (!opened) return failed_call(kGate, opened.error());
  if (!can(bench.description(), "run")) {
    const Result<DecodedStackFacts> decoded = decode_full_stack(bench, *opened->session);
    if (!decoded && ends_the_question(decoded.error())) return fail(decoded.error());
    if (!decoded) return failed_call(kGate, decoded.error());
    return judge_decoded_stack(*decoded, bench.setup().limits.full_stack);
  }
  const Result<FullStackFacts> facts = run_full_stack(bench, *opened->session);
  if (!facts && ends_the_question(facts.error())) return fail(facts.error());
  if (!facts) return failed_call(kGate, facts.error());
  return judge_full_stack(*facts, bench.setup().limits.full_stack);
}

// The split itself, as the manifest that decodes.
Result<Gated> gate_stack(GateWorkbench& bench, const Split& split,
                         const std::vector<ShardIdentity>& shards,
                         const std::optional<std::string>& hindered) {
  constexpr const char* kGate = "full-stack";
  const GateSetup& setup = bench.setup();
  Gated whole{.subject = subject_of(split, shards), .verdicts = {}};
  if (!bench.wants(kGate)) return whole;
  const auto keep = [&](GateVerdict verdict, const std::string& content_hash) -> Result<Gated> {
    if (auto kept = bench.keep(whole, std::move(verdict), content_hash); !kept)
      return fail(std::move(kept).error());
    return whole;
  };
  if (hindered) return keep(not_run(kGate, "a gate before it stands in the way: " + *hindered), {});
  if (bench.is_recorded()) return keep(not_run(kGate, "a record has no logits"), {});
  const Result<PreparedSplit> prepared =
      prepare_split(bench.runner(), bench.description(), setup.model,
                    {.split = split,
                     .shape = setup.shape,
                     .head_shards = setup.head_shards,
                     .work = setup.work,
                     .options = setup.options},
                    bench.progress());
  if (!prepared && (prepared.error().code == ErrorCode::kInvalidInput || is_disk_full(setup.work)))
    return fail(prepared.error());
  if (!prepared) return keep(failed_call(kGate, prepared.error()), {});
  const std::vector<ShardIdentity> built = built_by(bench.description(), shards);
  const std::string content_hash = content_of(built, contents_of(built, *prepared));
  Result<std::optional<std::vector<GateVerdict>>> stored =
      bench.find_stored(whole.subject, {kGate}, content_hash);
  if (!stored) return fail(std::move(stored).error());
  if (*stored) {
    whole.verdicts = **std::move(stored);
    return whole;
  }
  Result<GateVerdict> verdict = judge_stack(bench, *prepared);
  if (!verdict) return fail(std::move(verdict).error());
  return keep(*std::move(verdict), content_hash);
}

}  // namespace

Result<Gated> gate_model(GateWorkbench& bench) {
  const GateSetup& setup = bench.setup();
  Gated gated{.subject = subject_of(setup.model), .verdicts = {}};
  if (!bench.wants("contract")) return gated;
  // What was compared: the model and the profile.
  const std::string profile = setup.profile ? hash_of(setup.profile->contract) : std::string();
  const std::string content_hash = to_hex(hash128(setup.model.hash + profile));
  Result<std::optional<std::vector<GateVerdict>>> stored =
      bench.find_stored(gated.subject, {"contract"}, content_hash);
  if (!stored) return fail(std::move(stored).error());
  if (*stored) {
    gated.verdicts = **std::move(stored);
    return gated;
  }
  GateVerdict verdict = not_run("contract", "a record has no model file");
  if (!bench.is_recorded() && setup.profile) {
    verdict = judge_contract(compare_contracts(setup.model.contract, setup.profile->contract),
                             "the profile " + one_line(setup.profile->name));
  } else if (!bench.is_recorded()) {
    // Reading it has compared what its metadata say with the shapes of its tensors.
    verdict = judge_contract({}, "its own tensors; no profile was given to compare it with");
  }
  if (auto kept = bench.keep(gated, std::move(verdict), content_hash); !kept)
    return fail(std::move(kept).error());
  return gated;
}

Result<std::vector<Gated>> gate_split(GateWorkbench& bench, const Split& split) {
  const GateSetup& setup = bench.setup();
  const Result<std::vector<ShardIdentity>> shards =
      shards_of(setup.model, split, setup.shape, setup.head_shards);
  if (!shards) return fail(shards.error());
  std::vector<Gated> all;
  if (auto added = add_gated(all, gate_model(bench)); !added) return fail(std::move(added).error());
  ShardGates gates(bench);
  for (const ShardIdentity& shard : built_by(bench.description(), *shards)) {
    if (std::holds_alternative<EmbeddingTable>(shard.kind)) continue;
    if (auto added = add_gated(all, gates.gate_unless_hopeless(shard.kind)); !added)
      return fail(std::move(added).error());
  }
  const bool can_chain = !bench.is_recorded() && !hindrance(all);
  if (bench.wants("error-budget") && can_chain) {
    Result<std::vector<Gated>> chains = gate_chain(bench, gates, *shards);
    if (!chains) return fail(std::move(chains).error());
    for (Gated& chain : *chains) all.push_back(std::move(chain));
  }
  Result<Gated> whole = gate_stack(bench, split, *shards, hindrance(all));
  if (!whole) return fail(std::move(whole).error());
  all.push_back(*std::move(whole));
  return all;
}

Result<void> require_gates(GateWorkbench& bench, const Split& split) {
  const Result<std::vector<Gated>> gated = gate_split(bench, split);
  if (!gated) return fail(gated.error());
  const std::optional<std::string> failed = disqualification(*gated);
  if (!failed) return {};
  const int tokens = bench.setup().shape.tokens;
  return unavailable(fmt::format("{}{} is not measured, for it fails its gates: {}", to_text(split),
                                 tokens == 1 ? "" : fmt::format(" with {} tokens a call", tokens),
                                 *failed));
}

}  // namespace fusesweep
