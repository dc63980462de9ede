// The matrices of a model as the reference sees them: read from the file row by row and rounded as a
// package of some encoding holds them. The rounding is written here a second time, apart from the one
// of whoever builds packages (runners/mlprogram/quantize.h), so that each can be tested by the other.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/encoding.h"
#include "runners/model/gguf_file.h"
#include "runners/model/gguf_weights.h"

namespace fusesweep {

// All but the original ones are rounded as a package with that encoding holds them: matrices as
// named, norms and embeddings to fp16.
enum class ReferenceWeights { kOriginal, kInt8PerTensor, kInt8PerChannel, kFp16 };

// "original", "int8-per-tensor", "int8-per-channel", "fp16". The caller adds where.
Result<ReferenceWeights> parse_reference_weights(std::string_view text);
std::string_view to_text(ReferenceWeights weights);

// The rounding whose weights are those that a package of the encoding means.
ReferenceWeights rounding_of(Encoding encoding);

class ReferenceMatrix {
 public:
  ReferenceMatrix() = default;  // of nothing, until one is moved into it

  // The file must outlive the matrix. Of int8 weights per tensor, so many rows share a scale, counted
  // from the part's first. Errors name the tensor that is missing or of another shape or type. A
  // weight that is not finite is no error here: its row has it.
  static Result<ReferenceMatrix> open(const GgufFile& file, const MatrixPart& part,
                                      ReferenceWeights weights, std::size_t rows_per_scale,
                                      int threads);

  const GgufTensor& tensor() const { return *tensor_; }
  std::size_t rows() const { return rows_; }  // of the part
  std::size_t columns() const { return columns_; }

  // Row `row` of the part, rounded.  REQUIRES: row < rows(); out has columns() elements.
  void read_row(std::size_t row, std::span<float> out) const;

  // REQUIRES: the weights are int8, row < rows().
  float scale_of(std::size_t row) const { return scales_[row / rows_per_scale_]; }

 private:
  const GgufTensor* tensor_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  ReferenceWeights weights_ = ReferenceWeights::kOriginal;
  std::size_t rows_per_scale_ = 0;
  std::vector<float> scales_;  // of int8
};

// A norm's weights, rounded to fp16 unless they are the original ones. Errors as above, and for a
// value that is not finite.
Result<std::vector<float>> read_reference_vector(const GgufFile& file, std::string_view name,
                                                 std::size_t size, ReferenceWeights weights);

}  // namespace fusesweep
