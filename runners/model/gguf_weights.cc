#include "runners/model/gguf_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "harness/base/text.h"
#include "runners/model/dequantize.h"

namespace fusesweep {
namespace {

// `shape` in ggml's order: the first dimension is contiguous.
Result<const GgufTensor*> find(const GgufFile& file, std::string_view name,
                               const std::vector<std::uint64_t>& shape) {
  const GgufTensor* tensor = file.find_tensor(name);
  const auto no = [&](const std::string& found, const std::string& wanted) {
    return invalid_input(
        fmt::format("{}: tensor {}: found {}, want {}", file.where(), quote(name), found, wanted));
  };
  if (tensor == nullptr) return no("none", "it");
  if (tensor->shape != shape) {
    return no(fmt::format("the shape {}", fmt::join(tensor->shape, "x")),
              fmt::format("{}", fmt::join(shape, "x")));
  }
  if (tensor->type == nullptr || !can_dequantize(*tensor->type))
    return no(fmt::format("type {}", tensor->type_id), "one that can be decoded");
  return tensor;
}

}  // namespace

Result<const GgufTensor*> find_matrix(const GgufFile& file, std::string_view name, std::size_t rows,
                                      std::size_t columns) {
  return find(file, name, {columns, rows});
}

Result<std::vector<float>> read_vector(const GgufFile& file, std::string_view name,
                                       std::size_t size) {
  const Result<const GgufTensor*> tensor = find(file, name, {size});
  if (!tensor) return fail(tensor.error());
  std::vector<float> values(size);
  dequantize(*(*tensor)->type, (*tensor)->bytes, values);
  const bool finite =
      std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
  if (!finite) return not_finite(file, **tensor);
  return values;
}

void read_row(const GgufTensor& matrix, std::size_t row, std::span<float> out) {
  const std::size_t row_bytes = matrix.bytes.size() / matrix.shape[1];
  dequantize(*matrix.type, matrix.bytes.subspan(row * row_bytes, row_bytes), out);
}

Failure not_finite(const GgufFile& file, const GgufTensor& tensor) {
  return invalid_input(fmt::format("{}: tensor {}: found a weight that is not finite, want numbers",
                                   file.where(), quote(tensor.name)));
}

}  // namespace fusesweep
