#include "harness/base/fp16.h"

#include <bit>

namespace fusesweep {
namespace {

constexpr std::uint32_t kFloatInfinity = 0x7F800000;
constexpr int kMantissaShift = 13;  // 23 bits of a float's mantissa, 10 of a half's
constexpr std::uint32_t kRebias = (127 - 15) << 23U;   // exponent 0 is stored as 127 and as 15
constexpr std::uint32_t kSmallestNormal = 0x38800000;  // 2^-14 as a float
constexpr std::uint32_t kOverflow =
    0x477FF000;  // 65520 as a float: from here on infinity is nearest

}  // namespace

float fp16_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t magnitude = half & 0x7FFFU;
  if (magnitude >= 0x7C00)
    return std::bit_cast<float>(sign | kFloatInfinity | ((magnitude & 0x3FFU) << kMantissaShift));
  if (magnitude >= 0x0400)
    return std::bit_cast<float>(sign | ((magnitude << kMantissaShift) + kRebias));
  // Subnormal: an integer number of 2^-24.
  const float value = static_cast<float>(magnitude) * 0x1p-24F;
  return sign != 0 ? -value : value;
}

std::uint16_t float_to_fp16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  std::uint32_t half = 0;
  if (magnitude > kFloatInfinity) {
    half = 0x7E00;
  } else if (magnitude >= kOverflow) {
    half = 0x7C00;
  } else if (magnitude < kSmallestNormal) {
    // Adding 1/2, whose last bit is 2^-24, rounds to a multiple of it, ties to even, in the float
    // adder.
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) -
           std::bit_cast<std::uint32_t>(0.5F);
  } else {
    const std::uint32_t odd = (magnitude >> kMantissaShift) & 1U;
    half = (magnitude - kRebias + 0x0FFFU + odd) >> kMantissaShift;
  }
  return static_cast<std::uint16_t>(sign | half);
}

}  // namespace fusesweep
