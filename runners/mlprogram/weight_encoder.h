// Turns the tensors of a model into the constants of a package: read, rounded and written in pieces
// by several threads, so that memory does not grow with them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/encoding.h"
#include "runners/mlprogram/program.h"
#include "runners/mlprogram/weight_file.h"
#include "runners/model/gguf_file.h"
#include "runners/model/gguf_weights.h"

namespace fusesweep {

// The weight [rows, columns, 1, 1] of a 1x1 convolution.
struct EncodedMatrix {
  Encoding encoding = Encoding::kInt8;
  Value elements;              // fp16, int8 or uint8
  std::optional<Value> scale;  // fp16: a scalar, or one for each row, [rows, 1, 1, 1]
};

class WeightEncoder {
 public:
  // All three must outlive the encoder. Progress advances by bytes that were read of the file.
  WeightEncoder(const GgufFile& file, WeightFileWriter& writer, Progress& progress, int threads)
      : file_(file), writer_(writer), progress_(progress), threads_(threads) {}

  // Errors name the tensor: it is missing, of another shape or type, or holds a weight that is not
  // finite or too large for fp16.
  Result<EncodedMatrix> matrix(const MatrixPart& part, Encoding encoding);

  // A norm's weight as fp16 [1, size, 1, 1]. Errors as above.
  Result<Value> channels(std::string_view tensor, std::size_t size);

 private:
  const GgufFile& file_;
  WeightFileWriter& writer_;
  Progress& progress_;
  int threads_;
};

// The table as a file of its own: fp16, row-major [rows, columns].
Result<void> write_embedding_table(const GgufFile& file, const MatrixPart& part,
                                   const std::filesystem::path& path, Progress& progress,
                                   int threads);

}  // namespace fusesweep
