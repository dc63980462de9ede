// Trials whose truth is known: token times of interleaved rounds with the noise that real ones have, or
// cells straight from their distribution where tokens do not matter.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <random>
#include <vector>

#include "harness/stats/cell_estimate.h"
#include "harness/stats/two_way.h"

namespace fusesweep {

// Standard deviations in log units. A figure of the machines that this was written on; what the tests
// show does not hang on it.
struct TrialNoiseModel {
  double block_sd = 0.01;         // of a block's level, which all its arms share
  double interaction_sd = 0.007;  // of a process: one arm in one block
  double round_sd = 0.003;
  double token_sd = 0.02;
  double outlier_share = 0.02;  // of tokens, which take up to four times as long
  double drift = 0;             // of the level over the whole trial, steadily
};

struct TrialShape {
  std::size_t blocks = 6;
  std::size_t rounds = 6;
  std::size_t tokens = 8;
};

class SimulatedTrials {
 public:
  explicit SimulatedTrials(std::uint64_t seed) : random_(seed) {}

  // Blocks of rounds, in each of which the arms follow one another in an order of its own.
  std::vector<BlockCells> trial(const std::vector<double>& arm_levels, const TrialShape& shape,
                                const TrialNoiseModel& noise) {
    std::vector<BlockCells> table;
    const auto slots = static_cast<double>(shape.blocks * shape.rounds * arm_levels.size());
    double slot = 0;
    for (std::size_t b = 0; b < shape.blocks; ++b) {
      const double block = 18 + noise.block_sd * normal();
      std::vector<double> processes = arm_levels;
      for (double& level : processes) level += block + noise.interaction_sd * normal();
      std::vector<RoundTokens> rounds(shape.rounds, RoundTokens(arm_levels.size()));
      for (std::size_t r = 0; r < shape.rounds; ++r) {
        for (const std::size_t arm : shuffled(arm_levels.size()))
          rounds[r][arm] =
              round_of(processes[arm] + noise.drift * slot++ / slots, shape.tokens, noise);
      }
      table.push_back(cells_of_rounds(rounds));
    }
    return table;
  }

  // Cells about their block's and arm's levels, which is what trial() comes to.
  void add_blocks(std::vector<BlockCells>& table, std::size_t blocks,
                  const std::vector<double>& arm_levels, double cell_sd) {
    for (std::size_t b = 0; b < blocks; ++b) {
      const double block = 18 + 0.01 * normal();
      table.emplace_back();
      for (const double level : arm_levels)
        table.back().emplace_back(block + level + cell_sd * normal());
    }
  }

  // Box and Muller's: std::normal_distribution gives other numbers with every library.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::vector<std::size_t> shuffled(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random_() % i]);
    return order;
  }

  std::vector<std::int64_t> round_of(double level, std::size_t tokens,
                                     const TrialNoiseModel& noise) {
    const double round = level + noise.round_sd * normal();
    std::vector<std::int64_t> token_ns;
    for (std::size_t i = 0; i < tokens; ++i) {
      const double interrupted = uniform() < noise.outlier_share ? 1 + 3 * uniform() : 1;
      token_ns.push_back(std::llround(std::exp(round + noise.token_sd * normal()) * interrupted));
    }
    return token_ns;
  }

  std::mt19937_64 random_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace fusesweep
