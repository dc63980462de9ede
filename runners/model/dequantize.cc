#include "runners/model/dequantize.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "harness/base/check.h"
#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

std::uint8_t byte_at(const std::byte* at) { return std::to_integer<std::uint8_t>(*at); }

float half_at(const std::byte* at) { return fp16_to_float(load<std::uint16_t>(at)); }

void decode_f32(const std::byte* block, float* out) { *out = load<float>(block); }

void decode_f16(const std::byte* block, float* out) { *out = half_at(block); }

void decode_bf16(const std::byte* block, float* out) {
  *out = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(block)) << 16U);
}

// half d; int8 q[32]:  x = d q
void decode_q8_0(const std::byte* block, float* out) {
  const float d = half_at(block);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(load<std::int8_t>(block + 2 + i));
}

// half d; 32 times 4 bits, the first 16 elements in the low halves:  x = d (q - 8)
void decode_q4_0(const std::byte* block, float* out) {
  const float d = half_at(block);
  for (int i = 0; i < 16; ++i) {
    const int q = byte_at(block + 2 + i);
    out[i] = d * static_cast<float>((q & 0xF) - 8);
    out[i + 16] = d * static_cast<float>((q >> 4) - 8);
  }
}

// half d, m:  x = d q + m
void decode_q4_1(const std::byte* block, float* out) {
  const float d = half_at(block);
  const float m = half_at(block + 2);
  for (int i = 0; i < 16; ++i) {
    const int q = byte_at(block + 4 + i);
    out[i] = d * static_cast<float>(q & 0xF) + m;
    out[i + 16] = d * static_cast<float>(q >> 4) + m;
  }
}

// The 5-bit elements i and i + 16: four bits in a byte, the fifth in bit i and i + 16 of `high`.
struct FiveBits {
  int first;
  int second;
};

FiveBits five_bits(const std::byte* low, std::uint32_t high, int i) {
  const int q = byte_at(low + i);
  const int first = static_cast<int>((high >> static_cast<unsigned>(i)) & 1U);
  const int second = static_cast<int>((high >> static_cast<unsigned>(i + 16)) & 1U);
  return {(q & 0xF) | (first << 4), (q >> 4) | (second << 4)};
}

// half d; uint32 high:  x = d (q - 16)
void decode_q5_0(const std::byte* block, float* out) {
  const float d = half_at(block);
  const auto high = load<std::uint32_t>(block + 2);
  for (int i = 0; i < 16; ++i) {
    const FiveBits q = five_bits(block + 6, high, i);
    out[i] = d * static_cast<float>(q.first - 16);
    out[i + 16] = d * static_cast<float>(q.second - 16);
  }
}

// half d, m; uint32 high:  x = d q + m
void decode_q5_1(const std::byte* block, float* out) {
  const float d = half_at(block);
  const float m = half_at(block + 2);
  const auto high = load<std::uint32_t>(block + 4);
  for (int i = 0; i < 16; ++i) {
    const FiveBits q = five_bits(block + 8, high, i);
    out[i] = d * static_cast<float>(q.first) + m;
    out[i + 16] = d * static_cast<float>(q.second) + m;
  }
}

// Eight scales and eight minima of 6 bits in 12 bytes: the first four of each in the low 6 bits of
// bytes 0-3 and 4-7, the others with their low 4 bits in the halves of bytes 8-11 and their high 2
// bits on top of bytes 0-3 and 4-7.
struct ScaleAndMin {
  float scale;
  float min;
};

ScaleAndMin scale_and_min(const std::byte* packed, int j) {
  const auto at = [&](int i) { return static_cast<int>(byte_at(packed + i)); };
  if (j < 4) return {static_cast<float>(at(j) & 63), static_cast<float>(at(j + 4) & 63)};
  return {static_cast<float>((at(j + 4) & 0xF) | ((at(j - 4) >> 6) << 4)),
          static_cast<float>((at(j + 4) >> 4) | ((at(j) >> 6) << 4))};
}

// half d, dmin; 12 bytes of scales; 8 groups of 32, two to 32 bytes:  x = (d scale) q - (dmin min)
void decode_q4_k(const std::byte* block, float* out) {
  const float d = half_at(block);
  const float dmin = half_at(block + 2);
  const std::byte* scales = block + 4;
  const std::byte* low = block + 16;
  for (int pair = 0; pair < 4; ++pair, low += 32, out += 64) {
    const ScaleAndMin first = scale_and_min(scales, 2 * pair);
    const ScaleAndMin second = scale_and_min(scales, 2 * pair + 1);
    const float d1 = d * first.scale;
    const float m1 = dmin * first.min;
    const float d2 = d * second.scale;
    const float m2 = dmin * second.min;
    for (int i = 0; i < 32; ++i) {
      const int q = byte_at(low + i);
      out[i] = d1 * static_cast<float>(q & 0xF) - m1;
      out[i + 32] = d2 * static_cast<float>(q >> 4) - m2;
    }
  }
}

// As Q4_K, with the fifth bits of group g in bit g of 32 bytes before the low bits.
void decode_q5_k(const std::byte* block, float* out) {
  const float d = half_at(block);
  const float dmin = half_at(block + 2);
  const std::byte* scales = block + 4;
  const std::byte* high = block + 16;
  const std::byte* low = block + 48;
  for (int pair = 0; pair < 4; ++pair, low += 32, out += 64) {
    const ScaleAndMin first = scale_and_min(scales, 2 * pair);
    const ScaleAndMin second = scale_and_min(scales, 2 * pair + 1);
    const float d1 = d * first.scale;
    const float m1 = dmin * first.min;
    const float d2 = d * second.scale;
    const float m2 = dmin * second.min;
    for (int i = 0; i < 32; ++i) {
      const int q = byte_at(low + i);
      const int h = byte_at(high + i) >> (2 * pair);
      out[i] = d1 * static_cast<float>((q & 0xF) | ((h & 1) << 4)) - m1;
      out[i + 32] = d2 * static_cast<float>((q >> 4) | ((h & 2) << 3)) - m2;
    }
  }
}

// Two halves of 128 elements, each four groups of 32: low 4 bits in 64 bytes (groups 0 and 2 share
// the first 32, 1 and 3 the others), high 2 bits of group g in bits 2g of 32 bytes, an int8 scale
// for every 16; half d at the end: x = (d scale) (q - 32)
void decode_q6_k(const std::byte* block, float* out) {
  const std::byte* low = block;
  const std::byte* high = block + 128;
  const std::byte* scales = block + 192;
  const float d = half_at(block + 208);
  for (int half = 0; half < 2; ++half, low += 64, high += 32, scales += 8, out += 128) {
    for (int i = 0; i < 32; ++i) {
      const int a = byte_at(low + i);
      const int b = byte_at(low + i + 32);
      const int h = byte_at(high + i);
      const int q[4] = {(a & 0xF) | ((h & 3) << 4), (b & 0xF) | (((h >> 2) & 3) << 4),
                        (a >> 4) | (((h >> 4) & 3) << 4), (b >> 4) | (((h >> 6) & 3) << 4)};
      for (int group = 0; group < 4; ++group) {
        const int sixteen = 2 * group + i / 16;
        const auto scale = static_cast<float>(load<std::int8_t>(scales + sixteen));
        out[32 * group + i] = d * scale * static_cast<float>(q[group] - 32);
      }
    }
  }
}

using Decode = void (*)(const std::byte* block, float* out);

template <Decode decode>
void decode_blocks(const GgmlType& type, std::span<const std::byte> stored, std::span<float> out) {
  float* to = out.data();
  for (std::size_t at = 0; at < stored.size(); at += type.block_bytes, to += type.block_elements) {
    decode(stored.data() + at, to);
  }
}

using DecodeBlocks = void (*)(const GgmlType& type, std::span<const std::byte> stored,
                              std::span<float> out);

DecodeBlocks decoder_of(const GgmlType& type) {
  switch (static_cast<GgmlId>(type.id)) {
    case GgmlId::kF32:
      return decode_blocks<decode_f32>;
    case GgmlId::kF16:
      return decode_blocks<decode_f16>;
    case GgmlId::kQ4_0:
      return decode_blocks<decode_q4_0>;
    case GgmlId::kQ4_1:
      return decode_blocks<decode_q4_1>;
    case GgmlId::kQ5_0:
      return decode_blocks<decode_q5_0>;
    case GgmlId::kQ5_1:
      return decode_blocks<decode_q5_1>;
    case GgmlId::kQ8_0:
      return decode_blocks<decode_q8_0>;
    case GgmlId::kQ4_K:
      return decode_blocks<decode_q4_k>;
    case GgmlId::kQ5_K:
      return decode_blocks<decode_q5_k>;
    case GgmlId::kQ6_K:
      return decode_blocks<decode_q6_k>;
    case GgmlId::kBF16:
      return decode_blocks<decode_bf16>;
  }
  return nullptr;  // a type that the file may name and we do not decode
}

}  // namespace

bool can_dequantize(const GgmlType& type) { return decoder_of(type) != nullptr; }

void dequantize(const GgmlType& type, std::span<const std::byte> stored, std::span<float> out) {
  const DecodeBlocks decode = decoder_of(type);
  FUSESWEEP_CHECK(decode != nullptr && stored.size() % type.block_bytes == 0 &&
                  out.size() == stored.size() / type.block_bytes * type.block_elements);
  decode(type, stored, out);
}

}  // namespace fusesweep
