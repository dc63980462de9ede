// Trials cut from a bank: what a trial of so many seconds would have said, had it been measured in these
// minutes of it, with or without a delay of the candidate. Pure functions of the bank's blocks.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/selfcheck.h"
#include "harness/stats/trial_verdict.h"
#include "results/rows.h"

namespace fusesweep {

// A block of a bank as trials see it. Arms: control, twin, candidate.
struct BankBlock {
  double wall_s = 0;
  std::optional<double> steal_rel;
  std::array<double, 3> token_ns{};  // of each arm: its cell
};

// REQUIRES: the block has cells of exactly these arms.
BankBlock bank_block(const BlockRow& block, const std::array<std::string, 3>& arms);

// The median of its blocks, of which delays are shares; 0 of an empty bank.
double control_token_ns(std::span<const BankBlock> bank);

// With so much added to each token of the candidate.
TrialVerdict judge_cut(std::span<const BankBlock> blocks, double candidate_delay_ns,
                       const VerdictRules& rules);

// Of all of them together.
TrialNoise noise_of(std::span<const BankBlock> blocks);

// Blocks of a bank that make a trial.
struct BankCut {
  std::size_t first = 0;
  std::size_t count = 0;
};

// As many trials as fit into the bank, but at most `trials`, begun at blocks that lie evenly over it: they
// overlap. Each takes whole blocks until `seconds` are spent, `least` of them at least.
std::vector<BankCut> cuts_of(std::span<const BankBlock> bank, double seconds, int trials,
                             int least);

// So many of so many, with the bounds of what it speaks for.
TrialRate rate_of(int count, std::size_t trials);

// `injected_rel` is of the control's median time of a token in the whole bank.
SelfcheckTrials cut_trials(std::span<const BankBlock> bank, double seconds, double injected_rel,
                           int trials, const VerdictRules& rules);

// The smallest delay, to a quarter of a per cent, that 95 % of the trials find; absent above 50 %.
std::optional<double> smallest_found(std::span<const BankBlock> bank, double seconds, int trials,
                                     const VerdictRules& rules);

// Of all blocks together.
SelfcheckBank bank_figures(std::span<const BankBlock> bank);

// Counts of outcomes, with their bounds. Verdicts have one candidate each.
SelfcheckTrials count_outcomes(std::span<const TrialVerdict> verdicts);

}  // namespace fusesweep
