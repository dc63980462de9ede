#include "runners/mlprogram/program_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "runners/mlprogram/operations.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;

using NamedValue = std::pair<std::string, Value>;

TensorType fp16(std::vector<std::uint64_t> shape) { return {DataType::kFp16, std::move(shape)}; }

// "const two -> two", one for each operation.
std::vector<std::string> operations(const Program& program) {
  std::vector<std::string> texts;
  for (const Operation& operation : program.operations) {
    texts.push_back(operation.type + " " + operation.name + " ->");
    for (const NamedType& output : operation.outputs) texts.back() += " " + output.name;
  }
  return texts;
}

// One of everything: inputs, a state, shared constants, several outputs and none.
Program example(float scale) {
  ProgramBuilder builder("CoreML8");
  const std::string x = builder.input("x", fp16({1, 6}));
  const std::string state = builder.state("cache", fp16({1, 3}));
  const std::string scaled = builder.add("mul", "scaled", {{"x", x}, {"y", half(scale)}});
  const std::vector<std::string> parts = builder.add_many(
      "split", "parts", {{"x", scaled}, {"axis", integer(1)}, {"num_splits", integer(2)}});
  builder.add_many("write_state", "write", {{"input", state}, {"data", parts[0]}});
  const std::string soft =
      builder.add("softmax", "soft", {{"x", parts[1]}, {"axis", integer(1)}}, "result");
  return std::move(builder).finish({soft, parts[0]});
}

TEST(ProgramBuilder, WritesConstantsBeforeTheirUseAndNamesEveryOutput) {
  EXPECT_THAT(
      operations(example(2)),
      ElementsAre("const scaled_y -> scaled_y", "mul scaled -> scaled",
                  "const parts_axis -> parts_axis", "const parts_num_splits -> parts_num_splits",
                  "split parts -> parts_0 parts_1", "write_state write ->",
                  "softmax soft -> result"));
}

TEST(ProgramBuilder, MakesAProgramThatIsOne) {
  const Program program = example(2);
  const Result<void> checked = check_types(program);
  EXPECT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(program.opset, "CoreML8");
  EXPECT_THAT(program.inputs, ElementsAre(NamedType{"x", fp16({1, 6})}));
  EXPECT_THAT(program.states, ElementsAre(NamedType{"cache", fp16({1, 3})}));
  EXPECT_THAT(program.outputs,
              ElementsAre(NamedType{"result", fp16({1, 3})}, NamedType{"parts_0", fp16({1, 3})}));
}

TEST(ProgramBuilder, SameCallsGiveEqualPrograms) {
  EXPECT_EQ(example(2), example(2));
  EXPECT_NE(example(2), example(3));
}

TEST(ProgramBuilder, WritesAConstantOnceHoweverOftenItIsUsed) {
  ProgramBuilder builder("CoreML8");
  const std::string x = builder.input("x", fp16({2}));
  const std::string two = builder.constant("two", half(2));
  const std::string a = builder.add("mul", "a", {{"x", x}, {"y", half(2)}});
  const std::string b = builder.add("add", "b", {{"x", half(2)}, {"y", a}});
  const std::string c = builder.add("sub", "c", {{"x", b}, {"y", half(2)}});
  EXPECT_EQ(builder.constant("also_two", half(2)), "two");
  const Program program = std::move(builder).finish({c});
  EXPECT_THAT(operations(program),
              ElementsAre("const two -> two", "mul a -> a", "add b -> b", "sub c -> c"));
  EXPECT_EQ(program.operations[1].inputs.at("y"), std::vector<Argument>{two});
  EXPECT_EQ(program.operations[2].inputs.at("x"), std::vector<Argument>{two});
  EXPECT_EQ(program.operations[3].inputs.at("y"), std::vector<Argument>{two});
}

TEST(ProgramBuilder, SharesOnlyConstantsThatAreTheSame) {
  const auto texts = [](std::string first, std::string second) {
    return Value{{DataType::kString, {2}}, std::vector{std::move(first), std::move(second)}};
  };
  const auto single = [](float x) { return Value{{DataType::kFp32, {}}, std::vector{x}}; };
  const std::vector<NamedValue> rows = {
      {"integer", integer(1)},
      {"vector", integers({1})},
      {"truth", truth(true)},
      {"no_integers", integers({})},
      {"two_integers", integers({1, 2})},
      {"text", text("1")},
      {"comma_first", texts("a,b", "c")},
      {"comma_last", texts("a", "b,c")},
      {"half", half(1)},
      {"negative_half", half(-1)},
      {"single", single(1)},
      {"weight", {fp16({2}), BlobReference{64}}},
      {"same_weight", {fp16({2}), BlobReference{64}}},
  };
  ProgramBuilder builder("CoreML8");
  for (const auto& [name, value] : rows) {
    SCOPED_TRACE(name);
    EXPECT_EQ(builder.constant(name, value), name);
  }
  std::vector<NamedValue> written;
  for (const Operation& operation : std::move(builder).finish({}).operations)
    written.emplace_back(operation.outputs.front().name, operation.attributes.at("val"));
  EXPECT_EQ(written, rows);
}

TEST(ProgramBuilder, KnowsTheShapesOfItsValuesAndTheOrderOfNames) {
  ProgramBuilder builder("CoreML8");
  const std::vector<std::string> values = {builder.input("b", fp16({2, 2})),
                                           builder.input("a", fp16({2, 4}))};
  const std::string joined = builder.add(
      "concat", "c", {{"values", values}, {"axis", integer(-1)}, {"interleave", truth(false)}});
  const std::string turned =
      builder.add("reshape", "r", {{"x", joined}, {"shape", integers({3, -1})}});
  EXPECT_THAT(builder.shape_of("a"), ElementsAre(2, 4));
  EXPECT_THAT(builder.shape_of(joined), ElementsAre(2, 6));
  EXPECT_THAT(builder.shape_of(turned), ElementsAre(3, 4));
  const Program program = std::move(builder).finish({turned});
  EXPECT_EQ(program.operations[2].inputs.at("values"), (std::vector<Argument>{"b", "a"}));
}

TEST(ProgramBuilder, LeavesConstantsOfAConstexprInIt) {
  Operation weight{.type = "constexpr_blockwise_shift_scale", .name = "weight"};
  weight.inputs["data"] = {Value{{DataType::kInt8, {8, 4}}, BlobReference{64}}};
  weight.inputs["scale"] = {Value{fp16({1, 1}), half(0.5F).content}};
  ProgramBuilder builder("CoreML8");
  EXPECT_EQ(builder.add_constexpr(weight), "weight");
  const Program program = std::move(builder).finish({"weight"});
  weight.outputs = {{"weight", fp16({8, 4})}};
  EXPECT_THAT(program.operations, ElementsAre(weight));
}

TEST(Constants, HaveTheTypesThatOperationsTake) {
  const auto typed = [](DataType element, std::vector<std::uint64_t> shape, auto content) {
    return Value{{element, std::move(shape)}, std::move(content)};
  };
  EXPECT_EQ(integer(-3), typed(DataType::kInt32, {}, std::vector{-3}));
  EXPECT_EQ(integers({-3, 4}), typed(DataType::kInt32, {2}, std::vector{-3, 4}));
  EXPECT_EQ(truth(true), typed(DataType::kBool, {}, std::vector{1}));
  EXPECT_EQ(truths({0, 1}), typed(DataType::kBool, {2}, std::vector{0, 1}));
  EXPECT_EQ(text("valid"), typed(DataType::kString, {}, std::vector<std::string>{"valid"}));
  EXPECT_EQ(half(-2.5F), typed(DataType::kFp16, {}, std::string{'\x00', '\xC1'}));
}

}  // namespace
}  // namespace fusesweep
