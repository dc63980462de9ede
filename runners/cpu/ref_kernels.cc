// The plain loops. They say what every other table of kernels must give, bit for bit, so they are
// written to be read.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "runners/cpu/float_math.h"
#include "runners/cpu/kernels.h"

namespace fusesweep {
namespace {

constexpr float kMostInt16 = 32767;

float plain_exp(float x) {
  if (x > kExpHighest) return std::numeric_limits<float>::infinity();
  if (x < kExpLowest) return 0;
  const float shifted = x * kLog2E + kRoundToInteger;
  const float n = shifted - kRoundToInteger;
  const float r = x - n * kLn2High - n * kLn2Low;
  float p = kExpPolynomial[0];
  for (std::size_t i = 1; i < std::size(kExpPolynomial); ++i) p = p * r + kExpPolynomial[i];
  const float fraction = p * (r * r) + r + 1.0F;
  // The integer stands in the lowest bits of `shifted`.
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(shifted) + 127) << 23;
  return fraction * std::bit_cast<float>(exponent);
}

float unary_of(UnaryKind kind, float x, float epsilon) {
  switch (kind) {
    case UnaryKind::kAbs:
      return std::abs(x);
    case UnaryKind::kExp:
      return plain_exp(x);
    case UnaryKind::kInverse:
      return 1.0F / (x + epsilon);
    case UnaryKind::kRelu:
      return x > 0 ? x : 0;
    case UnaryKind::kRsqrt:
      return 1.0F / std::sqrt(x + epsilon);
    case UnaryKind::kSigmoid:
      return 1.0F / (1.0F + plain_exp(-x));
    case UnaryKind::kSilu:
      return x / (1.0F + plain_exp(-x));
    case UnaryKind::kSqrt:
      return std::sqrt(x);
    case UnaryKind::kSquare:
      return x * x;
  }
  FUSESWEEP_UNREACHABLE();
}

float binary_of(BinaryKind kind, float x, float y) {
  switch (kind) {
    case BinaryKind::kAdd:
      return x + y;
    case BinaryKind::kSub:
      return x - y;
    case BinaryKind::kMul:
      return x * y;
    case BinaryKind::kDiv:
      return x / y;
    case BinaryKind::kMaximum:
      return x > y ? x : y;
    case BinaryKind::kMinimum:
      return x < y ? x : y;
  }
  FUSESWEEP_UNREACHABLE();
}

// Adds up as kPartialSums says.
template <typename Term>
float ordered_sum(std::size_t n, const Term& term) {
  std::array<float, kPartialSums> sums{};
  for (std::size_t i = 0; i < n; ++i) sums[i % kPartialSums] += term(i);
  for (std::size_t half = kPartialSums / 2; half > 0; half /= 2) {
    for (std::size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return sums[0];
}

void round_token(const float* x, std::size_t stride, std::size_t n, std::int16_t* q,
                 std::size_t padded, float* scales) {
  std::fill(q, q + padded, std::int16_t{0});
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t end = std::min(n, begin + kBlock);
    bool is_finite = true;
    float largest = 0;
    for (std::size_t i = begin; i < end; ++i) {
      is_finite = is_finite && std::isfinite(x[i * stride]);
      largest = std::max(largest, std::abs(x[i * stride]));
    }
    float& scale = scales[begin / kBlock];
    scale = 0;
    if (!is_finite) scale = std::numeric_limits<float>::quiet_NaN();
    if (!is_finite || largest < kNegligible) continue;
    scale = largest / kMostInt16;
    const float factor = kMostInt16 / largest;
    for (std::size_t i = begin; i < end; ++i) {
      const float rounded = x[i * stride] * factor + kRoundToInteger - kRoundToInteger;
      q[i] = static_cast<std::int16_t>(std::clamp(rounded, -kMostInt16, kMostInt16));
    }
  }
}

void int8_rows(const Int8Product& product, std::size_t begin, std::size_t end) {
  const RoundedTokens& x = product.x;
  for (std::size_t row = begin; row < end; ++row) {
    const std::int8_t* weights = product.weights + row * x.padded;
    for (std::size_t t = 0; t < product.tokens; ++t) {
      float sum = 0;
      for (std::size_t block = 0; block < x.blocks; ++block) {
        std::int32_t dot = 0;
        for (std::size_t i = block * kBlock; i < std::min(x.padded, (block + 1) * kBlock); ++i)
          dot += weights[i] * x.q[t * x.padded + i];
        sum += static_cast<float>(dot) * x.scales[t * x.blocks + block];
      }
      product.y[row * product.tokens + t] = sum * product.row_scales[row * product.row_scale_step];
    }
  }
}

void half_rows(const HalfProduct& product, std::size_t begin, std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const std::uint16_t* weights = product.weights + row * product.padded;
    for (std::size_t t = 0; t < product.tokens; ++t) {
      const float* x = product.x + t * product.padded;
      product.y[row * product.tokens + t] = ordered_sum(
          product.padded, [&](std::size_t i) { return fp16_to_float(weights[i]) * x[i]; });
    }
  }
}

void unary(UnaryKind kind, const float* x, std::size_t n, float epsilon, float* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] = unary_of(kind, x[i], epsilon);
}

void binary(BinaryKind kind, const float* x, std::size_t x_step, const float* y, std::size_t y_step,
            std::size_t n, float* z) {
  for (std::size_t i = 0; i < n; ++i) z[i] = binary_of(kind, x[i * x_step], y[i * y_step]);
}

void add_int32(const std::int32_t* x, std::size_t x_step, const std::int32_t* y, std::size_t y_step,
               std::size_t n, std::int32_t* z) {
  for (std::size_t i = 0; i < n; ++i) {
    z[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[i * x_step]) +
                                     static_cast<std::uint32_t>(y[i * y_step]));
  }
}

float reduce(ReduceKind kind, const float* x, std::size_t n) {
  if (kind == ReduceKind::kSum) return ordered_sum(n, [&](std::size_t i) { return x[i]; });
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest + 0.0F;  // of zeros, the positive one
}

void softmax(const float* x, std::size_t n, float* y) {
  const float largest = reduce(ReduceKind::kMax, x, n);
  for (std::size_t i = 0; i < n; ++i) y[i] = plain_exp(x[i] - largest);
  const float sum = reduce(ReduceKind::kSum, y, n);
  for (std::size_t i = 0; i < n; ++i) y[i] /= sum;
}

float value_of(float x) { return x; }
float value_of(std::uint16_t half) { return fp16_to_float(half); }

template <typename T>
void dot_rows(const float* x, const T* y, std::size_t rows, std::size_t n, float* out) {
  for (std::size_t row = 0; row < rows; ++row)
    out[row] = ordered_sum(n, [&](std::size_t i) { return x[i] * value_of(y[row * n + i]); });
}

template <typename T>
void weighted_rows(const float* w, const T* y, std::size_t rows, std::size_t n, float* out) {
  std::fill(out, out + n, 0.0F);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < n; ++i) out[i] += w[row] * value_of(y[row * n + i]);
  }
}

void to_floats(const std::uint16_t* x, std::size_t n, float* y) {
  std::transform(x, x + n, y, fp16_to_float);
}

void to_halves(const float* x, std::size_t n, std::uint16_t* y) {
  constexpr std::uint16_t kNegativeZero = 0x8000;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint16_t half = float_to_fp16(x[i]);
    y[i] = half == kNegativeZero ? 0 : half;
  }
}

void round_to_halves(const float* x, std::size_t n, float* y) {
  for (std::size_t i = 0; i < n; ++i) {
    std::uint16_t half = 0;
    to_halves(&x[i], 1, &half);
    y[i] = fp16_to_float(half);
  }
}

}  // namespace

const Kernels& ref_kernels() {
  static constexpr Kernels kRef = {.name = "ref",
                                   .round_token = round_token,
                                   .int8_rows = int8_rows,
                                   .half_rows = half_rows,
                                   .unary = unary,
                                   .binary = binary,
                                   .add_int32 = add_int32,
                                   .reduce = reduce,
                                   .softmax = softmax,
                                   .dot_rows = dot_rows<float>,
                                   .dot_half_rows = dot_rows<std::uint16_t>,
                                   .weighted_rows = weighted_rows<float>,
                                   .weighted_half_rows = weighted_rows<std::uint16_t>,
                                   .to_floats = to_floats,
                                   .to_halves = to_halves,
                                   .round_to_halves = round_to_halves};
  return kRef;
}

}  // namespace fusesweep
