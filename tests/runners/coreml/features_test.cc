#include "runners/coreml/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kFp16 = 65552;
constexpr std::int64_t kInt32 = 131104;

TEST(Features, BecomePortsByName) {
  const auto ports = ports_of({{FeatureRole::kInput, "x", kFp16, {1, 32, 1, 1}},
                               {FeatureRole::kInput, "pos", kInt32, {1}},
                               {FeatureRole::kOutput, "hidden", kFp16, {1, 32, 1, 1}},
                               {FeatureRole::kState, "layers.0.k_state", kFp16, {1, 1, 8, 16}}});
  ASSERT_TRUE(ports) << ports.error().message;
  EXPECT_THAT(ports->inputs, ElementsAre(NamedType{"pos", {DataType::kInt32, {1}}},
                                         NamedType{"x", {DataType::kFp16, {1, 32, 1, 1}}}));
  EXPECT_THAT(ports->outputs, ElementsAre(NamedType{"hidden", {DataType::kFp16, {1, 32, 1, 1}}}));
  EXPECT_EQ(ports->states.size(), 1U);
}

TEST(Features, ThatNoShardHasAreRefused) {
  const struct {
    Feature feature;
    const char* said;
  } kRows[] = {
      {{FeatureRole::kInput, "i", std::nullopt, {}}, "input 'i': found no array, want"},
      {{FeatureRole::kOutput, "d", 65600, {1}}, "output 'd': found type 65600, want an array"},
      {{FeatureRole::kState, "s", kFp16, {1, 0}}, "state 's': found [1,0], want sizes above 0"},
      {{FeatureRole::kInput, "n", kFp16, {-1}}, "found [-1]"},
      {{FeatureRole::kInput, "b", kFp16, {1 << 20, 1 << 20, 1 << 30}}, "elements"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.said);
    const auto ports = ports_of({row.feature});
    ASSERT_FALSE(ports);
    EXPECT_THAT(ports.error().message, HasSubstr(row.said));
  }
}

std::vector<std::byte> counted(std::size_t int32s) {
  std::vector<std::int32_t> numbers(int32s);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<std::byte> bytes(4 * int32s);
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

Result<std::vector<std::int32_t>> copied(std::size_t from, std::vector<std::uint64_t> shape,
                                         const std::vector<std::int64_t>& strides) {
  const TensorType type{DataType::kInt32, std::move(shape)};
  std::vector<std::int32_t> numbers(element_count(type.shape), -1);
  if (auto done =
          copy_row_major(counted(from), type, strides, std::as_writable_bytes(std::span(numbers)));
      !done)
    return fail(done.error());
  return numbers;
}

TEST(StridedOutputs, AreCopiedRowMajor) {
  EXPECT_THAT(*copied(6, {2, 3}, {3, 1}), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(*copied(7, {2, 3}, {4, 1}), ElementsAre(0, 1, 2, 4, 5, 6));
  EXPECT_THAT(*copied(6, {3, 2}, {1, 3}), ElementsAre(0, 3, 1, 4, 2, 5));
  // The Neural Engine's: each row of one element on 64 bytes of its own.
  EXPECT_THAT(*copied(33, {1, 3, 1, 1}, {48, 16, 16, 1}), ElementsAre(0, 16, 32));
  EXPECT_THAT(*copied(2, {2, 2}, {0, 1}), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(*copied(1, {}, {}), ElementsAre(0));
}

TEST(StridedOutputs, ThatReachBeyondTheirBytesAreRefused) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  for (const auto& strides : std::vector<std::vector<std::int64_t>>{
           {4, 1}, {3, 2}, {-3, 1}, {kHuge, 1}, {kHuge, kHuge}, {3}, {3, 1, 1}, {}}) {
    const auto result = copied(6, {2, 3}, strides);
    EXPECT_FALSE(result) << testing::PrintToString(strides);
  }
  std::vector<std::byte> small(4);
  EXPECT_FALSE(copy_row_major(counted(6), {DataType::kInt32, {2, 3}}, {3, 1}, small));
}

TEST(PortBuffers, GiveEachPortZeroedPagesOfItsOwn) {
  const ShardPorts ports{.inputs = {{"x", {DataType::kFp16, {1, 3, 1, 1}}}},
                         .outputs = {{"hidden", {DataType::kFp16, {5}}}},
                         .states = {}};
  const PortBuffers buffers(ports);
  for (const auto& [name, size] : {std::pair("x", 6U), std::pair("hidden", 10U)}) {
    const std::span<std::byte> bytes = buffers.port(name);
    EXPECT_EQ(bytes.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 16384, 0U);
    EXPECT_TRUE(
        std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
  }
  EXPECT_NE(buffers.port("x").data(), buffers.port("hidden").data());
}

}  // namespace
}  // namespace fusesweep
