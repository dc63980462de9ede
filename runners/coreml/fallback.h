// Whether a shard that CoreML loaded for the Neural Engine seems to run on the CPU: a load may succeed
// after the engine's compiler failed, and nothing says so but the clock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace fusesweep {

struct CallTimes {
  std::span<const std::int64_t> calls_ns;      // loaded for the target
  std::span<const std::int64_t> cpu_calls_ns;  // the same shard, loaded for the CPU alone
  std::uint64_t weight_bytes = 0;
};

// Smaller shards take as long as their dispatch, wherever they run.
inline constexpr std::uint64_t kLeastWeightsToTell = 16 << 20;

// A warning with both speeds where the shard takes about as long a byte of weights as on the CPU alone.
// It is a suspicion: a CPU may be as fast.  Nothing without times on both sides.
std::optional<std::string> suspect_fallback(const CallTimes& times);

}  // namespace fusesweep
