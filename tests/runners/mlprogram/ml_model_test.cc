#include "runners/mlprogram/ml_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runners/mlprogram/program_builder.h"
#include "runners/mlprogram/shard_graph.h"
#include "tests/support/small_model.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

Result<MlModel> decoded(const std::string& bytes) {
  return decode_ml_model(std::as_bytes(std::span(bytes)), "m");
}

std::string error_of(const MlModel& model) {
  const Result<MlModel> read = decoded(encode_ml_model(model));
  return read ? "read" : read.error().message;
}

// A layer of the small shape whose weights lie at made-up offsets.
MlModel layer_model(KvForm kv_form) {
  const Contract c = small_contract();
  const auto matrix = [](std::uint64_t rows, std::uint64_t columns) {
    EncodedMatrix encoded;
    encoded.elements = {{DataType::kInt8, {rows, columns, 1, 1}}, BlobReference{64}};
    encoded.scale = half(1);
    return encoded;
  };
  const Value norm{{DataType::kFp16, {1, 32, 1, 1}}, BlobReference{128}};
  DecoderGraph graph(c, 1, 2, 16, kv_form);
  graph.add_layer({norm, matrix(64, 32), matrix(32, 32), norm, matrix(128, 32), matrix(32, 64)});
  return {
      .description = "a layer", .notes = {{"key", "text"}}, .program = std::move(graph).finish()};
}

TEST(MlModel, ComesBackAsItWas) {
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    const MlModel model = layer_model(kv_form);
    const Result<MlModel> read = decoded(encode_ml_model(model));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, model);
  }
}

TEST(MlModel, TheSameModelIsTheSameBytes) {
  EXPECT_EQ(encode_ml_model(layer_model(KvForm::kMask)),
            encode_ml_model(layer_model(KvForm::kMask)));
}

TEST(MlModel, EveryKindOfConstantComesBack) {
  ProgramBuilder builder{std::string(kOpset)};
  const std::string x = builder.input("x", {DataType::kFp32, {2}});
  builder.constant("floats", {{DataType::kFp32, {2}}, std::vector<float>{1.5F, -2}});
  builder.constant("shorts", {{DataType::kInt16, {1}}, std::vector<std::int32_t>{-7}});
  builder.constant("bools", truths({1, 0, 1}));
  builder.constant("none", integer(0));
  builder.constant("texts", {{DataType::kString, {2}}, std::vector<std::string>{"", "b"}});
  builder.constant("bytes", {{DataType::kUint8, {3}}, std::string("\x00\xFF\x01", 3)});
  const std::string y = builder.add("identity", "y", {{"x", x}});
  const MlModel model{.description = {}, .notes = {}, .program = std::move(builder).finish({y})};
  const Result<MlModel> read = decoded(encode_ml_model(model));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, model);
}

TEST(MlModel, WhatDoesNotFitTogetherIsRefusedByName) {
  const struct {
    const char* name;
    void (*spoil)(Program& program);
    const char* message;
  } rows[] = {
      {"a name twice", [](Program& p) { p.operations[8].outputs[0].name = "x"; }, "'x' a second"},
      {"a type that is not so",
       [](Program& p) {
         p.operations.back().outputs[0].type.shape[1] = 31;
         p.outputs[0].type.shape[1] = 31;
       },
       "output 'hidden': found fp16[1,31,2,1], want fp16[1,32,2,1]"},
      {"an unknown operation", [](Program& p) { p.operations.back().type = "warp"; },
       "found the type 'warp', which is not known"},
      {"a scale of two bytes less",
       [](Program& p) {
         for (Operation& o : p.operations)
           if (o.attributes.contains("scale")) o.attributes["scale"].content = std::string();
       },
       "found 0 elements, want fp16[]"},
      {"an input of no size", [](Program& p) { p.inputs[0].type.shape[2] = 0; },
       "input 'x': found a dimension of 0"},
      {"a size beyond all", [](Program& p) { p.inputs[0].type.shape[2] = ~std::uint64_t{0}; },
       "input 'x': found a dimension of 18446744073709551615"},
      {"too many elements",
       [](Program& p) {
         p.inputs[0].type.shape = {1U << 30U, 1U << 30U, 1U << 30U};
       },
       "input 'x': found a dimension of 1073741824"},
      {"more bytes than could be added up",
       [](Program& p) {
         p.inputs[0].type.shape = {1U << 30U, 1U << 9U};
       },
       "input 'x': found a dimension of 512"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    MlModel model = layer_model(KvForm::kMask);
    ASSERT_EQ(error_of(model), "read");
    row.spoil(model.program);
    EXPECT_THAT(error_of(model), HasSubstr(row.message));
  }
}

TEST(MlModel, TheDescriptionMustSayWhatTheFunctionSays) {
  // The first "rope_cos" is the description's.
  std::string bytes = encode_ml_model(layer_model(KvForm::kMask));
  bytes[bytes.find("rope_cos")] = 'R';
  EXPECT_THAT(decoded(bytes).error().message,
              HasSubstr("m: inputs: found 'Rope_cos' fp16[2,4] in the description, want the same"));
}

TEST(MlModel, EveryTruncationIsRefusedOrReadAndNeverCrashes) {
  const std::string bytes = encode_ml_model(layer_model(KvForm::kMask));
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const Result<MlModel> read = decoded(bytes.substr(0, size));
    ASSERT_FALSE(read) << size;
    ASSERT_EQ(read.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace fusesweep
