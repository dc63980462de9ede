// The constants of a program: which value a parameter holds, and its elements, wherever they stand.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "runners/mlprogram/package.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

class Constants {
 public:
  explicit Constants(const Program& program);  // which must outlive it

  // What a parameter holds, on the spot or by name; null when only running the program tells.
  const Value* find(const Operation& operation, std::string_view parameter) const;
  const Value* find(const Argument& argument) const;

 private:
  std::map<std::string_view, const Value*> values_;  // of const operations, by output
};

// A constant's numbers where they stand, as floats when they are read. The package must outlive it.
class NumberView {
 public:
  // REQUIRES: elements of fp16, fp32, int8 or uint8.
  NumberView(const Package& package, const Value& value);

  std::size_t size() const { return size_; }
  DataType element() const { return element_; }
  std::span<const std::byte> bytes() const { return bytes_; }

  float operator[](std::size_t i) const;
  // Those from `begin` on.  REQUIRES: there are as many as out has room for.
  void read(std::size_t begin, std::span<float> out) const;

 private:
  DataType element_;
  std::size_t size_;
  std::span<const std::byte> bytes_;
};

// The elements of a constant of floats, or of bytes, as floats.
std::vector<float> numbers_of_constant(const Package& package, const Value& value);

// The elements of a constant as bytes of its type, wherever they stand. Booleans are a byte each.
std::vector<std::byte> bytes_of_constant(const Package& package, const Value& value);

}  // namespace fusesweep
