#include "harness/base/fp16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace fusesweep {
namespace {

// What the bits mean by IEEE 754, worked out in double.
double meaning(std::uint16_t half) {
  const double sign = (half & 0x8000U) != 0 ? -1 : 1;
  const int exponent = (half >> 10U) & 0x1F;
  const int mantissa = half & 0x3FF;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

bool is_finite(unsigned half) { return (half & 0x7C00U) != 0x7C00U; }

TEST(Fp16, EveryFiniteHalfIsItsMeaningAndComesBack) {
  for (unsigned half = 0; half <= 0xFFFF; ++half) {
    if (!is_finite(half)) continue;
    const auto bits = static_cast<std::uint16_t>(half);
    ASSERT_EQ(fp16_to_float(bits), meaning(bits)) << half;
    ASSERT_EQ(float_to_fp16(fp16_to_float(bits)), bits) << half;
  }
}

TEST(Fp16, BetweenTwoHalvesTheNearestWinsAndTiesGoToEven) {
  for (unsigned low = 0; low < 0x7BFF; ++low) {
    const auto below = static_cast<std::uint16_t>(low);
    const auto above = static_cast<std::uint16_t>(low + 1);
    // Exact in float: a half has 11 significant bits, the middle 12.
    const auto middle = static_cast<float>((meaning(below) + meaning(above)) / 2);
    ASSERT_EQ(float_to_fp16(middle), low % 2 == 0 ? below : above) << low;
    ASSERT_EQ(float_to_fp16(std::nextafter(middle, 0.0F)), below) << low;
    ASSERT_EQ(float_to_fp16(std::nextafter(middle, 1e9F)), above) << low;
    ASSERT_EQ(float_to_fp16(-middle), (low % 2 == 0 ? below : above) | 0x8000) << low;
  }
}

TEST(Fp16, BeyondTheLargestIsInfinityAndNaNStaysNaN) {
  EXPECT_EQ(float_to_fp16(65504), 0x7BFF);
  EXPECT_EQ(float_to_fp16(std::nextafter(65520.0F, 0.0F)), 0x7BFF);
  EXPECT_EQ(float_to_fp16(65520), 0x7C00);
  EXPECT_EQ(float_to_fp16(-1e30F), 0xFC00);
  EXPECT_EQ(fp16_to_float(0x7C00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(fp16_to_float(0xFC00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(fp16_to_float(0x7C01)));
  EXPECT_TRUE(std::isnan(fp16_to_float(float_to_fp16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(float_to_fp16(1e-30F), 0);
  EXPECT_EQ(float_to_fp16(-1e-30F), 0x8000);
}

}  // namespace
}  // namespace fusesweep
