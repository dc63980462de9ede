#include "runners/mlprogram/weight_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "harness/base/fp16.h"
#include "runners/mlprogram/ml_model.h"
#include "runners/mlprogram/program_builder.h"

namespace fusesweep {
namespace {

Value halves(std::vector<std::uint64_t> shape, const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) {
    const std::uint16_t half = float_to_fp16(value);
    bytes += {static_cast<char>(half & 0xFFU), static_cast<char>(half >> 8U)};
  }
  return {{DataType::kFp16, std::move(shape)}, std::move(bytes)};
}

Value bytes(DataType type, std::vector<std::uint64_t> shape, const std::vector<int>& values) {
  return {{type, std::move(shape)}, std::string(values.begin(), values.end())};
}

Value floats(std::vector<std::uint64_t> shape, std::vector<float> values) {
  return {{DataType::kFp32, std::move(shape)}, std::move(values)};
}

Operation affine(Value quantized, Value zero_point, Value scale, int axis) {
  Operation operation{.type = "constexpr_affine_dequantize", .name = "w"};
  operation.attributes = {{"quantized_data", std::move(quantized)},
                          {"zero_point", std::move(zero_point)},
                          {"scale", std::move(scale)},
                          {"axis", integer(axis)}};
  return operation;
}

Operation blockwise(Value quantized, Value scale, std::optional<Value> offset = std::nullopt) {
  Operation operation{.type = "constexpr_blockwise_shift_scale", .name = "w"};
  operation.inputs["data"].emplace_back(std::move(quantized));
  operation.inputs["scale"].emplace_back(std::move(scale));
  if (offset) operation.inputs["offset"].emplace_back(*std::move(offset));
  return operation;
}

Operation constant(Value value) {
  Operation operation{.type = "const", .name = "w"};
  operation.attributes.emplace("val", std::move(value));
  return operation;
}

// All rows of what the operation makes, one after the other.
std::vector<float> meant(const Operation& source) {
  ProgramBuilder builder{std::string(kOpset)};
  const std::string x = builder.input("x", {DataType::kFp16, {1}});
  builder.add_constexpr(source);
  const std::string y = builder.add("identity", "y", {{"x", x}});
  const std::string file = encode_ml_model(
      {.description = "test", .notes = {}, .program = std::move(builder).finish({y})});
  const auto package = Package::parse(std::as_bytes(std::span(file)), {}, "test");
  EXPECT_TRUE(package) << package.error().message;
  const Program& program = package->model().program;
  const Constants constants(program);
  const WeightRows rows(*package, program.operations.front(), constants);
  std::vector<float> all(rows.rows() * rows.columns());
  for (std::size_t row = 0; row < rows.rows(); ++row)
    rows.read(row, std::span(all).subspan(row * rows.columns(), rows.columns()));
  return all;
}

TEST(WeightRows, EveryFormMeansWhatItSays) {
  constexpr DataType kInt8 = DataType::kInt8;
  constexpr DataType kUint8 = DataType::kUint8;
  const struct {
    const char* name;
    Operation source;
    std::vector<float> want;
  } rows[] = {
      {"fp16", constant(halves({2, 2}, {1, -2, 0.5F, 65504})), {1, -2, 0.5F, 65504}},
      {"fp32", constant(floats({2, 2}, {1, -2, 0.1F, 1e9F})), {1, -2, 0.1F, 1e9F}},
      {"int8 with one scale",
       affine(bytes(kInt8, {2, 2}, {1, -128, 127, 0}), bytes(kInt8, {}, {0}), halves({}, {0.5F}),
              0),
       {0.5F, -64, 63.5F, 0}},
      {"uint8 with a zero point",
       affine(bytes(kUint8, {2, 2}, {1, 128, 255, 0}), bytes(kUint8, {}, {128}), halves({}, {2}),
              0),
       {-254, 0, 254, -256}},
      {"a scale for each row",
       affine(bytes(kInt8, {2, 2}, {1, 2, 3, 4}), bytes(kInt8, {}, {1}), halves({2}, {1, 10}), 0),
       {0, 1, 20, 30}},
      {"a scale and zero point for each column, counted from the end",
       affine(bytes(kInt8, {2, 2}, {1, 2, 3, 4}), bytes(kInt8, {2}, {0, 2}), halves({2}, {1, 10}),
              -1),
       {1, 0, 3, 20}},
      {"one scale and a zero point for each row",
       affine(bytes(kInt8, {2, 2}, {1, 2, 3, 4}), bytes(kInt8, {2}, {0, 2}), halves({}, {3}), 0),
       {3, 6, 3, 6}},
      {"a float for a zero point, and a scale in fp32",
       affine(bytes(kInt8, {1, 2}, {1, 2}), floats({}, {0.5F}), floats({}, {0.1F}), 0),
       {0.05F, 0.15F}},
      {"one block",
       blockwise(bytes(kInt8, {2, 2}, {1, 2, -3, 4}), halves({1, 1}, {2})),
       {2, 4, -6, 8}},
      {"a block for each row",
       blockwise(bytes(kInt8, {2, 2}, {1, 2, 3, 4}), halves({2, 1}, {2, 10})),
       {2, 4, 30, 40}},
      {"blocks of two columns, with offsets",
       blockwise(bytes(kUint8, {2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), halves({2, 2}, {1, 2, 3, 4}),
                 bytes(kUint8, {2, 2}, {0, 1, 2, 3})),
       {1, 2, 4, 6, 9, 12, 16, 20}},
      {"blocks of two rows",
       blockwise(bytes(kInt8, {4, 1}, {1, 2, 3, 4}), halves({2, 1}, {1, 10})),
       {1, 2, 30, 40}},
      {"halves in blocks", blockwise(halves({1, 2}, {1.5F, 2}), halves({1, 2}, {2, 4})), {3, 8}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(meant(row.source), row.want);
  }
}

// Rows of bytes longer than there are bytes go through a table of what each byte means.
TEST(WeightRows, LongRowsMeanTheSame) {
  constexpr std::size_t kColumns = 300;
  std::vector<int> q;
  for (std::size_t i = 0; i < 2 * kColumns; ++i) q.push_back(static_cast<int>(i % 256));
  const auto plain = [&](std::size_t i, bool is_signed, float zero, float scale) {
    const int element = is_signed && q[i] > 127 ? q[i] - 256 : q[i];
    return fp16_to_float(float_to_fp16((static_cast<float>(element) - zero) * scale));
  };
  const std::vector<float> scales = {fp16_to_float(0x2345), fp16_to_float(0x1ABC)};
  const auto by_row =
      meant(blockwise(bytes(DataType::kInt8, {2, kColumns}, q), halves({2, 1}, scales)));
  const auto one = meant(affine(bytes(DataType::kUint8, {2, kColumns}, q),
                                bytes(DataType::kUint8, {}, {128}), halves({}, {scales[0]}), 0));
  for (std::size_t i = 0; i < q.size(); ++i) {
    EXPECT_EQ(by_row[i], plain(i, true, 0, scales[i / kColumns]));
    EXPECT_EQ(one[i], plain(i, false, 128, scales[0]));
  }
}

TEST(WeightRows, AProductIsRoundedOnceToTheTypeOfTheScale) {
  const float scale = fp16_to_float(0x0C01);
  const std::vector<float> found =
      meant(affine(bytes(DataType::kInt8, {1, 1}, {127}), bytes(DataType::kInt8, {}, {0}),
                   halves({}, {scale}), 0));
  EXPECT_EQ(found.front(), fp16_to_float(float_to_fp16(127 * scale)));
  EXPECT_NE(found.front(), 127 * scale);
}

}  // namespace
}  // namespace fusesweep
