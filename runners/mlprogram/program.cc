#include "runners/mlprogram/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <numeric>

#include "harness/base/check.h"

namespace fusesweep {

std::string_view to_text(DataType type) {
  switch (type) {
    case DataType::kBool:
      return "bool";
    case DataType::kString:
      return "string";
    case DataType::kFp16:
      return "fp16";
    case DataType::kFp32:
      return "fp32";
    case DataType::kInt8:
      return "int8";
    case DataType::kInt16:
      return "int16";
    case DataType::kInt32:
      return "int32";
    case DataType::kUint8:
      return "uint8";
    case DataType::kUint16:
      return "uint16";
  }
  FUSESWEEP_UNREACHABLE();
}

std::size_t element_bytes(DataType type) {
  switch (type) {
    case DataType::kBool:
    case DataType::kInt8:
    case DataType::kUint8:
      return 1;
    case DataType::kFp16:
    case DataType::kInt16:
    case DataType::kUint16:
      return 2;
    case DataType::kFp32:
    case DataType::kInt32:
      return 4;
    case DataType::kString:
      break;
  }
  FUSESWEEP_UNREACHABLE();
}

std::string to_text(const TensorType& type) {
  return fmt::format("{}[{}]", to_text(type.element), fmt::join(type.shape, ","));
}

std::uint64_t element_count(std::span<const std::uint64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::uint64_t stored_bytes(const TensorType& type) {
  return element_count(type.shape) * element_bytes(type.element);
}

bool is_compute(const Operation& operation) {
  return operation.type != "const" && !operation.type.starts_with("constexpr_");
}

}  // namespace fusesweep
