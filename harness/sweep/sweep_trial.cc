#include "harness/sweep/sweep_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/base/hash.h"
#include "harness/measure/block.h"
#include "harness/measure/prompts.h"
#include "harness/stats/cell_estimate.h"
#include "harness/stats/quantile.h"
#include "harness/stats/stein.h"
#include "harness/stats/two_way.h"

namespace fusesweep {
namespace {

constexpr const char* kTwin = "twin";
constexpr int kMostBlocks = 10'000;

double to_ms(double ns) { return ns / 1e6; }

// Names the trial by everything that is measured in it.
std::string trial_of(const std::vector<TrialArm>& arms, const SweepSpec& spec) {
  Json names = Json::array();
  for (const TrialArm& arm : arms) names.push_back({arm.name, arm.split_key, arm.content});
  const Json trial = {{"arms", std::move(names)},
                      {"prompt_tokens", spec.prompt_tokens},
                      {"decode_tokens", spec.decode_tokens},
                      {"rounds", spec.rounds},
                      {"seed", spec.seed}};
  return to_hex(hash128(to_text(trial)));
}

Json to_json(const BlockNoise& noise) {
  Json json = Json::object();
  const auto add = [&](const char* name, const auto& value) {
    if (value) json[name] = *value;
  };
  add("steal_rel", noise.steal_rel);
  add("steal_ns", noise.steal_ns);
  add("involuntary_switches", noise.involuntary_switches);
  add("migrations", noise.migrations);
  add("minor_faults", noise.minor_faults);
  add("major_faults", noise.major_faults);
  add("frequency_min_hz", noise.frequency_min_hz);
  add("frequency_max_hz", noise.frequency_max_hz);
  return json;
}

// Control, twin, and the others: the arms as they are measured and stored.
std::vector<TrialArm> with_twin(const std::vector<TrialArm>& arms) {
  std::vector<TrialArm> all = arms;
  TrialArm twin = arms.front();
  twin.name = kTwin;
  all.insert(all.begin() + 1, std::move(twin));
  return all;
}

class Trial {
 public:
  Trial(const std::vector<TrialArm>& arms, const SweepSpec& spec, const TrialPlace& place)
      : arms_(with_twin(arms)), spec_(spec), place_(place), name_(trial_of(arms, spec)) {}

  Result<TrialOutcome> run(int vocab_size, const StartRunner& start_runner) {
    Result<std::vector<BlockRow>> stored = place_.store.blocks_of(place_.sweep, name_);
    if (!stored) return fail(std::move(stored).error());
    blocks_ = *std::move(stored);
    outcome_.name = name_;
    std::vector<Arm> arms;
    for (const TrialArm& arm : arms_) {
      arms.push_back({arm.name, [&arm, &start_runner](Progress& progress) -> Result<StartedArm> {
                        Result<std::unique_ptr<Runner>> runner = start_runner();
                        if (!runner) return fail(std::move(runner).error());
                        Result<Opened> opened = (*runner)->open(arm.open, progress);
                        if (!opened) return fail(std::move(opened).error());
                        return StartedArm{*std::move(runner), *std::move(opened)};
                      }});
    }
    const BlockDesign design{
        .request = {.prompt = built_in_prompts(vocab_size, 1, spec_.prompt_tokens).back().ids,
                    .decode_tokens = spec_.decode_tokens},
        .rounds = spec_.rounds,
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
      place_.progress.begin_stage("measuring", static_cast<std::uint64_t>(wanted()));
      place_.progress.advance(blocks_.size());
      place_.progress.set_item(fmt::format("block {}", blocks_.size() + 1));
      if (auto done = measure_block(arms, design); !done) return fail(std::move(done).error());
      if (outcome_.failed_arm) return std::move(outcome_);
    }
    conclude();
    return std::move(outcome_);
  }

 private:
  // In all: the pilot, then as many as its spread asks for within the budget. Only stored facts decide,
  // so that a trial that is gone on with ends where it would have.
  int wanted() {
    const VerdictRules rules;
    const auto pilot = static_cast<std::size_t>(rules.min_blocks);
    if (blocks_.size() < pilot) return rules.min_blocks;
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
    const std::optional<BlockPlan> plan = plan_blocks(fit_two_way(cells_of(first)), goal);
    outcome_.wanted_blocks = plan ? plan->wanted : rules.min_blocks;
    return plan ? plan->blocks : rules.min_blocks;
  }

  Result<void> measure_block(const std::vector<Arm>& arms, const BlockDesign& design) {
    const auto began = place_.clock.wall_now();
    const Result<Block> block =
        run_block(arms, design, static_cast<int>(blocks_.size()), place_.clock, place_.progress);
    if (!block) return fail(block.error());
    if (!block->failures.empty()) {
      const ArmFailure& failure = block->failures.front();
      outcome_.failed_arm = failure.arm < 2 ? 0 : failure.arm - 1;
      outcome_.failure = failure.error.message;
      return {};
    }
    BlockRow row = row_of(*block);
    row.began_unix_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(began.time_since_epoch()).count();
    if (auto put = place_.store.put_block(place_.run, place_.sweep, row); !put) return put;
    blocks_.push_back(std::move(row));
    ++outcome_.new_blocks;
    return {};
  }

  BlockRow row_of(const Block& block) const {
    BlockRow row{.block = block.number, .trial = name_, .seed = spec_.seed};
    row.wall_ns = block.wall.count();
    row.noise = to_json(block.noise);
    for (const ArmLoad& loaded : block.loads) {
      ArmLoadRow load{.arm = arms_[loaded.arm].name, .load_ns = loaded.load_ns};
      for (const GroupLoad& group : loaded.groups) {
        if (group.activation_ns) load.activation_ns[group.group] = *group.activation_ns;
      }
      row.loads.push_back(std::move(load));
    }
    for (const ArmRound& round : block.rounds) {
      row.cells.push_back({.arm = arms_[round.arm].name,
                           .split_key = arms_[round.arm].split_key,
                           .round = round.round,
                           .position = round.position,
                           .prefill_ns = round.result.prefill_ns,
                           .groups = round.result.groups,
                           .token_ns = round.result.token_ns,
                           .group_ns = round.result.group_ns,
                           .ids = round.result.ids});
    }
    return row;
  }

  std::vector<BlockCells> cells_of(const std::vector<BlockRow>& blocks) const {
    std::vector<BlockCells> table;
    for (const BlockRow& block : blocks) {
      BlockCells cells;
      for (const TrialArm& arm : arms_) {
        std::vector<RoundTokenNs> rounds;
        for (const CellRow& cell : block.cells) {
          if (cell.arm == arm.name) rounds.push_back(cell.token_ns);
        }
        cells.push_back(cell_estimate(rounds));
      }
      table.push_back(std::move(cells));
    }
    return table;
  }

  void conclude() {
    outcome_.blocks = static_cast<int>(blocks_.size());
    if (blocks_.empty()) return;
    const VerdictRules rules{.margin_rel = spec_.margin_rel};
    const TwoWayFit fit =
        fit_two_stages(cells_of(blocks_), static_cast<std::size_t>(rules.min_blocks));
    outcome_.noise = noise();
    if (!outcome_.is_interrupted) outcome_.verdict = judge_trial(fit, outcome_.noise, rules);
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
        groups = cell.groups;
        group_ms.resize(groups.size());
        if (cell.prefill_ns) ttft_ms.push_back(to_ms(static_cast<double>(*cell.prefill_ns)));
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

  TrialNoise noise() const {
    double stolen_ns = 0;
    double wall_ns = 0;
    for (const BlockRow& block : blocks_) {
      const auto steal = block.noise.find("steal_rel");
      if (steal == block.noise.end() || !steal->is_number()) continue;
      stolen_ns += steal->get<double>() * static_cast<double>(block.wall_ns);
      wall_ns += static_cast<double>(block.wall_ns);
    }
    TrialNoise noise;
    if (wall_ns > 0) noise.steal_rel = stolen_ns / wall_ns;
    return noise;
  }

  const std::vector<TrialArm> arms_;
  const SweepSpec& spec_;
  const TrialPlace& place_;
  const std::string name_;
  std::vector<BlockRow> blocks_;
  TrialOutcome outcome_;
};

}  // namespace

Result<TrialOutcome> run_trial(const std::vector<TrialArm>& arms, const SweepSpec& spec,
                               int vocab_size, const StartRunner& start_runner,
                               const TrialPlace& place) {
  return Trial(arms, spec, place).run(vocab_size, start_runner);
}

}  // namespace fusesweep
