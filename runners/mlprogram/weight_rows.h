// The weights of a program as it means them: what const and constexpr operations hold, dequantized
// row by row, and the convolutions that they go into. Executors, and whoever compares a package with
// the model it was made from, read them here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runners/mlprogram/constants.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

// What a weight is made of. Scales lie along `axis`, or there is one for each block of all dimensions.
struct WeightParts {
  const Value* elements = nullptr;
  const Value* scale = nullptr;   // absent for a const
  const Value* offset = nullptr;  // may be absent
  std::optional<std::size_t> axis;
};

// Of a const or constexpr operation.
WeightParts parts_of(const Operation& source, const Constants& constants);

// (element - offset) * scale, rounded to the type of the scale; of a const, its elements. A row is all
// that stands under one index of the first dimension.
class WeightRows {
 public:
  // REQUIRES: a const or constexpr operation of a program that check_types accepts, which makes floats
  // of one dimension or more. The package must outlive the rows.
  WeightRows(const Package& package, const Operation& source, const Constants& constants);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }  // elements of a row
  DataType element() const { return element_; }     // of what is meant: fp16 or fp32

  // From any thread.  REQUIRES: row < rows(); out has columns() elements.
  void read(std::size_t row, std::span<float> out) const;

 private:
  float meant(float element, std::size_t block) const;
  void find_meanings(std::size_t block, std::span<float> out) const;

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  NumberView elements_;
  std::optional<NumberView> scales_;
  std::optional<NumberView> offsets_;
  DataType element_ = DataType::kFp16;
  // Of bytes that all share scale and offset: what each of the 256 means.
  std::vector<float> meanings_;
  // The block of an element, whose scale it has, is that of its row plus that of its column.
  std::size_t rows_per_block_ = 1;
  std::size_t blocks_in_row_ = 0;
  std::vector<std::uint32_t> column_blocks_;  // empty: all columns of a row share a scale
};

// A convolution, and the operation that makes its weight: null where that is no constant.
struct Convolution {
  const Operation* operation = nullptr;
  const Operation* source = nullptr;
};

// In program order. The program must outlive them.
std::vector<Convolution> convolutions_of(const Program& program);

}  // namespace fusesweep
