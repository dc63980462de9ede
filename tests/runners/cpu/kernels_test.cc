#include "runners/cpu/kernels.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

using Halves = std::vector<std::uint16_t>;
using Floats = std::vector<float>;

// Lengths around every vector's width and every block.
const std::vector<std::size_t> kLengths = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 257, 1040};

// Values of a normal distribution, and now and then what arithmetic tends to forget.
Floats random_floats(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 2);
  const Floats special = {0, -0.0F, 0x1p-24F, -0x1.ffp-15F, 65504, -65504, 0x1p-14F, 1e-30F};
  Floats out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back(random() % 23 == 0 ? special[random() % special.size()] : normal(random));
  return out;
}

Halves random_halves(std::size_t n, std::uint32_t seed) {
  Halves halves;
  for (const float x : random_floats(n, seed)) halves.push_back(float_to_fp16(x));
  return halves;
}

Floats every_half() {
  Floats all;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits)
    all.push_back(fp16_to_float(static_cast<std::uint16_t>(bits)));
  return all;
}

// NaN is NaN, whatever its bits.
std::vector<std::uint32_t> bits_of(const Floats& floats) {
  std::vector<std::uint32_t> bits;
  for (const float x : floats) bits.push_back(std::isnan(x) ? 0 : std::bit_cast<std::uint32_t>(x));
  return bits;
}

class EveryInstructionSet : public testing::TestWithParam<std::string> {
 protected:
  static const Kernels& kernels() {
    for (const Kernels& known : vector_kernels()) {
      if (known.name == GetParam()) return known;
    }
    return ref_kernels();
  }
  static const Kernels& ref() { return ref_kernels(); }
};

std::vector<std::string> names() {
  std::vector<std::string> all = {"ref"};  // so that there is one where there are no vectors
  for (const Kernels& kernels : vector_kernels()) all.emplace_back(kernels.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(, EveryInstructionSet, testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

TEST_P(EveryInstructionSet, UnaryOperationsGiveTheSameBits) {
  Floats x = every_half();
  const Floats more = random_floats(10007, 1);
  x.insert(x.end(), more.begin(), more.end());
  using enum UnaryKind;
  for (const UnaryKind kind :
       {kAbs, kExp, kInverse, kRelu, kRsqrt, kSigmoid, kSilu, kSqrt, kSquare}) {
    Floats found(x.size());
    Floats wanted(x.size());
    kernels().unary(kind, x.data(), x.size(), 0x1p-12F, found.data());
    ref().unary(kind, x.data(), x.size(), 0x1p-12F, wanted.data());
    EXPECT_EQ(bits_of(found), bits_of(wanted)) << static_cast<int>(kind);
  }
}

TEST_P(EveryInstructionSet, BinaryOperationsGiveTheSameBitsWithAndWithoutBroadcast) {
  using enum BinaryKind;
  for (const BinaryKind kind : {kAdd, kSub, kMul, kDiv, kMaximum, kMinimum}) {
    for (const std::size_t n : kLengths) {
      for (const auto& [x_step, y_step] :
           {std::pair(1U, 1U), std::pair(0U, 1U), std::pair(1U, 0U), std::pair(0U, 0U)}) {
        SCOPED_TRACE(fmt::format("{} of {} by {} {}", static_cast<int>(kind), n, x_step, y_step));
        Floats x = random_floats(n, 1);
        const Floats y = random_floats(n, 2);
        x.back() = std::numeric_limits<float>::infinity();
        Floats found(n);
        Floats wanted(n);
        kernels().binary(kind, x.data(), x_step, y.data(), y_step, n, found.data());
        ref().binary(kind, x.data(), x_step, y.data(), y_step, n, wanted.data());
        ASSERT_EQ(bits_of(found), bits_of(wanted));
      }
    }
  }
}

TEST_P(EveryInstructionSet, HalvesAreReadAndWrittenAsTheStandardSays) {
  const Floats all = every_half();
  Halves halves(all.size());
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  Floats floats(all.size());
  kernels().to_floats(halves.data(), halves.size(), floats.data());
  EXPECT_EQ(bits_of(floats), bits_of(all));

  // Between two halves, exactly in the middle, and a little beside it; then what is too large.
  Floats x = random_floats(5003, 3);
  for (std::size_t i = 0; i + 1 < 0x7c00; ++i) {
    const float middle = (all[i] + all[i + 1]) / 2;
    for (const float near : {middle, std::nextafter(middle, 0.0F), std::nextafter(middle, 1e9F)})
      x.insert(x.end(), {near, -near});
  }
  x.insert(x.end(), {65519.9F, 65520, 1e9F, -1e9F, 1e-20F, -1e-20F, -0.0F});
  Halves found(x.size());
  kernels().to_halves(x.data(), x.size(), found.data());
  Floats rounded(x.size());
  kernels().round_to_halves(x.data(), x.size(), rounded.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::uint16_t half = float_to_fp16(x[i]);
    ASSERT_EQ(found[i], half == 0x8000 ? 0 : half) << x[i];
    ASSERT_EQ(std::bit_cast<std::uint32_t>(rounded[i]),
              std::bit_cast<std::uint32_t>(fp16_to_float(found[i])));
  }
}

TEST_P(EveryInstructionSet, IntegersAddAndWrapAround) {
  const std::vector<std::int32_t> x = {1,  -1, 2147483647, 5,  6,  7, 8, 9, 10,
                                       11, 12, 13,         14, 15, 1, 2, 3};
  std::vector<std::int32_t> z(x.size());
  const std::int32_t y = 1;
  kernels().add_int32(x.data(), 1, &y, 0, x.size(), z.data());
  EXPECT_EQ(z[2], -2147483647 - 1);
  EXPECT_EQ(z.back(), 4);
  kernels().add_int32(x.data(), 1, x.data(), 1, x.size(), z.data());
  EXPECT_EQ(z[3], 10);
}

TEST_P(EveryInstructionSet, SumsAndMaximaGiveTheSameBitsForEveryLength) {
  for (const std::size_t n : kLengths) {
    const Floats x = random_floats(n, static_cast<std::uint32_t>(n));
    for (const ReduceKind kind : {ReduceKind::kSum, ReduceKind::kMax})
      EXPECT_EQ(kernels().reduce(kind, x.data(), n), ref().reduce(kind, x.data(), n)) << n;
  }
  const Floats zeros = {-0.0F, 0, -0.0F};
  EXPECT_FALSE(std::signbit(kernels().reduce(ReduceKind::kMax, zeros.data(), 3)));
}

TEST_P(EveryInstructionSet, SoftmaxGivesTheSameBitsAndAddsUpToOne) {
  for (const std::size_t n : kLengths) {
    Floats x = random_floats(n, 7);
    for (float& value : x) {
      if (std::abs(value) > 1000) value = -1e4F;  // hidden
    }
    Floats found(n);
    Floats wanted(n);
    kernels().softmax(x.data(), n, found.data());
    ref().softmax(x.data(), n, wanted.data());
    ASSERT_EQ(bits_of(found), bits_of(wanted)) << n;
    EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0), 1, 1e-5) << n;
  }
}

TEST_P(EveryInstructionSet, ProductsWithRowsGiveTheSameBits) {
  for (const std::size_t n : kLengths) {
    for (const std::size_t rows : {1U, 3U, 4U, 9U, 300U}) {
      SCOPED_TRACE(fmt::format("{} rows of {}", rows, n));
      const Floats x = random_floats(std::max<std::size_t>(n, rows), 3);
      const Halves halves = random_halves(n * rows, 4);
      Floats floats(halves.size());
      ref().to_floats(halves.data(), halves.size(), floats.data());
      const auto compare = [&](std::size_t size, auto product, const auto& y) {
        Floats found(size);
        Floats wanted(size);
        (kernels().*product)(x.data(), y.data(), rows, n, found.data());
        (ref().*product)(x.data(), y.data(), rows, n, wanted.data());
        EXPECT_EQ(bits_of(found), bits_of(wanted));
        return found;
      };
      EXPECT_EQ(compare(rows, &Kernels::dot_rows, floats),
                compare(rows, &Kernels::dot_half_rows, halves));
      EXPECT_EQ(compare(n, &Kernels::weighted_rows, floats),
                compare(n, &Kernels::weighted_half_rows, halves));
    }
  }
}

struct Rounded {
  std::vector<std::int16_t> q;
  std::vector<float> scales;
  RoundedTokens view() {
    return {.q = q.data(), .scales = scales.data(), .padded = q.size(), .blocks = scales.size()};
  }
};

std::size_t padded(std::size_t n) { return (n + kRowPadding - 1) / kRowPadding * kRowPadding; }

Rounded round_with(const Kernels& kernels, const Floats& x, std::size_t stride, std::size_t n) {
  Rounded out{std::vector<std::int16_t>(padded(n), 99),
              std::vector<float>((n + kBlock - 1) / kBlock, -1)};
  kernels.round_token(x.data(), stride, n, out.q.data(), out.q.size(), out.scales.data());
  return out;
}

TEST_P(EveryInstructionSet, ActivationsAreRoundedToTheSameIntegersAndScales) {
  for (const std::size_t n : kLengths) {
    for (const std::size_t stride : {1U, 4U}) {
      SCOPED_TRACE(fmt::format("{} by {}", n, stride));
      const Floats x = random_floats(n * stride, 5);
      const Rounded found = round_with(kernels(), x, stride, n);
      const Rounded wanted = round_with(ref(), x, stride, n);
      ASSERT_EQ(found.q, wanted.q);
      ASSERT_EQ(found.scales, wanted.scales);
      for (std::size_t i = 0; i < n; ++i) {
        const float scale = found.scales[i / kBlock];
        ASSERT_NEAR(static_cast<float>(found.q[i]) * scale, x[i * stride], 0.501F * scale);
      }
      for (std::size_t i = n; i < found.q.size(); ++i) ASSERT_EQ(found.q[i], 0);
    }
  }
}

TEST_P(EveryInstructionSet, ZerosRoundToZerosAndABlockThatIsNotFiniteHasTheScaleNan) {
  Floats x(600, -0.0F);
  x[10] = kNegligible / 2;
  for (const float bad : {HUGE_VALF, -HUGE_VALF, NAN}) {
    x[300] = bad;
    const Rounded found = round_with(kernels(), x, 1, x.size());
    EXPECT_THAT(found.q, testing::Each(0));
    EXPECT_EQ(found.scales[0], 0);
    EXPECT_TRUE(std::isnan(found.scales[1]));
    EXPECT_EQ(found.scales[2], 0);
  }
}

struct Case {
  std::size_t rows;
  std::size_t columns;
  std::size_t tokens;
};

TEST_P(EveryInstructionSet, Int8ProductsGiveTheSameBitsForAnyTokensOfACall) {
  std::mt19937 random(6);
  for (const auto& [rows, columns, tokens] :
       {Case{5, 384, 1}, Case{3, 64, 2}, Case{7, 1000, 4}, Case{2, 256, 5}, Case{4, 3072, 16}}) {
    SCOPED_TRACE(fmt::format("{}x{} times {}", rows, columns, tokens));
    const std::size_t width = padded(columns);
    std::vector<std::int8_t> weights(rows * width);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (i % width < columns) weights[i] = static_cast<std::int8_t>(random());
    }
    std::vector<float> scales;
    for (std::size_t r = 0; r < rows; ++r) scales.push_back(1e-4F * static_cast<float>(r + 1));
    Rounded all;
    for (std::size_t t = 0; t < tokens; ++t) {
      const Rounded one =
          round_with(ref(), random_floats(columns, static_cast<std::uint32_t>(t)), 1, columns);
      all.q.insert(all.q.end(), one.q.begin(), one.q.end());
      all.scales.insert(all.scales.end(), one.scales.begin(), one.scales.end());
    }
    Floats found(rows * tokens);
    Floats wanted(rows * tokens);
    Int8Product product{.weights = weights.data(),
                        .row_scales = scales.data(),
                        .row_scale_step = 1,
                        .x = {.q = all.q.data(),
                              .scales = all.scales.data(),
                              .padded = width,
                              .blocks = all.scales.size() / tokens},
                        .tokens = tokens,
                        .y = found.data()};
    kernels().int8_rows(product, 0, rows);
    product.y = wanted.data();
    ref().int8_rows(product, 0, rows);
    EXPECT_EQ(found, wanted);
    // One token alone, and rows in two parts.
    const std::size_t t = tokens - 1;
    Floats alone(rows);
    product.x.q += t * width;
    product.x.scales += t * product.x.blocks;
    product.tokens = 1;
    product.y = alone.data();
    kernels().int8_rows(product, 1, rows);
    kernels().int8_rows(product, 0, 1);
    for (std::size_t r = 0; r < rows; ++r) EXPECT_EQ(alone[r], found[r * tokens + t]);
  }
}

// The largest magnitudes that there are: the block's sum must not pass 2^31.
TEST_P(EveryInstructionSet, Int8ProductsAreExactAtTheEndsOfTheirRange) {
  const std::vector<std::int8_t> weights(kBlock, -128);
  std::vector<std::int16_t> q(kBlock, 32767);
  const float scale = 0x1p-20F;
  const float row_scale = -0x1p-4F;
  float y = 0;
  kernels().int8_rows(
      {.weights = weights.data(),
       .row_scales = &row_scale,
       .row_scale_step = 0,
       .x = {.q = q.data(), .scales = const_cast<float*>(&scale), .padded = kBlock, .blocks = 1},
       .tokens = 1,
       .y = &y},
      0, 1);
  EXPECT_EQ(y, 64 - 0x1p-9F);  // 128 * 32767 * 256 = 2^30 - 2^15
}

TEST_P(EveryInstructionSet, HalfProductsGiveTheSameBits) {
  for (const std::size_t columns : {64U, 320U}) {
    for (const std::size_t tokens : {1U, 3U, 4U}) {
      const std::size_t rows = 5;
      const Halves weights = random_halves(rows * columns, 8);
      const Floats x = random_floats(tokens * columns, 9);
      Floats found(rows * tokens);
      Floats wanted(rows * tokens);
      HalfProduct product{.weights = weights.data(),
                          .x = x.data(),
                          .padded = columns,
                          .tokens = tokens,
                          .y = found.data()};
      kernels().half_rows(product, 0, rows);
      product.y = wanted.data();
      ref().half_rows(product, 0, rows);
      EXPECT_EQ(bits_of(found), bits_of(wanted));
    }
  }
}

TEST(RefKernels, ExponentialIsWithinAFewRoundingsOfTheTrueOne) {
  for (const float x : every_half()) {
    if (!(std::abs(x) < 85)) continue;
    float y = 0;
    ref_kernels().unary(UnaryKind::kExp, &x, 1, 0, &y);
    const double exact = std::exp(static_cast<double>(x));
    ASSERT_NEAR(y / exact, 1, 3e-7) << x;
  }
}

}  // namespace
}  // namespace fusesweep
