#include "runners/model/dequantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fp16.h"
#include "tests/support/gguf_bytes.h"

namespace fusesweep {
namespace {

using testing::Each;
using testing::ElementsAre;

std::vector<float> decoded(std::uint32_t type_id, const GgufBytes& stored) {
  const GgmlType& type = *ggml_type(type_id);
  std::vector<float> out(stored.bytes().size() / type.block_bytes * type.block_elements);
  dequantize(type, stored.bytes(), out);
  return out;
}

std::uint16_t half(float value) { return float_to_fp16(value); }

// Elements [from, from + count) of a decoded block.
std::vector<float> part(const std::vector<float>& all, std::size_t from, std::size_t count) {
  return {all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

constexpr std::uint32_t kQ8_0 = 8;

TEST(Dequantize, PlainTypesAreTheirValues) {
  EXPECT_THAT(decoded(0, GgufBytes().raw(1.5F).raw(-2.0F)), ElementsAre(1.5F, -2.0F));
  EXPECT_THAT(decoded(1, GgufBytes().raw(half(0.25F)).raw(half(-3))), ElementsAre(0.25F, -3.0F));
  // bfloat16 is the upper half of a float: 0x3FC0 is 1.5, 0xC2F7 is -123.5.
  EXPECT_THAT(decoded(30, GgufBytes().raw<std::uint16_t>(0x3FC0).raw<std::uint16_t>(0xC2F7)),
              ElementsAre(1.5F, -123.5F));
}

TEST(Dequantize, Q8_0IsAScaleTimesSignedBytes) {
  GgufBytes block;
  block.raw(half(0.5F));
  for (int i = 0; i < 32; ++i) block.raw(static_cast<std::int8_t>(i * 8 - 128));
  const std::vector<float> x = decoded(kQ8_0, block);
  EXPECT_EQ(x[0], -64);
  EXPECT_EQ(x[1], -60);
  EXPECT_EQ(x[16], 0);
  EXPECT_EQ(x[31], 60);
}

TEST(Dequantize, EachBlockHasItsOwnScale) {
  GgufBytes blocks;
  blocks.raw(half(1))
      .raw_text(std::string(32, '\x02'))
      .raw(half(-2))
      .raw_text(std::string(32, '\x03'));
  const std::vector<float> x = decoded(kQ8_0, blocks);
  EXPECT_THAT(part(x, 0, 32), Each(2.0F));
  EXPECT_THAT(part(x, 32, 32), Each(-6.0F));
}

// In the next four a byte 0xF1 holds the elements 1 (low half, first 16) and 15 (high half, last
// 16).
TEST(Dequantize, Q4_0SubtractsEight) {
  const std::vector<float> x =
      decoded(2, GgufBytes().raw(half(2)).raw_text(std::string(16, '\xF1')));
  EXPECT_THAT(part(x, 0, 16), Each(-14.0F));
  EXPECT_THAT(part(x, 16, 16), Each(14.0F));
}

TEST(Dequantize, Q4_1AddsAMinimum) {
  const std::vector<float> x =
      decoded(3, GgufBytes().raw(half(2)).raw(half(-1)).raw_text(std::string(16, '\xF1')));
  EXPECT_THAT(part(x, 0, 16), Each(1.0F));
  EXPECT_THAT(part(x, 16, 16), Each(29.0F));
}

TEST(Dequantize, Q5_0TakesTheFifthBitFromItsOwnPlaceAndSubtractsSixteen) {
  // Fifth bits: element 3, and element 16 + 5.
  const std::uint32_t high = (1U << 3U) | (1U << 21U);
  const std::vector<float> x =
      decoded(6, GgufBytes().raw(half(1)).raw(high).raw_text(std::string(16, '\xF1')));
  EXPECT_EQ(x[0], 1 - 16);
  EXPECT_EQ(x[3], 17 - 16);
  EXPECT_EQ(x[5], 1 - 16);
  EXPECT_EQ(x[16], 15 - 16);
  EXPECT_EQ(x[19], 15 - 16);
  EXPECT_EQ(x[21], 31 - 16);
}

TEST(Dequantize, Q5_1AddsAMinimum) {
  const std::uint32_t high = (1U << 0U) | (1U << 31U);
  const std::vector<float> x = decoded(
      7, GgufBytes().raw(half(0.5F)).raw(half(10)).raw(high).raw_text(std::string(16, '\xF1')));
  EXPECT_EQ(x[0], 17 * 0.5F + 10);
  EXPECT_EQ(x[1], 1 * 0.5F + 10);
  EXPECT_EQ(x[30], 15 * 0.5F + 10);
  EXPECT_EQ(x[31], 31 * 0.5F + 10);
}

// Scales 1, 2, 3, 4, 5+16, 6+32, 7+48, 8 and minima 8, 7, 6, 5, 4+48, 3+32, 2+16, 1, packed by
// hand: bytes 0-3 hold scales 0-3 and above them bits 4-5 of scales 4-7; bytes 4-7 the same for the
// minima; bytes 8-11 the low four bits.
GgufBytes& packed_scales(GgufBytes& block) {
  for (const int byte : {1 | 1 << 6, 2 | 2 << 6, 3 | 3 << 6, 4 | 0 << 6, 8 | 3 << 6, 7 | 2 << 6,
                         6 | 1 << 6, 5 | 0 << 6, 5 | 4 << 4, 6 | 3 << 4, 7 | 2 << 4, 8 | 1 << 4}) {
    block.raw(static_cast<std::uint8_t>(byte));
  }
  return block;
}
constexpr std::array<float, 8> kScales = {1, 2, 3, 4, 21, 38, 55, 8};
constexpr std::array<float, 8> kMinima = {8, 7, 6, 5, 52, 35, 18, 1};

TEST(Dequantize, Q4_KHasAScaleAndAMinimumForEveryThirtyTwo) {
  GgufBytes block;
  block.raw(half(0.5F)).raw(half(0.25F));
  packed_scales(block).raw_text(std::string(128, '\xC3'));  // 3 in even groups, 12 in odd ones
  const std::vector<float> x = decoded(12, block);
  for (std::size_t group = 0; group < 8; ++group) {
    const float q = group % 2 == 0 ? 3 : 12;
    EXPECT_THAT(part(x, 32 * group, 32), Each(0.5F * kScales[group] * q - 0.25F * kMinima[group]))
        << group;
  }
}

TEST(Dequantize, Q5_KTakesTheFifthBitOfGroupGFromBitG) {
  GgufBytes block;
  block.raw(half(0.5F)).raw(half(0.25F));
  // Groups 0, 3 and 6 have their fifth bit set.
  packed_scales(block).raw_text(std::string(32, '\x49')).raw_text(std::string(128, '\xC3'));
  const std::vector<float> x = decoded(13, block);
  for (std::size_t group = 0; group < 8; ++group) {
    const float q = (group % 2 == 0 ? 3.0F : 12.0F) + (group % 3 == 0 ? 16.0F : 0.0F);
    EXPECT_THAT(part(x, 32 * group, 32), Each(0.5F * kScales[group] * q - 0.25F * kMinima[group]))
        << group;
  }
}

TEST(Dequantize, Q6_KHasAScaleForEverySixteenAndSubtractsThirtyTwo) {
  GgufBytes block;
  // Low bits: in each half of 128, bytes 0-31 hold groups 0 (low) and 2 (high), bytes 32-63 groups
  // 1 and 3.
  for (int i = 0; i < 2; ++i)
    block.raw_text(std::string(32, '\x21')).raw_text(std::string(32, '\x43'));
  // High bits, two for each group: 0, 1, 2, 3 for the groups 0 to 3 of both halves.
  block.raw_text(std::string(64, '\xE4'));
  for (int i = 0; i < 16; ++i) block.raw(static_cast<std::int8_t>(i - 8));
  block.raw(half(0.5F));
  const std::vector<float> x = decoded(14, block);
  constexpr std::array<float, 4> kQ = {1, 3 + 16, 2 + 32, 4 + 48};
  for (std::size_t sixteen = 0; sixteen < 16; ++sixteen) {
    const float scale = static_cast<float>(sixteen) - 8;
    const float q = kQ[sixteen / 2 % 4] - 32;
    EXPECT_THAT(part(x, 16 * sixteen, 16), Each(0.5F * scale * q)) << sixteen;
  }
}

TEST(Dequantize, KnowsWhatItCannotDecode) {
  for (const std::uint32_t id : {0U, 1U, 2U, 3U, 6U, 7U, 8U, 12U, 13U, 14U, 30U}) {
    EXPECT_TRUE(can_dequantize(*ggml_type(id))) << id;
  }
  for (const std::uint32_t id : {9U, 10U, 11U, 15U, 24U, 28U})
    EXPECT_FALSE(can_dequantize(*ggml_type(id))) << id;
}

}  // namespace
}  // namespace fusesweep
