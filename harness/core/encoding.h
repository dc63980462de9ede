// How a shard's convolution weights are stored in its package.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

enum class Encoding {
  kInt8,               // int8, zero point 0, one scale per tensor
  kUint8,              // uint8, zero point 128, one scale per tensor
  kShiftScaleTensor,   // int8 through constexpr_blockwise_shift_scale, one scale per tensor
  kShiftScaleChannel,  // the same with one scale per output channel
  kFp16,               // not quantized
};

// The one spelling of an encoding: in flags, JSON and the store.
std::string_view to_text(Encoding encoding);

// The error says what was found and lists what there is; the caller adds where.
Result<Encoding> parse_encoding(std::string_view text);

std::uint64_t bytes_per_weight(Encoding encoding);

}  // namespace fusesweep
