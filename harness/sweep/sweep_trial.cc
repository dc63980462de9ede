#include "harness/sweep/sweep_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/base/hash.h"
#include "harness/measure/block.h"
#include "harness/measure/prompts.h"
#include "harness/measure/trial_layout.h"
#include "harness/stats/quantile.h"
#include "harness/stats/stein.h"
#include "harness/stats/two_way.h"

namespace fusesweep {
namespace {

constexpr int kMostBlocks = 10'000;

double to_ms(double ns) { return ns / 1e6; }

// The mean of a call, of each group of a decoding that was told only in sum.
void add_sum(const DecodeSum& sum, std::vector<std::string>& groups,
             std::vector<std::vector<double>>& group_ms) {
  const std::vector<GroupSum> means = mean_of_call(sum);
  groups.clear();
  group_ms.resize(means.size());
  for (std::size_t g = 0; g < means.size(); ++g) {
    groups.push_back(means[g].group);
    group_ms[g].push_back(to_ms(static_cast<double>(means[g].ns)));
  }
}

// Names the trial by everything that is measured in it.
std::string trial_of(const std::vector<TrialArm>& arms, const SweepSpec& spec) {
  Json names = Json::array();
  for (const TrialArm& arm : arms) names.push_back({arm.name, arm.split_key, arm.content});
  const Json trial = {{"arms", std::move(names)},
                      {"prompt_tokens", spec.prompt_tokens},
                      {"decode_tokens", spec.decode_tokens},
                      {"decodings", spec.decodings},
                      {"turn_tokens", spec.turn_tokens},
                      {"seed", spec.seed}};
  return to_hex(hash128(to_text(trial)));
}

class Trial {
 public:
  Trial(const std::vector<TrialArm>& arms, const SweepSpec& spec, const TrialPlace& place)
      : arms_(with_twin(arms)), spec_(spec), place_(place), name_(trial_of(arms, spec)) {}

  Result<TrialOutcome> run(int vocab_size, const StartRunner& start_runner) {
    Result<std::vector<BlockRow>> stored = place_.store.blocks_of(place_.sweep, name_);
    if (!stored) return fail(std::move(stored).error());
    blocks_ = *std::move(stored);
    for (const BlockRow& block : blocks_) outcome_.seconds += seconds_of(block);
    outcome_.name = name_;
    plan();
    const std::vector<Arm> arms = startable(arms_, start_runner);
    const BlockDesign design{
        .request = {.prompt = built_in_prompts(vocab_size, 1, spec_.prompt_tokens).back().ids,
                    .decode_tokens = spec_.decode_tokens},
        .decodings = spec_.decodings,
        .turn_tokens = spec_.turn_tokens,
        .seed = spec_.seed};
    while (static_cast<int>(blocks_.size()) < wanted()) {
      if (place_.is_ended) {
        outcome_.lacks_blocks = true;
        return std::move(outcome_);
      }
      if (place_.is_interrupted()) {
        outcome_.is_interrupted = true;
        break;
      }
      show_blocks();
      if (auto done = measure_block(arms, design); !done) return fail(std::move(done).error());
      if (outcome_.failed_arm) return std::move(outcome_);
      place_.progress.advance();
      plan();
    }
    conclude();
    return std::move(outcome_);
  }

 private:
  int wanted() const { return plan_ ? plan_->blocks : VerdictRules().min_blocks; }

  // The pilot, then as many as its spread asks for within the budget. Only stored facts decide, so that a
  // trial that is gone on with ends where it would have.
  void plan() {
    const auto pilot = static_cast<std::size_t>(VerdictRules().min_blocks);
    if (plan_ || blocks_.size() < pilot) return;
    const std::vector<BlockRow> first(blocks_.begin(),
                                      blocks_.begin() + static_cast<std::ptrdiff_t>(pilot));
    double wall_ns = 0;
    for (const BlockRow& block : first) wall_ns += static_cast<double>(block.wall_ns);
    const double budget_ns = static_cast<double>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(spec_.budget).count());
    const double room = budget_ns / (wall_ns / static_cast<double>(pilot));
    const PrecisionGoal goal{.half_width_rel = spec_.target_rel,
                             .max_blocks = static_cast<int>(std::clamp(
                                 room, static_cast<double>(pilot), double{kMostBlocks}))};
    plan_ = plan_blocks(fit_two_way(cells_of(first, arms_)), goal);
    if (plan_) outcome_.wanted_blocks = plan_->wanted;
  }

  // Anew where another number of blocks is wanted than before.
  void show_blocks() {
    const int total = wanted();
    if (total == shown_) return;
    shown_ = total;
    place_.progress.begin_stage("measuring blocks", static_cast<std::uint64_t>(total));
    place_.progress.advance(blocks_.size());
  }

  Result<void> measure_block(const std::vector<Arm>& arms, const BlockDesign& design) {
    Result<MeasuredBlock> block = fusesweep::measure_block(
        arms, arms_, name_, static_cast<int>(blocks_.size()), design,
        {place_.store, place_.run, place_.sweep, place_.clock, place_.progress});
    if (!block) return fail(std::move(block).error());
    if (block->failure) {
      const ArmFailure& failure = *block->failure;
      outcome_.failed_arm = failure.arm < 2 ? 0 : failure.arm - 1;
      outcome_.failure = failure.error.message;
      return {};
    }
    outcome_.seconds += seconds_of(block->row);
    blocks_.push_back(std::move(block->row));
    ++outcome_.new_blocks;
    return {};
  }

  void conclude() {
    outcome_.plan = plan_;
    outcome_.blocks = static_cast<int>(blocks_.size());
    if (blocks_.empty()) return;
    const TwoWayFit fit = fit_two_stages(cells_of(blocks_, arms_),
                                         static_cast<std::size_t>(VerdictRules().min_blocks),
                                         plan_.value_or(BlockPlan()));
    outcome_.noise = noise_of(blocks_);
    if (!outcome_.is_interrupted) outcome_.fit = fit;
    for (std::size_t arm = 0; arm < arms_.size(); ++arm) {
      if (arm != kTwinArm && arm < fit.arm_means.size())
        outcome_.figures.push_back(figures_of(arms_[arm].name, fit.arm_means[arm]));
    }
  }

  ArmFigures figures_of(const std::string& arm, double log_ns_per_token) const {
    ArmFigures figures{.ms_per_token = to_ms(std::exp(log_ns_per_token))};
    figures.tok_per_s = 1e3 / figures.ms_per_token;
    std::vector<std::string> groups;
    std::vector<std::vector<double>> group_ms;
    std::vector<double> ttft_ms;
    std::vector<double> load_ms;
    std::vector<double> activation_ms;
    for (const BlockRow& block : blocks_) {
      for (const CellRow& cell : block.cells) {
        if (cell.arm != arm) continue;
        if (!cell.sum) {
          groups = cell.groups;
          group_ms.resize(groups.size());
        }
        if (cell.prefill_ns) ttft_ms.push_back(to_ms(static_cast<double>(*cell.prefill_ns)));
        if (cell.sum) add_sum(*cell.sum, groups, group_ms);
        for (const std::vector<std::int64_t>& step : cell.group_ns) {
          for (std::size_t g = 0; g < std::min(step.size(), group_ms.size()); ++g)
            group_ms[g].push_back(to_ms(static_cast<double>(step[g])));
        }
      }
      for (const ArmLoadRow& load : block.loads) {
        if (load.arm != arm) continue;
        if (load.load_ns) load_ms.push_back(to_ms(static_cast<double>(*load.load_ns)));
        double first_calls = 0;
        for (const auto& [group, ns] : load.activation_ns) first_calls += static_cast<double>(ns);
        if (!load.activation_ns.empty()) activation_ms.push_back(to_ms(first_calls));
      }
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (const std::optional<double> middle = median(group_ms[g]))
        figures.groups.push_back({groups[g], *middle});
    }
    figures.ttft_ms = median(ttft_ms);
    figures.load_ms = median(load_ms);
    figures.activation_ms = median(activation_ms);
    return figures;
  }

  const std::vector<TrialArm> arms_;
  const SweepSpec& spec_;
  const TrialPlace& place_;
  const std::string name_;
  std::vector<BlockRow> blocks_;
  TrialOutcome outcome_;
  std::optional<BlockPlan> plan_;  // absent: before the pilot's end, or a pilot without spread
  int shown_ = 0;                  // blocks in all, to those who watch
};

}  // namespace

Result<TrialOutcome> run_trial(const std::vector<TrialArm>& arms, const SweepSpec& spec,
                               int vocab_size, const StartRunner& start_runner,
                               const TrialPlace& place) {
  return Trial(arms, spec, place).run(vocab_size, start_runner);
}

Result<GroupedTrials> run_trials(const std::vector<TrialArm>& arms, std::uint64_t memory_bytes,
                                 const SweepSpec& spec, int vocab_size,
                                 const StartRunner& start_runner, const TrialPlace& place) {
  std::vector<std::uint64_t> arm_bytes;
  for (const TrialArm& arm : with_twin(arms)) arm_bytes.push_back(arm.bytes);
  const Result<TrialLayout> layout = lay_out_trial(arm_bytes, memory_bytes);
  if (!layout) return fail(layout.error());
  const auto without_twin = [](std::size_t arm) { return arm == kControlArm ? arm : arm - 1; };

  GroupedTrials all;
  for (const std::size_t arm : layout->left_out) all.left_out.push_back(without_twin(arm));
  for (const std::vector<std::size_t>& group : layout->groups) {
    std::vector<std::size_t>& members = all.groups.emplace_back();
    for (const std::size_t arm : group) {
      if (arm != kTwinArm) members.push_back(without_twin(arm));
    }
  }
  SweepSpec share = spec;
  share.budget /= static_cast<int>(all.groups.size());
  for (const std::vector<std::size_t>& group : all.groups) {
    std::vector<TrialArm> members;
    for (const std::size_t arm : group) members.push_back(arms[arm]);
    Result<TrialOutcome> trial = run_trial(members, share, vocab_size, start_runner, place);
    if (!trial) return fail(std::move(trial).error());
    const bool is_over = trial->is_interrupted || trial->lacks_blocks || trial->failed_arm;
    all.trials.push_back(*std::move(trial));
    if (is_over) break;
  }
  return all;
}

}  // namespace fusesweep
