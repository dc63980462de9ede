// Turns the stored elements of a tensor into floats, bit for bit as the definition of each type
// says (ggml's block layouts): every product and sum rounds once, in the order written there.
#pragma once

#include <cstddef>
#include <span>

#include "runners/model/gguf_file.h"

namespace fusesweep {

// F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K.
bool can_dequantize(const GgmlType& type);

// Decodes whole blocks, a row for instance.  REQUIRES: can_dequantize(type), stored.size() is a
// multiple of type.block_bytes, and out holds type.block_elements for each of these blocks.
void dequantize(const GgmlType& type, std::span<const std::byte> stored, std::span<float> out);

}  // namespace fusesweep
