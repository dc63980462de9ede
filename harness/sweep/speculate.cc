#include "harness/sweep/speculate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "harness/base/check.h"
#include "harness/core/shard_weight.h"
#include "harness/stats/quantile.h"
#include "harness/stats/trial_verdict.h"
#include "harness/sweep/begun_sweep.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

constexpr const char* kGreedy = "greedy";
constexpr const char* kTrial = "speculative against greedy";
constexpr const char* kDraftGroup = "draft";

std::string arm_name(int tokens) { return fmt::format("T={}", tokens); }

bool passes(const GateVerdict& verdict) { return verdict.outcome == GateOutcome::kPass; }

// Log ns per token of an arm in a block: all its steps over all the ids that they gave. Passes are not
// alike, so that a median of them says nothing; greedy steps are taken the same way.
std::optional<double> mean_cell(const BlockRow& block, const std::string& arm) {
  double ns = 0;
  std::size_t tokens = 0;
  for (const CellRow& cell : block.cells) {
    if (cell.arm != arm) continue;
    ns = std::accumulate(cell.token_ns.begin(), cell.token_ns.end(), ns);
    tokens += cell.token_ns.size() + count_passes(cell.passes).accepted;
  }
  return tokens > 0 && ns > 0 ? std::optional(std::log(ns / static_cast<double>(tokens)))
                              : std::nullopt;
}

std::optional<double> ttft_of(const std::vector<BlockRow>& blocks, const std::string& arm) {
  std::vector<double> ms;
  for (const BlockRow& block : blocks) {
    for (const CellRow& cell : block.cells) {
      if (cell.arm == arm && cell.prefill_ns)
        ms.push_back(static_cast<double>(*cell.prefill_ns) / 1e6);
    }
  }
  return median(ms);
}

// What an arm's passes come to, over all blocks.
void add_passes(const std::vector<BlockRow>& blocks, SpeculativeArm& arm) {
  std::vector<SpeculativePass> all;
  double draft_ns = 0;
  double all_ns = 0;
  for (const BlockRow& block : blocks) {
    for (const CellRow& cell : block.cells) {
      if (cell.arm != arm_name(arm.tokens)) continue;
      all.insert(all.end(), cell.passes.begin(), cell.passes.end());
      all_ns = std::accumulate(cell.token_ns.begin(), cell.token_ns.end(), all_ns);
      const auto draft = std::find(cell.groups.begin(), cell.groups.end(), kDraftGroup);
      if (draft == cell.groups.end()) continue;
      for (const auto& step : cell.group_ns)
        draft_ns +=
            static_cast<double>(step[static_cast<std::size_t>(draft - cell.groups.begin())]);
    }
  }
  arm.counts = count_passes(all);
  std::map<int, NgramAcceptance> by_ngram;
  for (const SpeculativePass& pass : all) {
    arm.guard_calls += static_cast<std::uint64_t>(pass.guard_calls);
    arm.fallbacks += pass.is_fallback ? 1 : 0;
    if (pass.proposed == 0) continue;
    NgramAcceptance& one = by_ngram[pass.ngram];
    one.ngram = pass.ngram;
    one.proposed += static_cast<std::uint64_t>(pass.proposed);
    one.accepted += static_cast<std::uint64_t>(pass.accepted);
  }
  for (const auto& [ngram, one] : by_ngram) arm.by_ngram.push_back(one);
  if (all_ns > 0) arm.draft_rel = draft_ns / all_ns;
}

// The ids of one decoding, where each is one turn.
std::vector<int> ids_of_one(const std::vector<BlockRow>& blocks, const std::string& arm) {
  for (const BlockRow& block : blocks) {
    for (const CellRow& cell : block.cells) {
      if (cell.arm == arm) return cell.ids;
    }
  }
  return {};
}

class SpeculateRun {
 public:
  SpeculateRun(const SpeculateSetup& setup, const SpeculatePlace& place)
      : setup_(setup), spec_(setup.spec), place_(place) {
    report_ = {.split = to_text(spec_.split),
               .workload = std::string(to_text(spec_.workload)),
               .loading = std::string(to_text(spec_.loading)),
               .model = setup_.gates.model.name,
               .runner = setup_.description.name,
               .emulated = setup_.description.emulated,
               .prompt_tokens = spec_.prompt_tokens,
               .decode_tokens = spec_.decode_tokens,
               .ngrams = spec_.speculation.ngrams};
  }

  Result<SpeculateAnswer> run() {
    if (auto gated = gate(); !gated) return fail(std::move(gated).error());
    if (auto prepared = prepare(); !prepared) return fail(std::move(prepared).error());
    if (auto begun = begin(); !begun) return fail(std::move(begun).error());
    Result<std::vector<BlockRow>> blocks = measure();
    if (!blocks) return fail(std::move(blocks).error());
    judge(*blocks);
    if (!is_interrupted_ && !begun_.ended) {
      if (auto ended = place_.store.end_sweep(begun_.id, "done", to_json(report_)); !ended)
        return fail(ended.error());
    }
    return SpeculateAnswer{std::move(report_), begun_.id, is_interrupted_};
  }

 private:
  Result<GateWorkbench> bench_for(const GateSetup& gates) {
    return GateWorkbench::create(place_.runner, setup_.description, gates, place_.store, place_.run,
                                 place_.progress);
  }

  Result<void> gate() {
    Result<GateWorkbench> greedy = bench_for(setup_.gates);
    if (!greedy) return fail(std::move(greedy).error());
    if (auto gated = require_gates(*greedy, spec_.split); !gated) return gated;
    ExactnessGates exactness(*greedy, spec_.split);
    for (const int tokens : spec_.tokens) {
      if (auto gated = gate_shards_of(tokens); !gated) return gated;
      if (auto gated = gate_verifier(exactness, tokens); !gated) return gated;
    }
    return {};
  }

  // Each by itself, with block parity; together they are held to greedy decoding, which is more than the
  // reference's logits.
  Result<void> gate_shards_of(int tokens) {
    GateSetup gates = setup_.gates;
    gates.shape.tokens = tokens;
    gates.only = {"build", "contract", "weights", "residency", "golden-fidelity", "block-parity"};
    Result<GateWorkbench> bench = bench_for(gates);
    if (!bench) return fail(std::move(bench).error());
    return require_gates(*bench, spec_.split);
  }

  Result<void> gate_verifier(ExactnessGates& gates, int tokens) {
    Verifier verifier{.tokens = tokens, .loading = spec_.loading, .speculation = spec_.speculation};
    if (spec_.is_guard_measured) {
      const Result<double> guard = gates.measure_guard(tokens);
      if (!guard) return fail(guard.error());
      verifier.speculation.guard = *guard;
    }
    const Result<Gated> exact = gates.gate(verifier);
    if (!exact) return fail(exact.error());
    report_.arms.push_back({.tokens = tokens,
                            .guard = verifier.speculation.guard,
                            .exactness = exact->verdicts.front()});
    return {};
  }

  Result<TrialArm> prepared(const SplitToPrepare& wanted, std::string name) {
    return prepare_arm(place_.runner, setup_.description, setup_.gates.model, wanted,
                       std::move(name), place_.progress);
  }

  Result<void> prepare() {
    Result<TrialArm> greedy =
        prepared(speculative_split(setup_.gates, spec_.split, 1, VerifierLoading::kAlone), kGreedy);
    if (!greedy) return fail(std::move(greedy).error());
    arms_ = with_twin({*greedy});
    Speculation speculation = spec_.speculation;
    if (spec_.workload == SpeculativeWorkload::kOracle) {
      Result<std::vector<int>> ids = greedy_ids(*greedy);
      if (!ids) return fail(std::move(ids).error());
      speculation.recorded = *std::move(ids);
    }
    for (SpeculativeArm& arm : report_.arms) {
      if (!passes(arm.exactness)) continue;
      Result<TrialArm> made =
          prepared(speculative_split(setup_.gates, spec_.split, arm.tokens, spec_.loading),
                   arm_name(arm.tokens));
      if (!made) return fail(std::move(made).error());
      made->speculation = speculation;
      made->speculation->guard = arm.guard;
      arm.process_bytes = made->weight_bytes;
      arms_.push_back(*std::move(made));
    }
    return {};
  }

  Result<std::vector<int>> greedy_ids(const TrialArm& greedy) {
    const Result<Opened> opened = place_.runner.open(greedy.open, place_.progress);
    if (!opened) return fail(opened.error());
    Result<DecodeResult> decoded = opened->session->decode(request());
    if (!decoded) return fail(std::move(decoded).error());
    return std::move(decoded->ids);
  }

  DecodeRequest request() const {
    return {.prompt = speculative_prompt(spec_, setup_.gates.model.contract.vocab_size),
            .decode_tokens = spec_.decode_tokens};
  }

  Json question() const {
    const GateSetup& gates = setup_.gates;
    const Conditions conditions = conditions_of(setup_.description, gates.options, gates.limits);
    Json json = {{"kind", "speculate"},
                 {"model_hash", gates.model.hash},
                 {"contract_hash", hash_of(gates.model.contract)},
                 {"runner", conditions.runner},
                 {"options_hash", conditions.options_hash},
                 {"split", report_.split},
                 {"tokens", gates.shape.tokens},
                 {"verifier_tokens", spec_.tokens},
                 {"loading", report_.loading},
                 {"workload", report_.workload},
                 {"ngram_min", spec_.speculation.ngrams.min},
                 {"ngram_max", spec_.speculation.ngrams.max},
                 {"guards", Json::array()},
                 {"context", gates.shape.context},
                 {"encoding", to_text(gates.shape.encoding)},
                 {"kv", to_text(gates.shape.kv_form)},
                 {"head_shards", gates.head_shards},
                 {"threads", gates.options.threads},
                 {"prompt_tokens", spec_.prompt_tokens},
                 {"decode_tokens", spec_.decode_tokens},
                 {"decodings", spec_.decodings},
                 {"blocks", spec_.blocks},
                 {"seed", spec_.seed},
                 {"content", Json::array()}};
    for (const TrialArm& arm : arms_) json["content"].push_back(arm.content);
    for (const SpeculativeArm& arm : report_.arms)
      json["guards"].push_back(arm.guard ? Json(*arm.guard) : Json(nullptr));
    return json;
  }

  Result<void> begin() {
    Result<BegunSweep> begun =
        begin_or_go_on(place_.store, place_.run, question(), setup_.is_fresh);
    if (!begun) return fail(std::move(begun).error());
    begun_ = *std::move(begun);
    return {};
  }

  // Without an exact arm there is nothing to measure.
  Result<std::vector<BlockRow>> measure() {
    Result<std::vector<BlockRow>> blocks = place_.store.blocks_of(begun_.id, kTrial);
    if (!blocks || begun_.ended || arms_.size() <= kFirstCandidateArm) return blocks;
    const BlockDesign design{
        .request = request(), .decodings = spec_.decodings, .seed = spec_.seed};
    const std::vector<Arm> startable_arms = startable(arms_, setup_.start_runner);
    place_.progress.begin_stage("measuring", static_cast<std::uint64_t>(spec_.blocks));
    place_.progress.advance(blocks->size());
    while (std::ssize(*blocks) < spec_.blocks) {
      if (setup_.is_interrupted && setup_.is_interrupted()) {
        is_interrupted_ = true;
        break;
      }
      Result<MeasuredBlock> block =
          measure_block(startable_arms, arms_, kTrial, static_cast<int>(blocks->size()), design,
                        {place_.store, place_.run, begun_.id, place_.clock, place_.progress});
      if (!block) return fail(std::move(block).error());
      if (block->failure) return fail(block->failure->error);
      blocks->push_back(std::move(block->row));
      place_.progress.advance();
    }
    return blocks;
  }

  void judge(const std::vector<BlockRow>& blocks) {
    report_.blocks = static_cast<int>(blocks.size());
    if (blocks.empty()) return;
    std::vector<BlockCells> table;
    for (const BlockRow& block : blocks) {
      BlockCells& cells = table.emplace_back();
      for (const TrialArm& arm : arms_) cells.push_back(mean_cell(block, arm.name));
    }
    const TwoWayFit fit = fit_two_way(table);
    const TrialVerdict verdict = judge_trial(fit, noise_of(blocks));
    for (const Dirt& dirt : verdict.dirt) report_.dirt.push_back(to_text(dirt));
    const auto ms = [&](std::size_t arm) -> std::optional<double> {
      if (fit.arm_means.empty()) return std::nullopt;
      return std::exp(fit.arm_means[arm]) / 1e6;
    };
    report_.greedy_ttft_ms = ttft_of(blocks, kGreedy);
    report_.greedy_ms_per_token = ms(kControlArm);
    const std::vector<int> log = ids_of_one(blocks, kGreedy);
    std::size_t place = kFirstCandidateArm;
    for (SpeculativeArm& arm : report_.arms) {
      if (!passes(arm.exactness)) continue;
      add_passes(blocks, arm);
      if (!log.empty() && spec_.workload != SpeculativeWorkload::kOracle)
        arm.simulated_passes =
            simulate_passes(request().prompt, log, arm.tokens, spec_.speculation.ngrams).size();
      arm.ttft_ms = ttft_of(blocks, arm_name(arm.tokens));
      arm.ms_per_token = ms(place);
      arm.speed_up = speed_up_of(verdict.candidates[place - kFirstCandidateArm]);
      ++place;
    }
  }

  static std::optional<SpeedUp> speed_up_of(const Comparison& comparison) {
    if (!comparison.size_rel) return std::nullopt;
    SpeedUp speed_up{.factor = 1 / (1 + *comparison.size_rel),
                     .outcome = std::string(to_text(comparison.outcome))};
    if (const auto& interval = comparison.interval_rel; interval && interval->low > -1) {
      speed_up.low = 1 / (1 + interval->high);
      speed_up.high = 1 / (1 + interval->low);
    }
    return speed_up;
  }

  const SpeculateSetup& setup_;
  const SpeculateSpec& spec_;
  const SpeculatePlace& place_;
  SpeculationReport report_;
  std::vector<TrialArm> arms_;  // greedy, its twin, then the exact ones
  BegunSweep begun_;
  bool is_interrupted_ = false;
};

}  // namespace

std::string_view to_text(SpeculativeWorkload workload) {
  switch (workload) {
    case SpeculativeWorkload::kTiled:
      return "tiled";
    case SpeculativeWorkload::kRandom:
      return "random";
    case SpeculativeWorkload::kOracle:
      return "oracle";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(VerifierLoading loading) {
  return loading == VerifierLoading::kBeside ? "beside" : "alone";
}

std::vector<int> speculative_prompt(const SpeculateSpec& spec, int vocab_size) {
  constexpr int kTiledPrompt = 8;  // of a period of six
  const bool is_tiled = spec.workload == SpeculativeWorkload::kTiled;
  return speculation_prompts(vocab_size, kTiledPrompt + 2,
                             spec.prompt_tokens)[kTiledPrompt + (is_tiled ? 0 : 1)]
      .ids;
}

Result<SpeculateAnswer> run_speculate(const SpeculateSetup& setup, const SpeculatePlace& place) {
  return SpeculateRun(setup, place).run();
}

}  // namespace fusesweep
