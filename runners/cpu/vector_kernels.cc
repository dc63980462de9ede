// The same kernels with vectors, compiled once for each instruction set. Highway includes this file
// again and again, with another target each time.
#define HWY_WANT_AVX3_DL  // for its dot products of 16-bit integers
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runners/cpu/vector_kernels.cc"
// NOLINTNEXTLINE(misc-header-include-cycle): that is how Highway works
#include <hwy/foreach_target.h>
// After it:
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "harness/base/fp16.h"
#include "runners/cpu/float_math.h"
#include "runners/cpu/kernels.h"

// NEON and x86 from AVX2 on convert between fp16 and float as IEEE 754 says. Elsewhere Highway's own
// conversion does not round to nearest or loses infinity, so it is spelt out.
#undef FUSESWEEP_NATIVE_HALF
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || \
    HWY_TARGET == HWY_NEON
#define FUSESWEEP_NATIVE_HALF 1
#else
#define FUSESWEEP_NATIVE_HALF 0
#endif

HWY_BEFORE_NAMESPACE();
namespace fusesweep::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

// No vectors at all; vector_kernels() leaves it out.
Kernels kernels() { return ref_kernels(); }

#else

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using Uints = hn::Rebind<std::uint32_t, Floats>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;
using HalfBits = hn::Rebind<std::uint16_t, Floats>;
using Shorts = hn::ScalableTag<std::int16_t>;
using Bytes = hn::Rebind<std::int8_t, Shorts>;
using Sums = hn::RepartitionToWide<Shorts>;
using SumVector = hn::Vec<Sums>;
using Four = hn::FixedTag<float, 4>;

constexpr std::size_t kMostLanes = HWY_MAX_BYTES / sizeof(float);
constexpr float kMostInt16 = 32767;

HWY_INLINE std::size_t lanes() { return hn::Lanes(Floats()); }

HWY_INLINE FloatVector load_half(const std::uint16_t* from) {
  const Floats df;
#if FUSESWEEP_NATIVE_HALF
  const Halves dh;
  return hn::PromoteTo(df, hn::BitCast(dh, hn::LoadU(HalfBits(), from)));
#else
  const Uints du;
  const auto bits = hn::PromoteTo(du, hn::LoadU(HalfBits(), from));
  const auto magnitude = hn::And(bits, hn::Set(du, 0x7fffU));
  const auto sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(du, 0x8000U)));
  // With the exponent's bits in place, multiplying by 2^112 corrects its bias, subnormals too.
  const auto scaled = hn::Mul(hn::BitCast(df, hn::ShiftLeft<13>(magnitude)), hn::Set(df, 0x1p112F));
  const auto special = hn::Or(hn::ShiftLeft<13>(magnitude), hn::Set(du, 0x7f800000U));
  const auto is_special = hn::Gt(hn::BitCast(Ints(), magnitude), hn::Set(Ints(), 0x7bff));
  const auto value =
      hn::IfThenElse(hn::RebindMask(du, is_special), special, hn::BitCast(du, scaled));
  return hn::BitCast(df, hn::Or(value, sign));
#endif
}

HWY_INLINE hn::Vec<HalfBits> as_halves(FloatVector value) {
#if FUSESWEEP_NATIVE_HALF
  const Halves dh;
  return hn::BitCast(HalfBits(), hn::DemoteTo(dh, value));
#else
  // As float_to_fp16: large magnitudes become infinity, small ones are aligned by adding 2^-1, and in
  // between the exponent's bias changes while the mantissa is rounded to even.
  const Floats df;
  const Ints di;
  const auto all = hn::BitCast(di, value);
  const auto sign = hn::And(all, hn::Set(di, std::numeric_limits<std::int32_t>::min()));
  const auto bits = hn::Xor(all, sign);
  const auto special = hn::IfThenElse(hn::Gt(bits, hn::Set(di, 0x7f800000)), hn::Set(di, 0x7e00),
                                      hn::Set(di, 0x7c00));
  const auto half = hn::Set(df, 0.5F);
  const auto small =
      hn::Sub(hn::BitCast(di, hn::Add(hn::BitCast(df, bits), half)), hn::BitCast(di, half));
  const auto odd = hn::And(hn::ShiftRight<13>(bits), hn::Set(di, 1));
  const auto usual =
      hn::ShiftRight<13>(hn::Add(hn::Add(bits, hn::Set(di, 0xfff - (112 << 23))), odd));
  auto result = hn::IfThenElse(hn::Lt(bits, hn::Set(di, 113 << 23)), small, usual);
  result = hn::IfThenElse(hn::Gt(bits, hn::Set(di, (143 << 23) - 1)), special, result);
  const auto sign_bit = hn::BitCast(di, hn::ShiftRight<16>(hn::BitCast(Uints(), sign)));
  return hn::DemoteTo(HalfBits(), hn::Or(result, sign_bit));
#endif
}

// Calls body(i) for whole vectors of n elements and says where they end.
template <typename Body>
HWY_INLINE std::size_t whole_vectors(std::size_t n, const Body& body) {
  std::size_t i = 0;
  for (; i + lanes() <= n; i += lanes()) body(i);
  return i;
}

// To nearest, -0 as 0.
HWY_INLINE void store_half(FloatVector value, std::uint16_t* to) {
  const HalfBits dh;
  const auto halves = as_halves(value);
  const auto negative_zero = hn::Eq(halves, hn::Set(dh, 0x8000));
  hn::StoreU(hn::IfThenZeroElse(negative_zero, halves), dh, to);
}

HWY_INLINE FloatVector load(const float* from) { return hn::LoadU(Floats(), from); }
HWY_INLINE FloatVector load(const std::uint16_t* from) { return load_half(from); }
HWY_INLINE void store(FloatVector value, float* to) { hn::StoreU(value, Floats(), to); }
HWY_INLINE void store(FloatVector value, std::uint16_t* to) { store_half(value, to); }

// y[i] = f(x[i]); what is left over at the end goes through a buffer that holds a whole vector.
template <typename From, typename To, typename Function>
HWY_INLINE void map(const From* x, std::size_t n, To* y, const Function& f) {
  const std::size_t rest =
      whole_vectors(n, [&](std::size_t i) HWY_ATTR { store(f(load(x + i)), y + i); });
  if (rest == n) return;
  From in[kMostLanes] = {};
  To out[kMostLanes];
  std::memcpy(in, x + rest, (n - rest) * sizeof *x);
  store(f(load(in)), out);
  std::memcpy(y + rest, out, (n - rest) * sizeof *y);
}

HWY_INLINE FloatVector exponential(FloatVector x) {
  const Floats df;
  const Uints du;
  const auto shifted = hn::Add(hn::Mul(x, hn::Set(df, kLog2E)), hn::Set(df, kRoundToInteger));
  const auto n = hn::Sub(shifted, hn::Set(df, kRoundToInteger));
  const auto r =
      hn::Sub(hn::Sub(x, hn::Mul(n, hn::Set(df, kLn2High))), hn::Mul(n, hn::Set(df, kLn2Low)));
  auto p = hn::Set(df, kExpPolynomial[0]);
  for (std::size_t i = 1; i < std::size(kExpPolynomial); ++i)
    p = hn::Add(hn::Mul(p, r), hn::Set(df, kExpPolynomial[i]));
  const auto fraction = hn::Add(hn::Add(hn::Mul(p, hn::Mul(r, r)), r), hn::Set(df, 1.0F));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::BitCast(du, shifted), hn::Set(du, 127U)));
  const auto value = hn::Mul(fraction, hn::BitCast(df, exponent));
  const auto infinity = hn::Set(df, std::numeric_limits<float>::infinity());
  const auto bounded = hn::IfThenElse(hn::Gt(x, hn::Set(df, kExpHighest)), infinity, value);
  return hn::IfThenElse(hn::Lt(x, hn::Set(df, kExpLowest)), hn::Zero(df), bounded);
}

void unary(UnaryKind kind, const float* x, std::size_t n, float epsilon, float* y) {
  const Floats df;
  const auto one = hn::Set(df, 1.0F);
  const auto eps = hn::Set(df, epsilon);
  switch (kind) {
    case UnaryKind::kAbs:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR { return hn::Abs(v); });
    case UnaryKind::kExp:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR { return exponential(v); });
    case UnaryKind::kInverse:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR { return hn::Div(one, hn::Add(v, eps)); });
    case UnaryKind::kRelu:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR {
        return hn::IfThenElse(hn::Gt(v, hn::Zero(df)), v, hn::Zero(df));
      });
    case UnaryKind::kRsqrt:
      return map(x, n, y,
                 [&](FloatVector v) HWY_ATTR { return hn::Div(one, hn::Sqrt(hn::Add(v, eps))); });
    case UnaryKind::kSigmoid:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR {
        return hn::Div(one, hn::Add(one, exponential(hn::Neg(v))));
      });
    case UnaryKind::kSilu:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR {
        return hn::Div(v, hn::Add(one, exponential(hn::Neg(v))));
      });
    case UnaryKind::kSqrt:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR { return hn::Sqrt(v); });
    case UnaryKind::kSquare:
      return map(x, n, y, [&](FloatVector v) HWY_ATTR { return hn::Mul(v, v); });
  }
}

template <typename Function>
HWY_INLINE void map2(const float* x, std::size_t x_step, const float* y, std::size_t y_step,
                     std::size_t n, float* z, const Function& f) {
  const Floats df;
  if (n == 0) return;
  if (x_step == 0 && y_step == 0) {
    float buffer[kMostLanes];
    store(f(hn::Set(df, *x), hn::Set(df, *y)), buffer);
    std::fill(z, z + n, buffer[0]);
  } else if (x_step == 0) {
    const auto left = hn::Set(df, *x);
    map(y, n, z, [&](FloatVector v) HWY_ATTR { return f(left, v); });
  } else if (y_step == 0) {
    const auto right = hn::Set(df, *y);
    map(x, n, z, [&](FloatVector v) HWY_ATTR { return f(v, right); });
  } else {
    const std::size_t rest = whole_vectors(
        n, [&](std::size_t i) HWY_ATTR { store(f(load(x + i), load(y + i)), z + i); });
    if (rest == n) return;
    float left[kMostLanes] = {};
    float right[kMostLanes] = {};
    std::memcpy(left, x + rest, (n - rest) * sizeof *x);
    std::memcpy(right, y + rest, (n - rest) * sizeof *y);
    store(f(load(left), load(right)), left);
    std::memcpy(z + rest, left, (n - rest) * sizeof *z);
  }
}

void binary(BinaryKind kind, const float* x, std::size_t x_step, const float* y, std::size_t y_step,
            std::size_t n, float* z) {
  using V = FloatVector;
  const auto each = [&](const auto& f) HWY_ATTR { map2(x, x_step, y, y_step, n, z, f); };
  switch (kind) {
    case BinaryKind::kAdd:
      return each([](V a, V b) HWY_ATTR { return hn::Add(a, b); });
    case BinaryKind::kSub:
      return each([](V a, V b) HWY_ATTR { return hn::Sub(a, b); });
    case BinaryKind::kMul:
      return each([](V a, V b) HWY_ATTR { return hn::Mul(a, b); });
    case BinaryKind::kDiv:
      return each([](V a, V b) HWY_ATTR { return hn::Div(a, b); });
    case BinaryKind::kMaximum:
      return each([](V a, V b) HWY_ATTR { return hn::IfThenElse(hn::Gt(a, b), a, b); });
    case BinaryKind::kMinimum:
      return each([](V a, V b) HWY_ATTR { return hn::IfThenElse(hn::Lt(a, b), a, b); });
  }
}

void add_int32(const std::int32_t* x, std::size_t x_step, const std::int32_t* y, std::size_t y_step,
               std::size_t n, std::int32_t* z) {
  const Ints di;
  const auto load = [&](const std::int32_t* from, std::size_t step, std::size_t i) HWY_ATTR {
    return step == 0 ? hn::Set(di, *from) : hn::LoadU(di, from + i);
  };
  const std::size_t rest = whole_vectors(n, [&](std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Add(load(x, x_step, i), load(y, y_step, i)), di, z + i);
  });
  ref_kernels().add_int32(x + rest * x_step, x_step, y + rest * y_step, y_step, n - rest, z + rest);
}

// The sum that kPartialSums says, of 16 partial sums in memory.
HWY_INLINE float sum_up(const float* HWY_RESTRICT sums) {
  const Four four;
  const auto low = hn::Add(hn::Load(four, sums), hn::Load(four, sums + 8));
  const auto high = hn::Add(hn::Load(four, sums + 4), hn::Load(four, sums + 12));
  HWY_ALIGN float last[4];
  hn::Store(hn::Add(low, high), four, last);
  return (last[0] + last[2]) + (last[1] + last[3]);
}

// A sum over n elements of which term(i) gives one vector's worth; terms past the whole groups of
// kPartialSums come from tail(i), one at a time.
template <typename Term, typename Tail>
HWY_INLINE float ordered_sum(std::size_t n, const Term& term, const Tail& tail) {
  const Floats df;
  const std::size_t step = lanes();
  HWY_ALIGN float sums[kPartialSums] = {};
  const std::size_t whole = n - n % kPartialSums;
  // The number of vectors in a group is 1, 2 or 4; each keeps a register.
  if (step == kPartialSums) {
    auto a = hn::Zero(df);
    for (std::size_t i = 0; i < whole; i += kPartialSums) a = hn::Add(a, term(i));
    hn::Store(a, df, sums);
  } else if (2 * step == kPartialSums) {
    auto a = hn::Zero(df);
    auto b = hn::Zero(df);
    for (std::size_t i = 0; i < whole; i += kPartialSums) {
      a = hn::Add(a, term(i));
      b = hn::Add(b, term(i + step));
    }
    hn::Store(a, df, sums);
    hn::Store(b, df, sums + step);
  } else {
    auto a = hn::Zero(df);
    auto b = hn::Zero(df);
    auto c = hn::Zero(df);
    auto d = hn::Zero(df);
    for (std::size_t i = 0; i < whole; i += kPartialSums) {
      a = hn::Add(a, term(i));
      b = hn::Add(b, term(i + step));
      c = hn::Add(c, term(i + 2 * step));
      d = hn::Add(d, term(i + 3 * step));
    }
    hn::Store(a, df, sums);
    hn::Store(b, df, sums + step);
    hn::Store(c, df, sums + 2 * step);
    hn::Store(d, df, sums + 3 * step);
  }
  for (std::size_t i = whole; i < n; ++i) sums[i - whole] += tail(i);
  return sum_up(sums);
}

float reduce(ReduceKind kind, const float* x, std::size_t n) {
  if (kind == ReduceKind::kSum) {
    return ordered_sum(
        n, [&](std::size_t i) HWY_ATTR { return load(x + i); },
        [&](std::size_t i) { return x[i]; });
  }
  const Floats df;
  auto largest = hn::Set(df, -std::numeric_limits<float>::infinity());
  const std::size_t rest = whole_vectors(n, [&](std::size_t i) HWY_ATTR {
    const auto v = load(x + i);
    largest = hn::IfThenElse(hn::Gt(v, largest), v, largest);
  });
  HWY_ALIGN float each[kMostLanes];
  hn::Store(largest, df, each);
  float result = *std::max_element(each, each + lanes());
  for (std::size_t i = rest; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result + 0.0F;
}

void softmax(const float* x, std::size_t n, float* y) {
  const Floats df;
  const auto largest = hn::Set(df, reduce(ReduceKind::kMax, x, n));
  map(x, n, y, [&](FloatVector v) HWY_ATTR { return exponential(hn::Sub(v, largest)); });
  const auto divisor = hn::Set(df, reduce(ReduceKind::kSum, y, n));
  map(y, n, y, [&](FloatVector v) HWY_ATTR { return hn::Div(v, divisor); });
}

void to_floats(const std::uint16_t* x, std::size_t n, float* y) {
  map(x, n, y, [](FloatVector v) HWY_ATTR { return v; });
}

void to_halves(const float* x, std::size_t n, std::uint16_t* y) {
  map(x, n, y, [](FloatVector v) HWY_ATTR { return v; });
}

void round_to_halves(const float* x, std::size_t n, float* y) {
  std::uint16_t halves[kMostLanes];
  map(x, n, y, [&](FloatVector v) HWY_ATTR {
    store_half(v, halves);
    return load_half(halves);
  });
}

HWY_INLINE float value_of(float x) { return x; }
HWY_INLINE float value_of(std::uint16_t half) { return fp16_to_float(half); }

// The partial sums of one row, in as many vectors as hold kPartialSums floats.
constexpr std::size_t kVectors = kPartialSums / std::min(kPartialSums, hn::MaxLanes(Floats()));

HWY_INLINE hn::Vec<Four> four_sums(const std::array<FloatVector, kVectors>& sums) {
  const Floats df;
  const Four four;
  HWY_ALIGN float all[kPartialSums];
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[v], df, all + v * lanes());
  return hn::Add(hn::Add(hn::Load(four, all), hn::Load(four, all + 8)),
                 hn::Add(hn::Load(four, all + 4), hn::Load(four, all + 12)));
}

// Four rows at once: the last two additions of each sum are one transposition for all.
template <typename T>
void dot_rows(const float* x, const T* y, std::size_t rows, std::size_t n, float* out) {
  const Floats df;
  const Four four;
  std::size_t row = 0;
  if (n % kPartialSums == 0 && kVectors * lanes() == kPartialSums) {
    for (; row + 4 <= rows; row += 4) {
      std::array<hn::Vec<Four>, 4> sums;
      for (std::size_t r = 0; r < 4; ++r) {
        const T* other = y + (row + r) * n;
        std::array<FloatVector, kVectors> partial;
        for (std::size_t v = 0; v < kVectors; ++v) partial[v] = hn::Zero(df);
        for (std::size_t i = 0; i < n; i += kPartialSums) {
          for (std::size_t v = 0; v < kVectors; ++v) {
            const std::size_t at = i + v * lanes();
            partial[v] = hn::Add(partial[v], hn::Mul(load(x + at), load(other + at)));
          }
        }
        sums[r] = four_sums(partial);
      }
      const auto [a, b, c, d] = sums;
      const auto ab = hn::Add(hn::InterleaveLower(four, a, b), hn::InterleaveUpper(four, a, b));
      const auto cd = hn::Add(hn::InterleaveLower(four, c, d), hn::InterleaveUpper(four, c, d));
      hn::StoreU(hn::Add(hn::ConcatLowerLower(four, cd, ab), hn::ConcatUpperUpper(four, cd, ab)),
                 four, out + row);
    }
  }
  for (; row < rows; ++row) {
    const T* other = y + row * n;
    out[row] = ordered_sum(
        n, [&](std::size_t i) HWY_ATTR { return hn::Mul(load(x + i), load(other + i)); },
        [&](std::size_t i) { return x[i] * value_of(other[i]); });
  }
}

// Four vectors of columns stay in registers while all rows pass.
template <typename T>
void weighted_rows(const float* w, const T* y, std::size_t rows, std::size_t n, float* out) {
  const Floats df;
  const std::size_t step = 4 * lanes();
  std::size_t column = 0;
  for (; column + step <= n; column += step) {
    auto a = hn::Zero(df);
    auto b = hn::Zero(df);
    auto c = hn::Zero(df);
    auto d = hn::Zero(df);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto weight = hn::Set(df, w[row]);
      const T* from = y + row * n + column;
      a = hn::Add(a, hn::Mul(weight, load(from)));
      b = hn::Add(b, hn::Mul(weight, load(from + lanes())));
      c = hn::Add(c, hn::Mul(weight, load(from + 2 * lanes())));
      d = hn::Add(d, hn::Mul(weight, load(from + 3 * lanes())));
    }
    store(a, out + column);
    store(b, out + column + lanes());
    store(c, out + column + 2 * lanes());
    store(d, out + column + 3 * lanes());
  }
  std::fill(out + column, out + n, 0.0F);
  for (std::size_t row = 0; column < n && row < rows; ++row) {
    for (std::size_t i = column; i < n; ++i) out[i] += w[row] * value_of(y[row * n + i]);
  }
}

void round_token(const float* x, std::size_t stride, std::size_t n, std::int16_t* q,
                 std::size_t padded, float* scales) {
  const Floats df;
  const Ints di;
  const hn::Rebind<std::int16_t, Floats> d16;
  const auto magic = hn::Set(df, kRoundToInteger);
  HWY_ALIGN float block[kBlock];
  HWY_ALIGN std::int16_t rounded[kBlock];
  std::fill(q + n, q + padded, std::int16_t{0});
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t count = std::min(n - begin, kBlock);
    for (std::size_t i = 0; i < count; ++i) block[i] = x[(begin + i) * stride];
    std::fill(block + count, block + kBlock, 0.0F);
    // Magnitudes are in the order of their bits, infinity and NaN above all.
    auto bits = hn::Zero(di);
    for (std::size_t i = 0; i < kBlock; i += lanes())
      bits = hn::Max(bits, hn::BitCast(di, hn::Abs(hn::Load(df, block + i))));
    const float largest = hn::GetLane(hn::BitCast(df, hn::MaxOfLanes(di, bits)));
    float& scale = scales[begin / kBlock];
    if (!std::isfinite(largest) || largest < kNegligible) {
      scale = std::isfinite(largest) ? 0 : std::numeric_limits<float>::quiet_NaN();
      std::fill(q + begin, q + begin + count, std::int16_t{0});
      continue;
    }
    scale = largest / kMostInt16;
    const auto factor = hn::Set(df, kMostInt16 / largest);
    for (std::size_t i = 0; i < kBlock; i += lanes()) {
      const auto scaled = hn::Mul(hn::Load(df, block + i), factor);
      const auto integer = hn::Sub(hn::Add(scaled, magic), magic);
      // Saturates; -32768 cannot come out, since magnitudes are at most a rounding above 32767.
      hn::StoreU(hn::DemoteTo(d16, hn::ConvertTo(di, integer)), d16, rounded + i);
    }
    std::memcpy(q + begin, rounded, count * sizeof *q);
  }
}

// Rows are read one after the other, which is the order in which memory is fastest, and asked for some
// way ahead. (With 1, 2, 4 and 8 rows at a time one thread got 28, 14, 18 and 23 GB/s of a machine that
// reads 28; with the request ahead 34.)
constexpr std::size_t kAhead = 4096;
constexpr std::size_t kLine = 64;

// The exact dot products of one row's block with kTokens tokens.
template <std::size_t kTokens>
HWY_INLINE void dot_block(const std::int8_t* HWY_RESTRICT weights,
                          const std::int16_t* HWY_RESTRICT q, std::size_t token_step,
                          std::size_t count, std::array<SumVector, kTokens>& dots) {
  const Shorts ds;
  const Bytes db;
  const Sums di;
  const std::size_t step = hn::Lanes(ds);
  std::array<SumVector, kTokens> more;  // where the instruction set needs two
  for (std::size_t t = 0; t < kTokens; ++t) dots[t] = more[t] = hn::Zero(di);
  for (std::size_t i = 0; i < count; i += step) {
    if (i % kLine == 0) hwy::Prefetch(weights + i + kAhead);
    const auto w = hn::PromoteTo(ds, hn::LoadU(db, weights + i));
    for (std::size_t t = 0; t < kTokens; ++t) {
      dots[t] = hn::ReorderWidenMulAccumulate(di, w, hn::LoadU(ds, q + t * token_step + i), dots[t],
                                              more[t]);
    }
  }
  for (std::size_t t = 0; t < kTokens; ++t) dots[t] = hn::Add(dots[t], more[t]);
}

HWY_INLINE void int8_one(const Int8Product& product, std::size_t row, std::size_t token) {
  const RoundedTokens& x = product.x;
  const std::int8_t* weights = product.weights + row * x.padded;
  const std::int16_t* q = x.q + token * x.padded;
  const float* scales = x.scales + token * x.blocks;
  float sum = 0;
  for (std::size_t block = 0; block < x.blocks; ++block) {
    const std::size_t begin = block * kBlock;
    std::array<SumVector, 1> dots;
    dot_block<1>(weights + begin, q + begin, 0, std::min(x.padded - begin, kBlock), dots);
    const std::int32_t dot = hn::GetLane(hn::SumOfLanes(Sums(), dots[0]));
    sum += static_cast<float>(dot) * scales[block];
  }
  product.y[row * product.tokens + token] = sum * product.row_scales[row * product.row_scale_step];
}

// The sums of a vector's lanes down to four.
template <class D, class V>
HWY_INLINE hn::Vec<hn::FixedTag<std::int32_t, 4>> four_lanes([[maybe_unused]] D d, V v) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return four_lanes(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// Four tokens at once: a block of weights is widened once for all, and the four sums of lanes are one
// transposition.
HWY_INLINE void int8_four(const Int8Product& product, std::size_t row, std::size_t token) {
  const hn::FixedTag<std::int32_t, 4> di4;
  const Four df4;
  const Sums di;
  const RoundedTokens& x = product.x;
  const std::int8_t* weights = product.weights + row * x.padded;
  const std::int16_t* q = x.q + token * x.padded;
  const float* scales = x.scales + token * x.blocks;
  auto sums = hn::Zero(df4);
  for (std::size_t block = 0; block < x.blocks; ++block) {
    const std::size_t begin = block * kBlock;
    std::array<SumVector, 4> dots;
    dot_block<4>(weights + begin, q + begin, x.padded, std::min(x.padded - begin, kBlock), dots);
    const auto a = four_lanes(di, dots[0]);
    const auto b = four_lanes(di, dots[1]);
    const auto c = four_lanes(di, dots[2]);
    const auto d = four_lanes(di, dots[3]);
    const auto ab = hn::Add(hn::InterleaveLower(di4, a, b), hn::InterleaveUpper(di4, a, b));
    const auto cd = hn::Add(hn::InterleaveLower(di4, c, d), hn::InterleaveUpper(di4, c, d));
    const auto all = hn::Add(hn::ConcatLowerLower(di4, cd, ab), hn::ConcatUpperUpper(di4, cd, ab));
    HWY_ALIGN const float factors[4] = {scales[block], scales[x.blocks + block],
                                        scales[2 * x.blocks + block], scales[3 * x.blocks + block]};
    sums = hn::Add(sums, hn::Mul(hn::ConvertTo(df4, all), hn::Load(df4, factors)));
  }
  HWY_ALIGN float results[4];
  hn::Store(sums, df4, results);
  const float scale = product.row_scales[row * product.row_scale_step];
  for (std::size_t t = 0; t < 4; ++t)
    product.y[row * product.tokens + token + t] = results[t] * scale;
}

// Tokens outside, so that four tokens' activations stay in the first cache while the rows, which come
// from memory once, pass.
void int8_rows(const Int8Product& product, std::size_t begin, std::size_t end) {
  std::size_t token = 0;
  for (; token + 4 <= product.tokens; token += 4) {
    for (std::size_t row = begin; row < end; ++row) int8_four(product, row, token);
  }
  for (; token < product.tokens; ++token) {
    for (std::size_t row = begin; row < end; ++row) int8_one(product, row, token);
  }
}

void half_rows(const HalfProduct& product, std::size_t begin, std::size_t end) {
  const Floats df;
  for (std::size_t row = begin; row < end; ++row) {
    const std::uint16_t* weights = product.weights + row * product.padded;
    for (std::size_t t = 0; t < product.tokens; ++t) {
      const float* x = product.x + t * product.padded;
      const float sum = ordered_sum(
          product.padded,
          [&](std::size_t i)
              HWY_ATTR { return hn::Mul(load_half(weights + i), hn::LoadU(df, x + i)); },
          [&](std::size_t i) { return fp16_to_float(weights[i]) * x[i]; });
      product.y[row * product.tokens + t] = sum;
    }
  }
}

Kernels kernels() {
  return {.name = {},
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
}

#endif  // HWY_SCALAR

}  // namespace
}  // namespace fusesweep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fusesweep {
namespace {

HWY_EXPORT(kernels);

std::string_view name_of(std::int64_t target) {
  switch (target) {
    case HWY_AVX3_DL:
      return "avx3_dl";
    case HWY_AVX3:
      return "avx3";
    case HWY_AVX2:
      return "avx2";
    case HWY_SSE4:
      return "sse4";
    case HWY_SSSE3:
      return "ssse3";
    case HWY_NEON:
      return "neon";
    default:
      return "vector";
  }
}

}  // namespace

const std::vector<Kernels>& vector_kernels() {
  static const std::vector<Kernels> kAll = [] {
    std::vector<Kernels> all;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      if (target == HWY_SCALAR) continue;
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      all.push_back(HWY_DYNAMIC_DISPATCH(kernels)());
      all.back().name = name_of(target);
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return all;
  }();
  return kAll;
}

}  // namespace fusesweep
#endif  // HWY_ONCE
