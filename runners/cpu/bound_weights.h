// The weights of a 1x1 convolution as kernels read them: taken from a package, padded by rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runners/cpu/thread_pool.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/weight_rows.h"

namespace fusesweep {

// Int8 where the package has bytes with a zero point that int8 can shift away and one scale for all
// rows or for each; else fp16, dequantized as the program says.
struct WeightForm {
  bool is_int8 = false;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t padded = 0;          // elements of a row
  std::uint64_t bytes = 0;         // of all rows, padded
  std::uint64_t stored_bytes = 0;  // of the elements in the package: what residency limits count
  const Operation* source = nullptr;
  WeightParts parts;
};

// `source`, a const or constexpr operation, makes a weight [rows, columns, 1, 1]. It must outlive the
// form.
WeightForm form_of(const Operation& source, const Constants& constants);

// Fills `to`, form.bytes of zeros, and gives the scales of the rows (one, or one each; none for fp16).
std::vector<float> bind_weights(const Package& package, const WeightForm& form,
                                const Constants& constants, std::span<std::byte> to,
                                ThreadPool& pool);

}  // namespace fusesweep
