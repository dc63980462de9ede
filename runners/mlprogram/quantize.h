// The rounding of weights that packages hold (harness/docs/MLPROGRAM.md):
//   s = fp16(max|w| / 127), 1 where that is 0
//   q = clamp(round_half_even(w / s), -127, 127), and the weight that is meant is fp16(q s)
// The reference has the same rule written a second time, on purpose. Plain loops that compilers turn
// into vector code: the same bits on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace fusesweep {

// The largest magnitude, or nothing when a value is not finite.
std::optional<float> largest_magnitude(std::span<const float> weights);

// The scale as the float that its fp16 means.  REQUIRES: largest is finite and below 2^16.
float int8_scale(float largest);

// q.  REQUIRES: the sizes are equal, the weights finite, scale > 0.
void quantize(std::span<const float> weights, float scale, std::span<std::int8_t> out);

// The bits of fp16(w), rounded to nearest, ties to even.  REQUIRES: the sizes are equal, the weights
// finite.
void round_to_fp16(std::span<const float> weights, std::span<std::uint16_t> out);

}  // namespace fusesweep
