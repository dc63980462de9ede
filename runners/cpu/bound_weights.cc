#include "runners/cpu/bound_weights.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "harness/base/fp16.h"
#include "runners/cpu/kernels.h"
#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

WeightParts parts_of(const Operation& source, const Constants& constants) {
  if (source.type == "const") return {.elements = &source.attributes.at("val")};
  if (source.type == "constexpr_affine_dequantize") {
    WeightParts parts{.elements = &source.attributes.at("quantized_data"),
                      .scale = &source.attributes.at("scale"),
                      .offset = &source.attributes.at("zero_point")};
    const std::int64_t axis = integers_of(source.attributes.at("axis")).value().front();
    const auto rank = static_cast<std::int64_t>(parts.elements->type.shape.size());
    parts.axis = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    return parts;
  }
  return {.elements = constants.find(source, "data"),
          .scale = constants.find(source, "scale"),
          .offset = constants.find(source, "offset")};
}

// A constant's elements as floats, where they stand in the program or the weight file.
std::vector<float> numbers(const Package& package, const Value& value) {
  const std::vector<std::byte> bytes = bytes_of_constant(package, value);
  std::vector<float> out(element_count(value.type.shape));
  for (std::size_t i = 0; i < out.size(); ++i) {
    switch (value.type.element) {
      case DataType::kInt8:
        out[i] = static_cast<float>(static_cast<std::int8_t>(bytes[i]));
        break;
      case DataType::kUint8:
        out[i] = static_cast<float>(static_cast<std::uint8_t>(bytes[i]));
        break;
      case DataType::kFp16: {
        std::uint16_t half = 0;
        std::memcpy(&half, &bytes[2 * i], sizeof half);
        out[i] = fp16_to_float(half);
        break;
      }
      default:
        std::memcpy(&out[i], &bytes[4 * i], sizeof(float));
    }
  }
  return out;
}

// One scale, or one for each row.
bool scales_rows(const WeightParts& parts, std::size_t rows) {
  const std::uint64_t count = element_count(parts.scale->type.shape);
  if (count == 1) return true;
  return count == rows && (parts.axis ? *parts.axis == 0 : parts.scale->type.shape[0] == rows);
}

// 0 for int8 and 128 for uint8: what a change of sign bits takes away. The zero point has to stand in
// the program.
bool shifts_away(const WeightParts& parts) {
  const bool is_signed = parts.elements->type.element == DataType::kInt8;
  if (parts.elements->type.element != DataType::kUint8 && !is_signed) return false;
  if (parts.offset == nullptr) return is_signed;
  const auto* bytes = std::get_if<std::string>(&parts.offset->content);
  if (parts.offset->type.element != parts.elements->type.element || bytes == nullptr) return false;
  const char wanted = is_signed ? '\0' : '\x80';
  return std::all_of(bytes->begin(), bytes->end(), [&](char c) { return c == wanted; });
}

// fp16((q - zero point) * scale) of every element.
std::vector<std::uint16_t> dequantized(const Package& package, const WeightForm& form) {
  const WeightParts& parts = form.parts;
  const std::vector<std::uint64_t>& shape = form.shape;
  std::vector<std::uint16_t> out(element_count(shape));
  const std::vector<float> elements = numbers(package, *parts.elements);
  const std::vector<float> scales = numbers(package, *parts.scale);
  std::vector<float> offsets(1);
  if (parts.offset != nullptr) offsets = numbers(package, *parts.offset);
  std::vector<std::uint64_t> index(shape.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t block = 0;
    if (parts.axis) {
      block = index[*parts.axis];
    } else {
      const auto& blocks = parts.scale->type.shape;
      for (std::size_t d = 0; d < shape.size(); ++d)
        block = block * blocks[d] + index[d] / (shape[d] / blocks[d]);
    }
    const float offset = offsets[offsets.size() == 1 ? 0 : block];
    const float scale = scales[scales.size() == 1 ? 0 : block];
    out[i] = float_to_fp16((elements[i] - offset) * scale);
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return out;
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

WeightForm form_of(const Operation& source, const Constants& constants) {
  WeightForm form{.shape = source.outputs.front().type.shape, .parts = parts_of(source, constants)};
  form.rows = form.shape[0];
  form.columns = form.shape[1];
  form.padded = (form.columns + kRowPadding - 1) / kRowPadding * kRowPadding;
  form.stored_bytes = stored_bytes(form.parts.elements->type);
  form.is_int8 =
      form.parts.scale != nullptr && shifts_away(form.parts) && scales_rows(form.parts, form.rows);
  form.bytes = form.rows * form.padded * (form.is_int8 ? 1 : sizeof(std::uint16_t));
  return form;
}

std::vector<float> bind_weights(const Package& package, const WeightForm& form,
                                std::span<std::byte> to, ThreadPool& pool) {
  const std::size_t element = form.is_int8 ? 1 : sizeof(std::uint16_t);
  const auto copy_rows = [&](const std::byte* from, std::byte sign) {
    constexpr std::size_t kChunk = 256;
    const ThreadPool::Work work = [&](std::size_t chunk) {
      for (std::size_t row = chunk * kChunk; row < std::min(form.rows, (chunk + 1) * kChunk);
           ++row) {
        std::byte* out = to.data() + row * form.padded * element;
        const std::byte* in = from + row * form.columns * element;
        if (sign == std::byte{0}) {
          std::memcpy(out, in, form.columns * element);
        } else {
          for (std::size_t i = 0; i < form.columns; ++i) out[i] = in[i] ^ sign;
        }
      }
    };
    pool.run((form.rows + kChunk - 1) / kChunk, work);
  };
  const auto elements_of = [&](const Value& value, std::vector<std::byte>& room) {
    if (std::holds_alternative<BlobReference>(value.content)) return package.blob(value).data();
    room = bytes_of_constant(package, value);
    return static_cast<const std::byte*>(room.data());
  };
  std::vector<std::byte> room;
  const Value& stored = *form.parts.elements;
  if (form.is_int8) {
    const bool is_signed = stored.type.element == DataType::kInt8;
    copy_rows(elements_of(stored, room), std::byte(is_signed ? 0 : 0x80));
    return numbers(package, *form.parts.scale);
  }
  if (form.parts.scale == nullptr) {
    copy_rows(elements_of(stored, room), std::byte{0});
  } else {
    const std::vector<std::uint16_t> halves = dequantized(package, form);
    copy_rows(std::as_bytes(std::span(halves)).data(), std::byte{0});
  }
  return {};
}

std::vector<float> numbers_of_constant(const Package& package, const Value& value) {
  return numbers(package, value);
}

std::vector<std::byte> bytes_of_constant(const Package& package, const Value& value) {
  std::vector<std::byte> bytes(stored_bytes(value.type));
  if (bytes.empty()) return bytes;
  if (const auto* text = std::get_if<std::string>(&value.content)) {
    std::memcpy(bytes.data(), text->data(), bytes.size());
  } else if (const auto* floats = std::get_if<std::vector<float>>(&value.content)) {
    std::memcpy(bytes.data(), floats->data(), bytes.size());
  } else if (const auto* integers = std::get_if<std::vector<std::int32_t>>(&value.content)) {
    const std::size_t size = element_bytes(value.type.element);
    // The lowest bytes, which is what a narrower integer is.
    for (std::size_t i = 0; i < integers->size(); ++i) {
      const std::int32_t integer = (*integers)[i];
      for (std::size_t b = 0; b < size; ++b)
        bytes[i * size + b] =
            static_cast<std::byte>(static_cast<std::uint32_t>(integer) >> (8 * b));
    }
  } else {
    const std::span<const std::byte> blob = package.blob(value);
    std::copy(blob.begin(), blob.end(), bytes.begin());
  }
  return bytes;
}

}  // namespace fusesweep
