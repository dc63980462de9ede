#include "runners/mlprogram/constants.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "harness/base/check.h"
#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

std::span<const std::byte> stored_numbers(const Package& package, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.content))
    return std::as_bytes(std::span(*text));
  if (const auto* floats = std::get_if<std::vector<float>>(&value.content))
    return std::as_bytes(std::span(*floats));
  return package.blob(value);
}

}  // namespace

Constants::Constants(const Program& program) {
  for (const Operation& operation : program.operations) {
    if (operation.type == "const")
      values_[operation.outputs.front().name] = &operation.attributes.at("val");
  }
}

const Value* Constants::find(const Argument& argument) const {
  if (const auto* value = std::get_if<Value>(&argument)) return value;
  const auto found = values_.find(std::get<std::string>(argument));
  return found == values_.end() ? nullptr : found->second;
}

const Value* Constants::find(const Operation& operation, std::string_view parameter) const {
  const auto found = operation.inputs.find(std::string(parameter));
  return found == operation.inputs.end() || found->second.size() != 1 ? nullptr
                                                                      : find(found->second.front());
}

NumberView::NumberView(const Package& package, const Value& value)
    : element_(value.type.element),
      size_(element_count(value.type.shape)),
      bytes_(stored_numbers(package, value)) {
  FUSESWEEP_CHECK(bytes_.size() == stored_bytes(value.type));
}

void NumberView::read(std::size_t begin, std::span<float> out) const {
  const std::byte* from = bytes_.data() + begin * element_bytes(element_);
  switch (element_) {
    case DataType::kInt8:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<float>(static_cast<std::int8_t>(from[i]));
      return;
    case DataType::kUint8:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<float>(static_cast<std::uint8_t>(from[i]));
      return;
    case DataType::kFp16:
      for (std::size_t i = 0; i < out.size(); ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, from + 2 * i, sizeof half);
        out[i] = fp16_to_float(half);
      }
      return;
    case DataType::kFp32:
      std::memcpy(out.data(), from, out.size_bytes());
      return;
    case DataType::kBool:
    case DataType::kString:
    case DataType::kInt16:
    case DataType::kInt32:
    case DataType::kUint16:
      break;
  }
  FUSESWEEP_UNREACHABLE();
}

float NumberView::operator[](std::size_t i) const {
  float number = 0;
  read(i, std::span(&number, 1));
  return number;
}

std::vector<float> numbers_of_constant(const Package& package, const Value& value) {
  const NumberView numbers(package, value);
  std::vector<float> out(numbers.size());
  numbers.read(0, out);
  return out;
}

std::vector<std::byte> bytes_of_constant(const Package& package, const Value& value) {
  std::vector<std::byte> bytes(stored_bytes(value.type));
  if (bytes.empty()) return bytes;
  if (const auto* integers = std::get_if<std::vector<std::int32_t>>(&value.content)) {
    const std::size_t size = element_bytes(value.type.element);
    // The lowest bytes, which is what a narrower integer is.
    for (std::size_t i = 0; i < integers->size(); ++i) {
      const std::int32_t integer = (*integers)[i];
      for (std::size_t b = 0; b < size; ++b)
        bytes[i * size + b] =
            static_cast<std::byte>(static_cast<std::uint32_t>(integer) >> (8 * b));
    }
    return bytes;
  }
  const std::span<const std::byte> stored = stored_numbers(package, value);
  std::copy(stored.begin(), stored.end(), bytes.begin());
  return bytes;
}

}  // namespace fusesweep
