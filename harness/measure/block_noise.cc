#include "harness/measure/block_noise.h"

#include <algorithm>
#include <utility>

#include "harness/measure/machine.h"

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

MachineWatch::MachineWatch(std::filesystem::path root, const Clock& clock)
    : root_(std::move(root)), clock_(clock), before_(look()) {}

MachineWatch::Look MachineWatch::look() const {
  return {read_ticks(root_), read_throttled_ms(root_), clock_.steady_now()};
}

void MachineWatch::add_to(BlockNoise& noise) const {
  const Look now = look();
  if (before_.ticks && now.ticks) noise.steal_rel = steal_rel(*before_.ticks, *now.ticks);
  const auto wall_ms = std::chrono::duration<double, std::milli>(now.at - before_.at).count();
  if (before_.throttled_ms && now.throttled_ms && wall_ms > 0)
    noise.throttled_rel = static_cast<double>(*now.throttled_ms - *before_.throttled_ms) / wall_ms;
}

}  // namespace fusesweep
