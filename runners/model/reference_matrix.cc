#include "runners/model/reference_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

float rounded_to_fp16(float x) { return fp16_to_float(float_to_fp16(x)); }

// s = fp16(max|w| / 127), 1 where that is 0.
float int8_scale(float largest) {
  const float scale = rounded_to_fp16(largest / 127);
  return scale == 0 ? 1 : scale;
}

// q = clamp(round_half_even(w / s), -127, 127); the weight that is meant is fp16(q s).
float rounded_to_int8(float w, float scale) {
  const float q = std::clamp(std::nearbyint(w / scale), -127.0F, 127.0F);
  return rounded_to_fp16(q * scale);
}

// The same of a whole row. What |q| can mean is worked out once, for all 128 that there are.
void round_to_int8(std::span<float> row, float scale) {
  std::array<float, 128> meant{};
  if (row.size() < meant.size()) {
    for (float& w : row) w = rounded_to_int8(w, scale);
    return;
  }
  for (std::size_t q = 0; q < meant.size(); ++q)
    meant[q] = rounded_to_fp16(static_cast<float>(q) * scale);
  for (float& w : row) {
    const float q = std::clamp(std::nearbyint(w / scale), -127.0F, 127.0F);
    // What is no number stays none.
    w = std::isnan(q) ? q : std::copysign(meant[static_cast<std::size_t>(std::abs(q))], q);
  }
}

float largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float x : values) largest = std::max(largest, std::abs(x));
  return largest;
}

}  // namespace

std::string_view to_text(ReferenceWeights weights) {
  switch (weights) {
    case ReferenceWeights::kOriginal:
      return "original";
    case ReferenceWeights::kInt8PerTensor:
      return "int8-per-tensor";
    case ReferenceWeights::kInt8PerChannel:
      return "int8-per-channel";
    case ReferenceWeights::kFp16:
      return "fp16";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<ReferenceWeights> parse_reference_weights(std::string_view text) {
  for (const ReferenceWeights weights :
       {ReferenceWeights::kOriginal, ReferenceWeights::kInt8PerTensor,
        ReferenceWeights::kInt8PerChannel, ReferenceWeights::kFp16}) {
    if (text == to_text(weights)) return weights;
  }
  return invalid_input(fmt::format(
      "found {}, want original, int8-per-tensor, int8-per-channel or fp16", quote(text)));
}

ReferenceWeights rounding_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kInt8:
    case Encoding::kUint8:
    case Encoding::kShiftScaleTensor:
      return ReferenceWeights::kInt8PerTensor;
    case Encoding::kShiftScaleChannel:
      return ReferenceWeights::kInt8PerChannel;
    case Encoding::kFp16:
      return ReferenceWeights::kFp16;
  }
  FUSESWEEP_UNREACHABLE();
}

Result<ReferenceMatrix> ReferenceMatrix::open(const GgufFile& file, const MatrixPart& part,
                                              ReferenceWeights weights, std::size_t rows_per_scale,
                                              int threads) {
  FUSESWEEP_CHECK(part.begin < part.end && part.end <= part.rows);
  const Result<const GgufTensor*> tensor = find_matrix(file, part.tensor, part.rows, part.columns);
  if (!tensor) return fail(tensor.error());
  ReferenceMatrix matrix;
  matrix.tensor_ = *tensor;
  matrix.begin_ = part.begin;
  matrix.rows_ = part.end - part.begin;
  matrix.columns_ = part.columns;
  matrix.weights_ = weights;
  if (weights == ReferenceWeights::kOriginal || weights == ReferenceWeights::kFp16) return matrix;

  FUSESWEEP_CHECK(rows_per_scale > 0);
  matrix.rows_per_scale_ = weights == ReferenceWeights::kInt8PerChannel ? 1 : rows_per_scale;
  std::vector<float> largest_of_row(matrix.rows_);
  parallel_for(matrix.rows_, threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> row(matrix.columns_);
    for (std::size_t r = begin; r < end; ++r) {
      fusesweep::read_row(**tensor, matrix.begin_ + r, row);
      largest_of_row[r] = largest_magnitude(row);
    }
  });
  for (std::size_t begin = 0; begin < matrix.rows_; begin += matrix.rows_per_scale_) {
    const std::size_t count = std::min(matrix.rows_per_scale_, matrix.rows_ - begin);
    matrix.scales_.push_back(
        int8_scale(largest_magnitude(std::span(largest_of_row).subspan(begin, count))));
  }
  return matrix;
}

void ReferenceMatrix::read_row(std::size_t row, std::span<float> out) const {
  fusesweep::read_row(*tensor_, begin_ + row, out);
  if (weights_ == ReferenceWeights::kOriginal) return;
  if (scales_.empty()) {
    for (float& w : out) w = rounded_to_fp16(w);
  } else {
    round_to_int8(out, scale_of(row));
  }
}

Result<std::vector<float>> read_reference_vector(const GgufFile& file, std::string_view name,
                                                 std::size_t size, ReferenceWeights weights) {
  Result<std::vector<float>> values = read_vector(file, name, size);
  if (!values || weights == ReferenceWeights::kOriginal) return values;
  for (float& x : *values) x = rounded_to_fp16(x);
  return values;
}

}  // namespace fusesweep
