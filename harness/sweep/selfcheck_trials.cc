#include "harness/sweep/selfcheck_trials.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "harness/base/check.h"
#include "harness/stats/binomial_interval.h"
#include "harness/stats/quantile.h"
#include "harness/stats/residual_figures.h"
#include "harness/stats/two_way.h"
#include "harness/sweep/trial_blocks.h"

namespace fusesweep {
namespace {

constexpr std::size_t kCandidate = kFirstCandidateArm;
constexpr double kLevel = 0.95;  // of a rate's bounds
constexpr double kWanted = 0.95;
constexpr int kStepsOfSmallest = 200;
constexpr double kStepOfSmallest = 0.0025;

TwoWayFit fit(std::span<const BankBlock> blocks, double candidate_delay_ns) {
  std::vector<BlockCells> table;
  for (const BankBlock& block : blocks) {
    BlockCells cells;
    for (std::size_t arm = 0; arm < block.token_ns.size(); ++arm)
      cells.emplace_back(
          std::log(block.token_ns[arm] + (arm == kCandidate ? candidate_delay_ns : 0)));
    table.push_back(std::move(cells));
  }
  return fit_two_way(table);
}

// Blocks from `first` on that fit into the time, the pilot's at least; 0 where the bank ends before.
std::size_t blocks_in(std::span<const BankBlock> bank, std::size_t first, double seconds,
                      std::size_t least) {
  double spent_s = 0;
  std::size_t count = 0;
  while (first + count < bank.size()) {
    const double with_next_s = spent_s + bank[first + count].wall_s;
    if (count >= least && with_next_s > seconds) return count;
    spent_s = with_next_s;
    ++count;
  }
  return 0;
}

}  // namespace

TrialNoise noise_of(std::span<const BankBlock> blocks) {
  double stolen_s = 0;
  double wall_s = 0;
  for (const BankBlock& block : blocks) {
    if (!block.steal_rel) continue;
    stolen_s += *block.steal_rel * block.wall_s;
    wall_s += block.wall_s;
  }
  if (wall_s <= 0) return {};
  return {.steal_rel = stolen_s / wall_s};
}

std::vector<BankCut> cuts_of(std::span<const BankBlock> bank, double seconds, int trials,
                             int least) {
  std::vector<BankCut> all;
  for (std::size_t first = 0; first < bank.size(); ++first) {
    const std::size_t count = blocks_in(bank, first, seconds, static_cast<std::size_t>(least));
    if (count > 0) all.push_back({first, count});
  }
  const auto most = static_cast<std::size_t>(trials);
  if (all.size() <= most) return all;
  std::vector<BankCut> even;
  for (std::size_t i = 0; i < most; ++i) even.push_back(all[i * all.size() / most]);
  return even;
}

TrialRate rate_of(int count, std::size_t trials) {
  TrialRate rate{.count = count, .trials = static_cast<int>(trials)};
  if (trials == 0) return rate;
  const Interval bounds = binomial_interval(static_cast<std::uint64_t>(count), trials, kLevel);
  rate.low = bounds.low;
  rate.high = bounds.high;
  return rate;
}

double control_token_ns(std::span<const BankBlock> bank) {
  std::vector<double> times;
  for (const BankBlock& block : bank) times.push_back(block.token_ns[kControlArm]);
  return median(times).value_or(0);
}

BankBlock bank_block(const BlockRow& block, const std::array<std::string, 3>& arms) {
  BankBlock cut{.wall_s = static_cast<double>(block.wall_ns) / 1e9};
  if (const auto steal = block.noise.find("steal_rel");
      steal != block.noise.end() && steal->is_number())
    cut.steal_rel = steal->get<double>();
  const BlockCells cells = cells_of(block, arms);
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    FUSESWEEP_CHECK(cells[arm]);
    cut.token_ns[arm] = std::exp(*cells[arm]);
  }
  return cut;
}

TrialVerdict judge_cut(std::span<const BankBlock> blocks, double candidate_delay_ns,
                       const VerdictRules& rules) {
  return judge_trial(fit(blocks, candidate_delay_ns), noise_of(blocks), rules);
}

SelfcheckTrials count_outcomes(std::span<const TrialVerdict> verdicts) {
  SelfcheckTrials trials;
  std::array<int, 5> counts{};
  std::vector<double> sizes;
  std::vector<double> smallest;
  for (const TrialVerdict& verdict : verdicts) {
    FUSESWEEP_CHECK(verdict.candidates.size() == 1);
    const Comparison& candidate = verdict.candidates.front();
    if (candidate.size_rel) sizes.push_back(*candidate.size_rel);
    if (verdict.smallest_detectable_rel) smallest.push_back(*verdict.smallest_detectable_rel);
    switch (candidate.outcome) {
      case ComparisonOutcome::kFaster:
        ++counts[0];
        break;
      case ComparisonOutcome::kSlower:
        ++counts[1];
        break;
      case ComparisonOutcome::kEquivalent:
        ++counts[2];
        break;
      case ComparisonOutcome::kInconclusive:
      case ComparisonOutcome::kNotEnoughData:
        ++counts[3];
        break;
      case ComparisonOutcome::kDirty:
        ++counts[4];
        break;
    }
  }
  TrialRate* const rates[] = {&trials.faster, &trials.slower, &trials.equivalent,
                              &trials.inconclusive, &trials.dirty};
  for (std::size_t i = 0; i < counts.size(); ++i) *rates[i] = rate_of(counts[i], verdicts.size());
  trials.size_rel = median(sizes);
  trials.smallest_detectable_rel = median(smallest);
  return trials;
}

SelfcheckTrials cut_trials(std::span<const BankBlock> bank, double seconds, double injected_rel,
                           int trials, const VerdictRules& rules) {
  const double delay_ns = injected_rel * control_token_ns(bank);
  const std::vector<BankCut> cuts = cuts_of(bank, seconds, trials, rules.min_blocks);
  std::vector<TrialVerdict> verdicts;
  double blocks = 0;
  for (const BankCut& cut : cuts) {
    verdicts.push_back(judge_cut(bank.subspan(cut.first, cut.count), delay_ns, rules));
    blocks += static_cast<double>(cut.count);
  }
  SelfcheckTrials all = count_outcomes(verdicts);
  all.seconds = seconds;
  all.injected_rel = injected_rel;
  if (!cuts.empty()) all.blocks = blocks / static_cast<double>(cuts.size());
  return all;
}

std::optional<double> smallest_found(std::span<const BankBlock> bank, double seconds, int trials,
                                     const VerdictRules& rules) {
  VerdictRules fast = rules;
  fast.power.reset();
  for (int step = 1; step <= kStepsOfSmallest; ++step) {
    const double injected_rel = kStepOfSmallest * step;
    const SelfcheckTrials found = cut_trials(bank, seconds, injected_rel, trials, fast);
    if (found.slower.trials == 0) return std::nullopt;
    if (found.slower.count >= kWanted * found.slower.trials) return injected_rel;
  }
  return std::nullopt;
}

SelfcheckBank bank_figures(std::span<const BankBlock> bank) {
  SelfcheckBank figures{.blocks = static_cast<int>(bank.size()),
                        .steal_rel = noise_of(bank).steal_rel};
  std::vector<double> walls_s;
  for (const BankBlock& block : bank) walls_s.push_back(block.wall_s);
  figures.block_s = median(walls_s).value_or(0);
  const TwoWayFit all = fit(bank, 0);
  if (all.error) figures.cell_sd = std::sqrt(all.error->variance);
  const ResidualFigures residuals = residual_figures(all);
  figures.block_sd = residuals.block_sd;
  figures.drift_rel = residuals.drift_rel;
  return figures;
}

}  // namespace fusesweep
