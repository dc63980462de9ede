#include "harness/measure/block_noise.h"

#include <algorithm>

namespace fusesweep {
namespace {

using Count = std::optional<std::int64_t>;

Count sum_of(std::span<const ArmRound> rounds, Count RunCounters::*counter) {
  if (rounds.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const ArmRound& round : rounds) {
    const Count& count = round.result.decode_counters.*counter;
    if (!count) return std::nullopt;
    sum += *count;
  }
  return sum;
}

}  // namespace

BlockNoise block_noise(std::span<const ArmRound> rounds) {
  BlockNoise noise{.steal_ns = sum_of(rounds, &RunCounters::steal_ns),
                   .involuntary_switches = sum_of(rounds, &RunCounters::involuntary_switches),
                   .migrations = sum_of(rounds, &RunCounters::migrations),
                   .minor_faults = sum_of(rounds, &RunCounters::minor_faults),
                   .major_faults = sum_of(rounds, &RunCounters::major_faults)};
  for (const ArmRound& round : rounds) {
    const Count& hz = round.result.decode_counters.frequency_hz;
    if (!hz) continue;
    noise.frequency_min_hz = std::min(noise.frequency_min_hz.value_or(*hz), *hz);
    noise.frequency_max_hz = std::max(noise.frequency_max_hz.value_or(*hz), *hz);
  }
  return noise;
}

}  // namespace fusesweep
