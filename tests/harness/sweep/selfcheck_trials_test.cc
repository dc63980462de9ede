#include "harness/sweep/selfcheck_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace fusesweep {
namespace {

constexpr double kTokenNs = 1.7e6;

// Blocks of one second: levels that wander, processes of an arm that differ by `noise`.
std::vector<BankBlock> simulated_bank(std::size_t blocks, double noise, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> level(0, 0.02);
  std::normal_distribution<double> process(0, noise);
  std::vector<BankBlock> bank(blocks);
  for (BankBlock& block : bank) {
    block.wall_s = 1;
    block.steal_rel = 0.001;
    const double block_level = level(random);
    for (double& token_ns : block.token_ns)
      token_ns = kTokenNs * std::exp(block_level + process(random));
  }
  return bank;
}

int all_of(const SelfcheckTrials& trials) {
  return trials.faster.count + trials.slower.count + trials.equivalent.count +
         trials.inconclusive.count + trials.dirty.count;
}

TEST(SelfcheckTrialsTest, EqualArmsAreHardlyEverToldApart) {
  int ranked = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const auto bank = simulated_bank(300, 0.008, seed);
    const SelfcheckTrials trials = cut_trials(bank, 30, 0, 10, {});  // that hardly overlap
    EXPECT_EQ(trials.slower.trials, 10);
    EXPECT_EQ(all_of(trials), 10);
    EXPECT_DOUBLE_EQ(trials.blocks, 30);
    EXPECT_NEAR(*trials.size_rel, 0, 0.004);
    EXPECT_GT(trials.slower.high, trials.slower.low);
    ranked += trials.faster.count + trials.slower.count;
  }
  EXPECT_LE(ranked, 2);  // of 400
}

TEST(SelfcheckTrialsTest, ADelayIsFoundTheMoreOftenTheLargerItIs) {
  const auto bank = simulated_bank(300, 0.008, 2);
  int before = -1;
  for (const double delay : {0.0025, 0.01, 0.05}) {
    const int found = cut_trials(bank, 30, delay, 200, {}).slower.count;
    EXPECT_GE(found, before) << delay;
    before = found;
  }
  EXPECT_EQ(before, 200);
  EXPECT_NEAR(*cut_trials(bank, 30, 0.05, 200, {}).size_rel, 0.05, 0.004);
}

TEST(SelfcheckTrialsTest, LongerTrialsFindSmallerDelays) {
  const auto bank = simulated_bank(300, 0.008, 3);
  const std::optional<double> in_10 = smallest_found(bank, 10, 100, {});
  const std::optional<double> in_60 = smallest_found(bank, 60, 100, {});
  ASSERT_TRUE(in_10 && in_60);
  EXPECT_LT(*in_60, *in_10);
  // Nothing is found in noise that is larger than everything that is tried.
  EXPECT_EQ(smallest_found(simulated_bank(300, 3, 4), 10, 100, {}), std::nullopt);
}

TEST(SelfcheckTrialsTest, TrialsTakeWholeBlocksAndThePilotsAtLeast) {
  const auto bank = simulated_bank(20, 0.008, 5);
  EXPECT_DOUBLE_EQ(cut_trials(bank, 9.5, 0, 5, {}).blocks, 9);
  EXPECT_DOUBLE_EQ(cut_trials(bank, 2, 0, 5, {}).blocks, 6);
  // A cut that the bank's end would shorten is none.
  EXPECT_EQ(cut_trials(bank, 9.5, 0, 1000, {}).slower.trials, 11);
  EXPECT_EQ(cut_trials(bank, 60, 0, 5, {}).slower.trials, 0);
}

TEST(SelfcheckTrialsTest, StolenTimeMakesTrialsDirty) {
  auto bank = simulated_bank(60, 0.008, 6);
  for (BankBlock& block : bank) block.steal_rel = 0.06;
  const SelfcheckTrials trials = cut_trials(bank, 10, 0.05, 20, {});
  EXPECT_EQ(trials.dirty.count, 20);
  EXPECT_EQ(all_of(trials), 20);
}

TEST(SelfcheckTrialsTest, ABankIsDescribedByItsNoise) {
  const SelfcheckBank figures = bank_figures(simulated_bank(300, 0.008, 7));
  EXPECT_EQ(figures.blocks, 300);
  EXPECT_DOUBLE_EQ(figures.block_s, 1);
  EXPECT_NEAR(*figures.cell_sd, 0.008, 0.001);
  EXPECT_NEAR(*figures.block_sd, 0.02, 0.004);
  EXPECT_NEAR(*figures.steal_rel, 0.001, 1e-9);
}

TEST(SelfcheckTrialsTest, ABlockGivesEachArmItsCell) {
  BlockRow row{.wall_ns = 1'500'000'000, .noise = {{"steal_rel", 0.25}}};
  row.cells = {{.arm = "twin", .token_ns = {30, 10, 20}},
               {.arm = "a", .token_ns = {5, 5, 9}},
               {.arm = "b", .token_ns = {7}}};
  const BankBlock block = bank_block(row, {"a", "twin", "b"});
  EXPECT_DOUBLE_EQ(block.wall_s, 1.5);
  EXPECT_EQ(block.steal_rel, 0.25);
  EXPECT_NEAR(block.token_ns[0], 5, 1e-9);
  EXPECT_NEAR(block.token_ns[1], 20, 1e-9);
  EXPECT_NEAR(block.token_ns[2], 7, 1e-9);
}

}  // namespace
}  // namespace fusesweep
