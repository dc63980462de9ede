#include "runners/mlprogram/program_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runners/mlprogram/operations.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(ProgramBuilder, WritesOperationsInOrderEachAfterItsConstants) {
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

TEST(ProgramBuilder, OutputsAreCalledAsTheOperationOrByNumberOrByTheirOwnName) {
  ProgramBuilder builder("CoreML8");
  const std::string x = builder.input("x", fp16({6}));
  const std::string state = builder.state("s", fp16({6}));
  const Parameters split = {{"x", x}, {"axis", integer(0)}, {"num_splits", integer(3)}};
  EXPECT_EQ(builder.add("relu", "one", {{"x", x}}), "one");
  EXPECT_EQ(builder.add("relu", "two", {{"x", x}}, "own"), "own");
  EXPECT_THAT(builder.add_many("relu", "three", {{"x", x}}), ElementsAre("three"));
  EXPECT_THAT(builder.add_many("split", "many", split), ElementsAre("many_0", "many_1", "many_2"));
  EXPECT_THAT(builder.add_many("write_state", "none", {{"input", state}, {"data", x}}), IsEmpty());
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
  const struct {
    const char* name;
    Value value;
  } rows[] = {{"integer", integer(1)},
              {"another_integer", integer(2)},
              {"vector", integers({1})},
              {"truth", truth(true)},
              {"truths", truths({1})},
              {"no_integers", integers({})},
              {"two_integers", integers({1, 2})},
              {"other_order", integers({2, 1})},
              {"text", text("1")},
              {"half", half(1)},
              {"negative_half", half(-1)},
              {"weight", {fp16({2}), BlobReference{64}}},
              {"other_weight", {fp16({2}), BlobReference{192}}}};
  ProgramBuilder builder("CoreML8");
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(builder.constant(row.name, row.value), row.name);
  }
  const Program program = std::move(builder).finish({});
  ASSERT_EQ(program.operations.size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    SCOPED_TRACE(rows[i].name);
    EXPECT_EQ(program.operations[i].attributes.at("val"), rows[i].value);
  }
}

TEST(ProgramBuilder, KnowsTheShapesOfItsValues) {
  ProgramBuilder builder("CoreML8");
  const std::string x = builder.input("x", fp16({2, 3}));
  const std::string y =
      builder.add("reshape", "y", {{"x", x}, {"shape", builder.constant("s", integers({3, -1}))}});
  EXPECT_THAT(builder.shape_of(x), ElementsAre(2, 3));
  EXPECT_THAT(builder.shape_of(y), ElementsAre(3, 2));
  EXPECT_THAT(builder.shape_of("s"), ElementsAre(2));
}

TEST(ProgramBuilder, PassesSeveralNamesInTheirOrder) {
  ProgramBuilder builder("CoreML8");
  const std::vector<std::string> values = {builder.input("b", fp16({1, 2})),
                                           builder.input("a", fp16({1, 3}))};
  const std::string joined =
      builder.add("concat", "joined",
                  {{"values", values}, {"axis", integer(-1)}, {"interleave", truth(false)}});
  EXPECT_THAT(builder.shape_of(joined), ElementsAre(1, 5));
  const Program program = std::move(builder).finish({joined});
  EXPECT_EQ(program.operations.back().inputs.at("values"), (std::vector<Argument>{"b", "a"}));
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
  const Value scalar{{DataType::kInt32, {}}, std::vector<std::int32_t>{-3}};
  const Value vector{{DataType::kInt32, {2}}, std::vector<std::int32_t>{-3, 4}};
  const Value flag{{DataType::kBool, {}}, std::vector<std::int32_t>{1}};
  const Value flags{{DataType::kBool, {2}}, std::vector<std::int32_t>{0, 1}};
  const Value word{{DataType::kString, {}}, std::vector<std::string>{"valid"}};
  const Value number{fp16({}), std::string{'\x00', '\xC1'}};
  EXPECT_EQ(integer(-3), scalar);
  EXPECT_EQ(integers({-3, 4}), vector);
  EXPECT_EQ(truth(true), flag);
  EXPECT_EQ(truths({0, 1}), flags);
  EXPECT_EQ(text("valid"), word);
  EXPECT_EQ(half(-2.5F), number);
}

}  // namespace
}  // namespace fusesweep
