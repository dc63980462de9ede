// Kernels: the loops that all time goes into, as a table of functions. There is one table for each
// instruction set, written once with Highway, and one of plain loops, `ref`, that shares no code with
// them. All give the same bits, because the order of every sum is part of what a function means and no
// product is fused with a sum.
//
// Arithmetic is float; fp16 is how the file, the caches and the residual stream are kept
// (harness/docs/CPU.md says which values are rounded, and why).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fusesweep {

// Input channels that share one scale when activations are rounded to int16.
inline constexpr std::size_t kBlock = 256;
// Rows of weights and rounded activations are padded with zeros to a multiple of so many channels.
inline constexpr std::size_t kRowPadding = 64;
// Sums of floats have so many partial sums: element i is added to number i % 16, and in the end number
// j + 8 to j, j + 4 to j, j + 2 to j, j + 1 to j.
inline constexpr std::size_t kPartialSums = 16;

// Activations below it are as good as zero: their quotients would leave the range of a float.
inline constexpr float kNegligible = 0x1p-100F;

enum class UnaryKind { kAbs, kExp, kInverse, kRelu, kRsqrt, kSigmoid, kSilu, kSqrt, kSquare };
enum class BinaryKind { kAdd, kSub, kMul, kDiv, kMaximum, kMinimum };
enum class ReduceKind { kSum, kMax };

// Activations of some tokens in int16: x = q * scale of the token's block. A token with a value that
// is not finite has the scale NaN there, so everything that depends on it becomes NaN.
struct RoundedTokens {
  std::int16_t* q = nullptr;  // [tokens, padded]
  float* scales = nullptr;    // [tokens, blocks]
  std::size_t padded = 0;
  std::size_t blocks = 0;
};

// y = W x of int8 weights: for each token, over blocks in order,
//   sum = sum + float(exact int32 dot product of the block) * scale of the token's block,
// and y = sum * scale of the row.
struct Int8Product {
  const std::int8_t* weights = nullptr;  // [rows, padded]
  const float* row_scales = nullptr;
  std::size_t row_scale_step = 0;  // 0: one scale for all rows
  RoundedTokens x;
  std::size_t tokens = 0;
  float* y = nullptr;  // [rows, tokens]
};

// The same for fp16 weights, x as floats; a sum of kPartialSums over the padded channels.
struct HalfProduct {
  const std::uint16_t* weights = nullptr;  // [rows, padded]
  const float* x = nullptr;                // [tokens, padded]
  std::size_t padded = 0;
  std::size_t tokens = 0;
  float* y = nullptr;  // [rows, tokens]
};

struct Kernels {
  std::string_view name;  // "avx3", "ref"

  // n values x[0], x[stride], ... into one token's q (with padding) and scales:
  //   scale = largest magnitude of the block / 32767, q = round(x * (32767 / largest magnitude)).
  // A block of magnitudes below kNegligible is zero.
  void (*round_token)(const float* x, std::size_t stride, std::size_t n, std::int16_t* q,
                      std::size_t padded, float* scales);
  void (*int8_rows)(const Int8Product& product, std::size_t begin, std::size_t end);
  void (*half_rows)(const HalfProduct& product, std::size_t begin, std::size_t end);

  // epsilon: of inverse, 1 / (x + epsilon), and rsqrt, 1 / sqrt(x + epsilon).
  void (*unary)(UnaryKind kind, const float* x, std::size_t n, float epsilon, float* y);
  // A step of 0 uses the first element for all.
  void (*binary)(BinaryKind kind, const float* x, std::size_t x_step, const float* y,
                 std::size_t y_step, std::size_t n, float* z);
  void (*add_int32)(const std::int32_t* x, std::size_t x_step, const std::int32_t* y,
                    std::size_t y_step, std::size_t n, std::int32_t* z);
  float (*reduce)(ReduceKind kind, const float* x, std::size_t n);
  // exp(x - max) / sum of them.
  void (*softmax)(const float* x, std::size_t n, float* y);

  // out[r] = dot product of x with row r of y, [rows, n].
  void (*dot_rows)(const float* x, const float* y, std::size_t rows, std::size_t n, float* out);
  void (*dot_half_rows)(const float* x, const std::uint16_t* y, std::size_t rows, std::size_t n,
                        float* out);
  // out = sum over rows in order of w[r] * row r of y, [rows, n].
  void (*weighted_rows)(const float* w, const float* y, std::size_t rows, std::size_t n,
                        float* out);
  void (*weighted_half_rows)(const float* w, const std::uint16_t* y, std::size_t rows,
                             std::size_t n, float* out);

  void (*to_floats)(const std::uint16_t* x, std::size_t n, float* y);
  // To nearest, ties to even; -0 becomes 0, so that no cache ever holds one.
  void (*to_halves)(const float* x, std::size_t n, std::uint16_t* y);
  // Both, one after the other: the float that the half means. x may be y.
  void (*round_to_halves)(const float* x, std::size_t n, float* y);
};

const Kernels& ref_kernels();

// The tables for the instruction sets that this machine has, best first; none on a machine without
// vectors.
const std::vector<Kernels>& vector_kernels();

}  // namespace fusesweep
