#include "runners/cpu/bound_weights.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "harness/base/fp16.h"
#include "runners/cpu/kernels.h"

namespace fusesweep {
namespace {

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

}  // namespace

WeightForm form_of(const Operation& source, const Constants& constants) {
  WeightForm form{.source = &source, .parts = parts_of(source, constants)};
  const std::vector<std::uint64_t>& shape = source.outputs.front().type.shape;
  form.rows = shape[0];
  form.columns = shape[1];
  form.padded = (form.columns + kRowPadding - 1) / kRowPadding * kRowPadding;
  form.stored_bytes = stored_bytes(form.parts.elements->type);
  form.is_int8 =
      form.parts.scale != nullptr && shifts_away(form.parts) && scales_rows(form.parts, form.rows);
  form.bytes = form.rows * form.padded * (form.is_int8 ? 1 : sizeof(std::uint16_t));
  return form;
}

std::vector<float> bind_weights(const Package& package, const WeightForm& form,
                                const Constants& constants, std::span<std::byte> to,
                                ThreadPool& pool) {
  const std::size_t element = form.is_int8 ? 1 : sizeof(std::uint16_t);
  // Calls bind(row, where it goes) for all rows.
  const auto for_each_row = [&](const auto& bind) {
    constexpr std::size_t kChunk = 256;
    const ThreadPool::Work work = [&](std::size_t chunk) {
      for (std::size_t row = chunk * kChunk; row < std::min(form.rows, (chunk + 1) * kChunk); ++row)
        bind(row, to.data() + row * form.padded * element);
    };
    pool.run((form.rows + kChunk - 1) / kChunk, work);
  };
  if (form.parts.scale != nullptr && !form.is_int8) {
    const WeightRows rows(package, *form.source, constants);
    for_each_row([&](std::size_t row, std::byte* out) {
      std::vector<float> weights(form.columns);
      rows.read(row, weights);
      for (std::size_t i = 0; i < form.columns; ++i) {
        const std::uint16_t half = float_to_fp16(weights[i]);
        std::memcpy(out + i * sizeof half, &half, sizeof half);
      }
    });
    return {};
  }
  const NumberView stored(package, *form.parts.elements);
  // The zero point of 128 turns the sign bit around.
  const bool turns = form.is_int8 && stored.element() == DataType::kUint8;
  for_each_row([&](std::size_t row, std::byte* out) {
    const std::byte* in = stored.bytes().data() + row * form.columns * element;
    if (!turns) {
      std::memcpy(out, in, form.columns * element);
    } else {
      for (std::size_t i = 0; i < form.columns; ++i) out[i] = in[i] ^ std::byte{0x80};
    }
  });
  if (form.is_int8) return numbers_of_constant(package, *form.parts.scale);
  return {};
}

}  // namespace fusesweep
