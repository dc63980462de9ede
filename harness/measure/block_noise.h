// Adds up what the rounds of a block told about disturbance. For block.cc; a pure function.
#pragma once

#include <optional>
#include <span>

#include "harness/measure/block.h"

namespace fusesweep {

// What the rounds' counters say; what this machine says of itself is for whoever watched it.
BlockNoise block_noise(std::span<const ArmRound> rounds);

}  // namespace fusesweep
