// Adds up what the rounds of a block told about disturbance. For block.cc; a pure function.
#pragma once

#include <optional>
#include <span>

#include "harness/measure/block.h"

namespace fusesweep {

BlockNoise block_noise(std::span<const ArmRound> rounds, std::optional<double> steal_rel);

}  // namespace fusesweep
