// The weights of a 1x1 convolution as kernels read them: taken from a package, padded by rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runners/cpu/thread_pool.h"
#include "runners/mlprogram/package.h"

namespace fusesweep {

// The constants of a program, by the name of the operation that holds them.
class Constants {
 public:
  explicit Constants(const Program& program);  // which must outlive it

  // What a parameter holds, on the spot or by name; null when only running the program tells.
  const Value* find(const Operation& operation, std::string_view parameter) const;
  const Value* find(const Argument& argument) const;

 private:
  std::map<std::string_view, const Value*> values_;
};

// What a weight is made of. Scales lie along `axis`, or there is one for each block of all dimensions.
struct WeightParts {
  const Value* elements = nullptr;
  const Value* scale = nullptr;   // absent for a const
  const Value* offset = nullptr;  // may be absent
  std::optional<std::size_t> axis;
};

// Int8 where the package has bytes with a zero point that int8 can shift away and one scale for all
// rows or for each; else fp16, dequantized as the program says.
struct WeightForm {
  bool is_int8 = false;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t padded = 0;          // elements of a row
  std::uint64_t bytes = 0;         // of all rows, padded
  std::uint64_t stored_bytes = 0;  // of the elements in the package: what residency limits count
  std::vector<std::uint64_t> shape;
  WeightParts parts;
};

// `source`, a const or constexpr operation, makes a weight [rows, columns, 1, 1].
WeightForm form_of(const Operation& source, const Constants& constants);

// Fills `to`, form.bytes of zeros, and gives the scales of the rows (one, or one each; none for fp16).
std::vector<float> bind_weights(const Package& package, const WeightForm& form,
                                std::span<std::byte> to, ThreadPool& pool);

// The elements of a constant of floats, or of bytes, as floats.
std::vector<float> numbers_of_constant(const Package& package, const Value& value);

// The elements of a constant as bytes of its type, wherever they stand. Booleans are a byte each.
std::vector<std::byte> bytes_of_constant(const Package& package, const Value& value);

}  // namespace fusesweep
