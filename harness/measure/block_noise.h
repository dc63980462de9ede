// Adds up what a block was told about disturbance: by the rounds' counters, and by this machine while it
// ran. For block.cc and segment_block.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "harness/base/clock.h"
#include "harness/measure/block.h"
#include "harness/measure/system_text.h"

namespace fusesweep {

// What the rounds' counters say; what this machine says of itself is for whoever watched it.
BlockNoise block_noise(std::span<const ArmRound> rounds);

// Looks at this machine when it is made, and again when it is asked.
class MachineWatch {
 public:
  // `root` is where /proc is. The clock must outlive the watch.
  MachineWatch(std::filesystem::path root, const Clock& clock);

  // Steal and throttling from then to now, where the system tells.
  void add_to(BlockNoise& noise) const;

 private:
  struct Look {
    std::optional<ProcessorTicks> ticks;
    std::optional<std::int64_t> throttled_ms;
    std::chrono::steady_clock::time_point at;
  };
  Look look() const;

  std::filesystem::path root_;
  const Clock& clock_;
  Look before_;
};

}  // namespace fusesweep
