// The tensors of a model by what they must be: a matrix of so many rows and columns, a vector of so
// many elements, of a type that can be decoded. Errors name the file, the tensor, what was found and
// what is wanted.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

// Rows [begin, end) of a tensor with so many rows and columns in all.
struct MatrixPart {
  std::string_view tensor;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The result points into the file.
Result<const GgufTensor*> find_matrix(const GgufFile& file, std::string_view name, std::size_t rows,
                                      std::size_t columns);

// Decoded; a value that is not finite is an error.
Result<std::vector<float>> read_vector(const GgufFile& file, std::string_view name,
                                       std::size_t size);

// Row `row` of a matrix, decoded.  REQUIRES: find_matrix found it; out has its columns.
void read_row(const GgufTensor& matrix, std::size_t row, std::span<float> out);

// The error for a tensor with a weight that is not finite.
Failure not_finite(const GgufFile& file, const GgufTensor& tensor);

}  // namespace fusesweep
