#include "runners/mlprogram/quantize.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "harness/base/check.h"
#include "harness/base/fp16.h"

namespace fusesweep {

std::optional<float> largest_magnitude(std::span<const float> weights) {
  // Magnitudes compare like the integers that their bits are, and infinity and NaN are the largest
  // of these.
  std::int32_t largest = 0;
  for (const float w : weights) {
    const std::int32_t bits = std::bit_cast<std::int32_t>(w) & 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  constexpr std::int32_t kInfinity = 0x7F800000;
  if (largest >= kInfinity) return std::nullopt;
  return std::bit_cast<float>(largest);
}

float int8_scale(float largest) {
  const float scale = fp16_to_float(float_to_fp16(largest / 127));
  return scale == 0 ? 1 : scale;
}

void quantize(std::span<const float> weights, float scale, std::span<std::int8_t> out) {
  FUSESWEEP_CHECK(weights.size() == out.size());
  const float* in = weights.data();
  std::int8_t* to = out.data();
  // Adding 1.5 * 2^23 leaves no room for a fraction: the sum is rounded to an integer, half to even.
  constexpr float kRound = 12582912.0F;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float q = std::min(std::max(in[i] / scale, -127.0F), 127.0F);
    to[i] = static_cast<std::int8_t>(static_cast<std::int32_t>((q + kRound) - kRound));
  }
}

void round_to_fp16(std::span<const float> weights, std::span<std::uint16_t> out) {
  FUSESWEEP_CHECK(weights.size() == out.size());
  for (std::size_t i = 0; i < weights.size(); ++i) out[i] = float_to_fp16(weights[i]);
}

}  // namespace fusesweep
