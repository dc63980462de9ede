#include "harness/sweep/selfcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/measure/block.h"
#include "harness/measure/busy_core.h"
#include "harness/measure/prompts.h"
#include "harness/sweep/begun_sweep.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/rerun_speed.h"
#include "harness/sweep/selfcheck_reruns.h"
#include "harness/sweep/selfcheck_trials.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

constexpr const char* kCandidateName = "candidate";
// What orders are drawn for, beside the seed.
constexpr std::uint64_t kIdleBank = 1;
constexpr std::uint64_t kBusyBank = 2;
constexpr std::uint64_t kFirstPhysical = 3;
constexpr double kBusyFactor = 2;  // how much longer a block takes beside a busy core: a guess

double to_s(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

Json to_json(const SelfcheckSetup& setup, const Conditions& conditions) {
  const SelfcheckSpec& spec = setup.spec;
  Json json = {{"kind", "selfcheck"},
               {"model_hash", setup.gates.model.hash},
               {"contract_hash", hash_of(setup.gates.model.contract)},
               {"runner", conditions.runner},
               {"options_hash", conditions.options_hash},
               {"split", to_text(spec.split)},
               {"tokens", setup.gates.shape.tokens},
               {"context", setup.gates.shape.context},
               {"encoding", to_text(setup.gates.shape.encoding)},
               {"kv", to_text(setup.gates.shape.kv_form)},
               {"head_shards", setup.gates.head_shards},
               {"threads", setup.gates.options.threads},
               {"prompt_tokens", spec.prompt_tokens},
               {"decode_tokens", spec.decode_tokens},
               {"decodings", spec.decodings},
               {"turn_tokens", spec.turn_tokens},
               {"seed", spec.seed},
               {"blocks", spec.blocks},
               {"conditions", Json::array()},
               {"seconds", spec.seconds},
               {"injected_rel", spec.injected_rel},
               {"cuts", spec.cuts},
               {"physical", Json::array()}};
  for (const MeasuringCondition condition : spec.conditions)
    json["conditions"].push_back(to_text(condition));
  for (const PhysicalTrials& trials : spec.physical)
    json["physical"].push_back({trials.trials, trials.seconds, trials.injected_rel});
  return json;
}

class SelfcheckRun {
 public:
  SelfcheckRun(const SelfcheckSetup& setup, const SelfcheckPlace& place)
      : setup_(setup), spec_(setup.spec), place_(place) {
    answer_.figures.split = to_text(spec_.split);
  }

  Result<SelfcheckAnswer> run() {
    if (auto gated = gate(); !gated) return fail(std::move(gated).error());
    if (auto prepared = prepare(); !prepared) return fail(std::move(prepared).error());
    if (auto begun = begin(); !begun) return fail(std::move(begun).error());
    if (auto told = tell_time(); !told) return fail(std::move(told).error());
    for (const MeasuringCondition condition : spec_.conditions) {
      if (answer_.is_interrupted) break;
      if (auto done = bank(condition); !done) return fail(std::move(done).error());
    }
    for (const PhysicalTrials& trials : spec_.physical) {
      if (answer_.is_interrupted) break;
      if (auto done = measure(trials); !done) return fail(std::move(done).error());
    }
    if (!answer_.is_interrupted && !begun_.ended) {
      const auto ended =
          place_.store.end_sweep(begun_.id, "done", fusesweep::to_json(answer_.figures));
      if (!ended) return fail(ended.error());
    }
    return std::move(answer_);
  }

 private:
  Result<void> gate() {
    Result<GateWorkbench> bench = GateWorkbench::create(
        place_.runner, setup_.description, setup_.gates, place_.store, place_.run, place_.progress);
    if (!bench) return fail(std::move(bench).error());
    return require_gates(*bench, spec_.split);
  }

  Result<void> prepare() {
    const GateSetup& gates = setup_.gates;
    Result<TrialArm> arm = prepare_arm(place_.runner, setup_.description, gates.model,
                                       {.split = spec_.split,
                                        .shape = gates.shape,
                                        .head_shards = gates.head_shards,
                                        .work = gates.work,
                                        .options = gates.options},
                                       to_text(spec_.split), place_.progress);
    if (!arm) return fail(std::move(arm).error());
    arm_ = *std::move(arm);
    return {};
  }

  Result<void> begin() {
    Json question = to_json(
        setup_, conditions_of(setup_.description, setup_.gates.options, setup_.gates.limits));
    question["content"] = arm_.content;
    Result<BegunSweep> begun =
        begin_or_go_on(place_.store, place_.run, std::move(question), setup_.is_fresh);
    if (!begun) return fail(std::move(begun).error());
    begun_ = *std::move(begun);
    return {};
  }

  // Control, twin, and the same split once more, slowed down by so much a token.
  std::vector<TrialArm> arms(std::int64_t delay_ns) const {
    TrialArm candidate = arm_;
    candidate.name = kCandidateName;
    if (delay_ns > 0) candidate.open.options.inject_ns[delayed_group()] = delay_ns;
    return with_twin({arm_, candidate});
  }

  std::string delayed_group() const { return to_text(spec_.split.segments().front()); }

  BlockDesign design(std::uint64_t trial) const {
    const int vocab_size = setup_.gates.model.contract.vocab_size;
    return {.request = {.prompt = built_in_prompts(vocab_size, 1, spec_.prompt_tokens).back().ids,
                        .decode_tokens = spec_.decode_tokens},
            .decodings = spec_.decodings,
            .turn_tokens = turn_tokens_for(setup_.description, spec_.turn_tokens),
            .seed = spec_.seed * 1000 + trial};
  }

  Result<std::vector<BankBlock>> stored(const std::string& trial) {
    const Result<std::vector<BlockRow>> rows = place_.store.blocks_of(begun_.id, trial);
    if (!rows) return fail(rows.error());
    std::vector<BankBlock> blocks;
    for (const BlockRow& row : *rows) blocks.push_back(bank_block(row, arm_names()));
    return blocks;
  }

  std::array<std::string, 3> arm_names() const { return {arm_.name, kTwinName, kCandidateName}; }

  // One more of them, stored.
  Result<void> add_block(std::vector<BankBlock>& blocks, const std::string& trial,
                         const std::vector<TrialArm>& all, const BlockDesign& design) {
    const Result<MeasuredBlock> block = measure_block(
        startable(all, setup_.start_runner), all, trial, static_cast<int>(blocks.size()), design,
        {place_.store, place_.run, begun_.id, place_.clock, place_.progress});
    if (!block) return fail(block.error());
    if (block->failure) return fail(block->failure->error);
    blocks.push_back(bank_block(block->row, arm_names()));
    ++answer_.new_blocks;
    return {};
  }

  bool is_interrupted() {
    answer_.is_interrupted = answer_.is_interrupted || setup_.is_interrupted();
    return answer_.is_interrupted;
  }

  // From one block that is thrown away.
  Result<void> tell_time() {
    if (begun_.ended || !setup_.say) return {};
    const std::vector<TrialArm> all = arms(0);
    const std::vector<Arm> arms = startable(all, setup_.start_runner);
    const Result<Block> block = run_block(arms, design(0), 0, place_.clock, place_.progress);
    if (!block) return fail(block.error());
    if (!block->failures.empty()) return fail(block->failures.front().error);
    double left_s = 0;
    for (const MeasuringCondition condition : spec_.conditions) {
      const Result<std::vector<BankBlock>> blocks = stored(bank_name(condition));
      if (!blocks) return fail(blocks.error());
      const double missing = std::max(0.0, spec_.blocks - static_cast<double>(blocks->size()));
      const bool is_busy = condition == MeasuringCondition::kOneCoreBusy;
      left_s += missing * to_s(block->wall.count()) * (is_busy ? kBusyFactor : 1);
    }
    for (const PhysicalTrials& trials : spec_.physical) left_s += trials.trials * trials.seconds;
    setup_.say(std::chrono::seconds(std::lround(left_s)));
    return {};
  }

  static std::string bank_name(MeasuringCondition condition) {
    return fmt::format("bank, {}", to_text(condition));
  }

  Result<void> bank(MeasuringCondition condition) {
    const std::string name = bank_name(condition);
    Result<std::vector<BankBlock>> blocks = stored(name);
    if (!blocks) return fail(std::move(blocks).error());
    const std::vector<TrialArm> all = arms(0);
    std::optional<BusyCore> busy;
    place_.progress.begin_stage(name, static_cast<std::uint64_t>(spec_.blocks));
    place_.progress.advance(blocks->size());
    while (static_cast<int>(blocks->size()) < spec_.blocks && !is_interrupted()) {
      if (condition == MeasuringCondition::kOneCoreBusy && !busy) {
        Result<BusyCore> started = BusyCore::start();
        if (!started) return fail(std::move(started).error());
        busy.emplace(*std::move(started));
      }
      if (auto added = add_block(*blocks, name, all, design(bank_number(condition))); !added)
        return added;
      place_.progress.advance();
    }
    judge_bank(*blocks, condition);
    return judge_reruns(*blocks, condition);
  }

  static std::uint64_t bank_number(MeasuringCondition condition) {
    return condition == MeasuringCondition::kIdle ? kIdleBank : kBusyBank;
  }

  void judge_bank(const std::vector<BankBlock>& blocks, MeasuringCondition condition) {
    if (blocks.empty()) return;
    const VerdictRules rules;
    SelfcheckBank figures = bank_figures(blocks);
    figures.condition = to_text(condition);
    answer_.figures.banks.push_back(std::move(figures));
    if (condition == MeasuringCondition::kIdle) token_ns_ = control_token_ns(blocks);
    for (const int seconds : spec_.seconds) {
      for (const double injected_rel : spec_.injected_rel) {
        SelfcheckTrials trials = cut_trials(blocks, seconds, injected_rel, spec_.cuts, rules);
        if (trials.slower.trials == 0) continue;  // the bank is shorter than that
        trials.condition = to_text(condition);
        if (injected_rel > 0) trials.group = delayed_group();
        answer_.figures.trials.push_back(std::move(trials));
      }
      if (answer_.figures.trials.empty() || answer_.figures.trials.back().seconds != seconds)
        continue;
      answer_.figures.smallest.push_back({std::string(to_text(condition)),
                                          static_cast<double>(seconds),
                                          smallest_found(blocks, seconds, spec_.cuts, rules)});
    }
  }

  // Of what reruns would have found: nothing, or 2 % in one group.
  Result<void> judge_reruns(const std::vector<BankBlock>& blocks, MeasuringCondition condition) {
    constexpr double kInjectedRel[] = {0, 0.02};
    const Result<std::vector<BlockRow>> rows =
        place_.store.blocks_of(begun_.id, bank_name(condition));
    if (!rows) return fail(rows.error());
    if (rows->empty()) return {};
    const std::vector<SpeedTable> tables = speed_tables(*rows, arm_names());
    for (const int seconds : spec_.seconds) {
      for (const double injected_rel : kInjectedRel) {
        SelfcheckReruns reruns =
            cut_reruns(tables, blocks, seconds, injected_rel, delayed_group(), spec_.cuts);
        if (reruns.regressions.trials == 0) continue;  // the bank is shorter than that
        reruns.condition = to_text(condition);
        answer_.figures.reruns.push_back(std::move(reruns));
      }
    }
    return {};
  }

  Result<void> measure(const PhysicalTrials& wanted) {
    const VerdictRules rules;
    const auto delay_ns = static_cast<std::int64_t>(wanted.injected_rel * token_ns_);
    const std::vector<TrialArm> all = arms(delay_ns);
    std::vector<TrialVerdict> verdicts;
    double blocks_in_all = 0;
    for (int i = 0; i < wanted.trials; ++i) {
      const std::string name = fmt::format("{} s, {:+.2f} %, number {}", wanted.seconds,
                                           100 * wanted.injected_rel, i + 1);
      Result<std::vector<BankBlock>> blocks = stored(name);
      if (!blocks) return fail(std::move(blocks).error());
      const BlockDesign order = design(kFirstPhysical + static_cast<std::uint64_t>(number_++));
      place_.progress.begin_stage("trial of " + name, 0);
      while (has_time(*blocks, wanted.seconds, rules.min_blocks)) {
        if (is_interrupted()) return {};
        if (auto added = add_block(*blocks, name, all, order); !added) return added;
      }
      verdicts.push_back(judge_cut(*blocks, 0, rules));
      blocks_in_all += static_cast<double>(blocks->size());
    }
    SelfcheckTrials trials = count_outcomes(verdicts);
    trials.condition = to_text(MeasuringCondition::kIdle);
    trials.is_physical = true;
    trials.seconds = wanted.seconds;
    trials.injected_rel = wanted.injected_rel;
    if (delay_ns > 0) trials.group = delayed_group();
    if (wanted.trials > 0) trials.blocks = blocks_in_all / wanted.trials;
    answer_.figures.trials.push_back(std::move(trials));
    return {};
  }

  // Whether another block like the last one fits; only stored facts decide, so that a trial that is gone
  // on with ends where it would have.
  static bool has_time(const std::vector<BankBlock>& blocks, int seconds, int least) {
    if (static_cast<int>(blocks.size()) < least) return true;
    double spent_s = blocks.back().wall_s;
    for (const BankBlock& block : blocks) spent_s += block.wall_s;
    return spent_s <= seconds;
  }

  const SelfcheckSetup& setup_;
  const SelfcheckSpec& spec_;
  const SelfcheckPlace& place_;
  SelfcheckAnswer answer_;
  TrialArm arm_;
  BegunSweep begun_;
  double token_ns_ = 0;  // of the control in the idle bank
  int number_ = 0;       // of trials that were measured as such
};

}  // namespace

std::string_view to_text(MeasuringCondition condition) {
  return condition == MeasuringCondition::kIdle ? "idle" : "one core busy";
}

Result<SelfcheckAnswer> run_selfcheck(const SelfcheckSetup& setup, const SelfcheckPlace& place) {
  return SelfcheckRun(setup, place).run();
}

}  // namespace fusesweep
