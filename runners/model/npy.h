// Arrays of floats as NumPy's .npy files (format version 1.0), which is how tensors travel between
// programs here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// Row-major float32.  REQUIRES: the product of the shape is values.size(). Errors name the file.
Result<void> write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
                       std::span<const float> values);

struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;  // row-major

  bool operator==(const NpyArray&) const = default;
};

// Reads a file of float32 in row-major order, taken for hostile, of versions 1.0 to 3.0. Errors name
// the file, what was found and what is wanted.
Result<NpyArray> read_npy(const std::filesystem::path& path);

}  // namespace fusesweep
