#include "runners/mlprogram/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

TEST(LargestMagnitude, IsTheMaximumOfAbsoluteValues) {
  EXPECT_EQ(largest_magnitude(std::vector<float>{}), 0.0F);
  EXPECT_EQ(largest_magnitude(std::vector<float>{-0.0F, 0.0F}), 0.0F);
  EXPECT_EQ(largest_magnitude(std::vector<float>{1, -3.5F, 2}), 3.5F);
  EXPECT_EQ(largest_magnitude(std::vector<float>{1e-42F, -1e-41F}), 1e-41F);
}

TEST(LargestMagnitude, SeesWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {kInfinity, -kInfinity, std::nanf(""), -std::nanf("")}) {
    std::vector<float> weights(100, 1.0F);
    weights[63] = bad;
    EXPECT_EQ(largest_magnitude(weights), std::nullopt);
  }
}

TEST(Int8Scale, IsRoundedToFp16AndNeverZero) {
  EXPECT_EQ(int8_scale(127), 1.0F);
  EXPECT_EQ(int8_scale(0), 1.0F);
  EXPECT_EQ(int8_scale(1e-7F), 1.0F);  // a 127th of it vanishes in fp16
  EXPECT_EQ(int8_scale(1), fp16_to_float(float_to_fp16(1.0F / 127)));
  EXPECT_NE(int8_scale(1), 1.0F / 127);
}

TEST(Quantize, RoundsHalvesToEvenAndStaysWithin127) {
  const std::vector<float> weights = {0.5F,   1.5F,   2.5F, -0.5F,       -1.5F, 126.5F,
                                      127.4F, 127.6F, -500, 0.49999997F, -0.0F};
  std::vector<std::int8_t> q(weights.size());
  quantize(weights, 1, q);
  EXPECT_EQ(q, (std::vector<std::int8_t>{0, 2, 2, 0, -2, 126, 127, 127, -127, 0, 0}));
}

// The definition, with the library's rounding, over values of every size.
TEST(Quantize, IsTheDefinitionForRandomWeights) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> mantissa(-1, 1);
  std::vector<float> weights(10007);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = std::ldexp(mantissa(random), static_cast<int>(i % 9) - 8);
  const float scale = int8_scale(*largest_magnitude(weights));
  std::vector<std::int8_t> q(weights.size());
  quantize(weights, scale, q);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float wanted = std::fmin(std::fmax(std::nearbyint(weights[i] / scale), -127.0F), 127.0F);
    ASSERT_EQ(q[i], static_cast<int>(wanted)) << i << ": " << weights[i];
  }
}

TEST(RoundToFp16, IsFp16OfEach) {
  const std::vector<float> weights = {0, -1, 65504, 1e-8F, 0.1F};
  std::vector<std::uint16_t> halves(weights.size());
  round_to_fp16(weights, halves);
  EXPECT_EQ(halves, (std::vector<std::uint16_t>{0, 0xBC00, 0x7BFF, 0, 0x2E66}));
}

}  // namespace
}  // namespace fusesweep
