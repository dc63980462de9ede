#include "runners/cpu/executable.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "harness/base/fp16.h"
#include "runners/cpu/cache_update.h"
#include "runners/cpu/kernels.h"
#include "runners/mlprogram/ml_model.h"
#include "runners/mlprogram/program_builder.h"
#include "tests/support/program_interpreter.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TensorType fp16(std::vector<std::uint64_t> shape) { return {DataType::kFp16, std::move(shape)}; }

// A program with its package, which is read as any other.
class Packaged {
 public:
  explicit Packaged(Program program)
      : bytes_(
            encode_ml_model({.description = "test", .notes = {}, .program = std::move(program)})),
        package_(*Package::parse(std::as_bytes(std::span(bytes_)), {}, "test")) {}

  const Package& package() const { return package_; }
  const Program& program() const { return package_.model().program; }

 private:
  std::string bytes_;
  Package package_;
};

using Inputs = std::map<std::string, Tensor>;

// Halves of a normal distribution, the same for the same seed.
Inputs random_inputs(const Program& program, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Inputs inputs;
  for (const auto& [name, type] : program.inputs) {
    Tensor tensor{type.shape, {}};
    for (std::uint64_t i = 0; i < element_count(type.shape); ++i)
      tensor.values.push_back(fp16_to_float(float_to_fp16(normal(random))));
    inputs[name] = std::move(tensor);
  }
  return inputs;
}

void feed(Executable& executable, const Program& program, const Inputs& inputs) {
  for (const auto& [name, type] : program.inputs) {
    const std::vector<float>& values = inputs.at(name).values;
    const std::span<std::byte> to = executable.input(name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (type.element == DataType::kInt32) {
        const auto integer = static_cast<std::int32_t>(values[i]);
        std::memcpy(&to[4 * i], &integer, sizeof integer);
      } else {
        const std::uint16_t half = float_to_fp16(values[i]);
        std::memcpy(&to[2 * i], &half, sizeof half);
      }
    }
  }
}

std::vector<float> output_of(Executable& executable, const std::string& name) {
  const std::span<const std::byte> bytes = executable.output(name);
  std::vector<float> values(bytes.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, &bytes[2 * i], sizeof half);
    values[i] = fp16_to_float(half);
  }
  return values;
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all = {&ref_kernels()};
  for (const Kernels& kernels : vector_kernels()) all.push_back(&kernels);
  return all;
}

Executable load(const Packaged& packaged, const Kernels& kernels, ThreadPool& pool) {
  auto executable = Executable::load(packaged.package(), {.kernels = &kernels}, pool);
  EXPECT_TRUE(executable) << executable.error().message;
  return *std::move(executable);
}

// Outputs of one run after the other, on every table of kernels, which must agree.
std::vector<std::vector<float>> run_everywhere(const Packaged& packaged,
                                               const std::vector<Inputs>& calls) {
  ThreadPool pool(2);
  std::vector<std::vector<float>> first;
  for (const Kernels* kernels : all_kernels()) {
    Executable executable = load(packaged, *kernels, pool);
    std::vector<std::vector<float>> outputs;
    for (const Inputs& inputs : calls) {
      feed(executable, packaged.program(), inputs);
      const auto done = executable.run();
      EXPECT_TRUE(done) << done.error().message;
      for (const NamedType& output : packaged.program().outputs)
        outputs.push_back(output_of(executable, output.name));
    }
    if (first.empty()) first = outputs;
    EXPECT_EQ(testing::PrintToString(outputs), testing::PrintToString(first)) << kernels->name;
  }
  return first;
}

struct OperationRow {
  const char* name;
  std::function<std::vector<std::string>(ProgramBuilder& b)> build;  // the outputs
};

std::vector<std::string> binary(ProgramBuilder& b, const char* type,
                                std::vector<std::uint64_t> left, std::vector<std::uint64_t> right) {
  const std::string x = b.input("x", fp16(std::move(left)));
  const std::string y = b.input("y", fp16(std::move(right)));
  return {b.add(type, "z", {{"x", x}, {"y", y}})};
}

std::vector<std::string> with_axes(ProgramBuilder& b, const char* type, std::int32_t axis) {
  const std::string x = b.input("x", fp16({2, 40, 3}));
  return {b.add(type, "z", {{"x", x}, {"axes", integers({axis})}, {"keep_dims", truth(true)}})};
}

std::vector<std::string> product(ProgramBuilder& b, std::vector<std::uint64_t> left,
                                 std::vector<std::uint64_t> right, bool transposed) {
  const std::string x = b.input("x", fp16(std::move(left)));
  const std::string y = b.input("y", fp16(std::move(right)));
  return {b.add(
      "matmul", "z",
      {{"x", x}, {"y", y}, {"transpose_x", truth(false)}, {"transpose_y", truth(transposed)}})};
}

std::vector<std::string> transposed(ProgramBuilder& b, std::vector<std::int32_t> perm) {
  const std::string x = b.input("x", fp16({2, 1, 5, 3}));
  // Something after it, so that an alias that is none would show.
  const std::string y = b.add("transpose", "y", {{"x", x}, {"perm", integers(std::move(perm))}});
  return {b.add("abs", "z", {{"x", y}})};
}

const OperationRow kOperations[] = {
    {"equal shapes",
     [](auto& b) {
       return binary(b, "add", {3, 40}, {3, 40});
     }},
    {"rows",
     [](auto& b) {
       return binary(b, "sub", {3, 40}, {40});
     }},
    {"columns",
     [](auto& b) {
       return binary(b, "mul", {3, 40}, {3, 1});
     }},
    {"columns on the left",
     [](auto& b) {
       return binary(b, "real_div", {3, 1}, {3, 40});
     }},
    {"outer",
     [](auto& b) {
       return binary(b, "maximum", {5, 1}, {1, 7});
     }},
    {"channels by token",
     [](auto& b) {
       return binary(b, "sub", {1, 40, 4, 1}, {1, 1, 4, 1});
     }},
    {"scalar",
     [](auto& b) {
       return binary(b, "add", {}, {2, 3});
     }},
    {"sum of the last axis", [](auto& b) { return with_axes(b, "reduce_sum", -1); }},
    {"sum of the middle axis", [](auto& b) { return with_axes(b, "reduce_sum", 1); }},
    {"mean of the first axis", [](auto& b) { return with_axes(b, "reduce_mean", 0); }},
    {"maximum of the middle axis", [](auto& b) { return with_axes(b, "reduce_max", 1); }},
    {"softmax",
     [](auto& b) -> std::vector<std::string> {
       const std::string x = b.input("x", fp16({3, 70}));
       return {b.add("softmax", "z", {{"x", x}, {"axis", integer(1)}})};
     }},
    {"rows of dots",
     [](auto& b) {
       return product(b, {2, 3, 32}, {2, 9, 32}, true);
     }},
    {"rows of sums",
     [](auto& b) {
       return product(b, {2, 3, 9}, {2, 9, 70}, false);
     }},
    {"one matrix for all",
     [](auto& b) {
       return product(b, {1, 1, 4, 2}, {1, 3, 2, 8}, false);
     }},
    {"transposed last",
     [](auto& b) {
       return transposed(b, {0, 1, 3, 2});
     }},
    {"transposed first",
     [](auto& b) {
       return transposed(b, {2, 0, 1, 3});
     }},
    {"transposed in name only",
     [](auto& b) {
       return transposed(b, {1, 0, 2, 3});
     }},
    {"negative axes",
     [](auto& b) {
       return transposed(b, {-1, 0, 1, 2});
     }},
    {"tiled",
     [](auto& b) -> std::vector<std::string> {
       const std::string x = b.input("x", fp16({2, 3, 2}));
       return {b.add("tile", "z", {{"x", x}, {"reps", integers({2, 1, 3})}})};
     }},
    {"joined inside",
     [](auto& b) -> std::vector<std::string> {
       const std::string x = b.input("x", fp16({2, 3, 2}));
       const std::string y = b.input("y", fp16({2, 1, 2}));
       return {b.add(
           "concat", "z",
           {{"values", std::vector{x, y}}, {"axis", integer(1)}, {"interleave", truth(false)}})};
     }},
    {"cut inside",
     [](auto& b) {
       const std::string x = b.input("x", fp16({2, 6, 2}));
       return b.add_many("split", "z",
                         {{"x", x}, {"split_sizes", integers({1, 3, 2})}, {"axis", integer(1)}});
     }},
    {"cut outside and used",
     [](auto& b) -> std::vector<std::string> {
       const std::string x = b.input("x", fp16({1, 6, 2}));
       const auto parts =
           b.add_many("split", "p", {{"x", x}, {"num_splits", integer(3)}, {"axis", integer(1)}});
       return {b.add("sub", "z", {{"x", parts[2]}, {"y", parts[0]}})};
     }},
    {"a value that outlives others",
     [](auto& b) -> std::vector<std::string> {
       const std::string x = b.input("x", fp16({64}));
       const std::string early = b.add("square", "early", {{"x", x}});
       std::string last = b.add("abs", "a0", {{"x", x}});
       for (int i = 1; i < 6; ++i)
         last = b.add("sub", fmt::format("a{}", i), {{"x", last}, {"y", x}});
       return {b.add("mul", "z", {{"x", early}, {"y", last}})};
     }},
};

TEST(Executable, OperationsAgreeWithAPlainInterpreterAndTheSameBitsEverywhere) {
  for (const auto& row : kOperations) {
    SCOPED_TRACE(row.name);
    ProgramBuilder builder{std::string(kOpset)};
    const std::vector<std::string> outputs = row.build(builder);
    const Packaged packaged(std::move(builder).finish(outputs));
    const Inputs inputs = random_inputs(packaged.program(), 1);
    const auto found = run_everywhere(packaged, {inputs});
    ProgramInterpreter interpreter(packaged.package());
    const auto wanted = interpreter.run(inputs);
    ASSERT_EQ(found.size(), outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::vector<float>& values = wanted.at(outputs[i]).values;
      ASSERT_EQ(found[i].size(), values.size());
      for (std::size_t j = 0; j < values.size(); ++j)
        ASSERT_NEAR(found[i][j], values[j], 2e-3 * (1 + std::abs(values[j]))) << j;
    }
  }
}

TEST(Executable, ConstantsAreOperandsWhereverTheyStand) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string x = b.input("x", fp16({2, 3}));
  const Packaged packaged(std::move(b).finish({b.add("mul", "z", {{"x", x}, {"y", half(3)}})}));
  Inputs inputs;
  inputs["x"] = {{2, 3}, {1, 2, 3, 4, 5, 6}};
  EXPECT_THAT(run_everywhere(packaged, {inputs}), ElementsAre(ElementsAre(3, 6, 9, 12, 15, 18)));
}

TEST(Executable, NothingButResidualSumsIsRoundedOnTheWay) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string x = b.input("x", fp16({1}));
  const std::string big = b.add("add", "big", {{"x", x}, {"y", half(2048)}});
  const Packaged packaged(
      std::move(b).finish({b.add("sub", "z", {{"x", big}, {"y", half(2048)}})}));
  Inputs inputs;
  inputs["x"] = {{1}, {0.25}};
  EXPECT_THAT(run_everywhere(packaged, {inputs}), ElementsAre(ElementsAre(0.25)));
}

// A cache [1, 2, 4, 8] that is written with rows [1, 2, tokens, 8]; the output is all of it.
Packaged mask_cache(std::uint64_t tokens) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string rows = b.input("rows", fp16({1, 2, tokens, 8}));
  const std::string mask = b.input("mask", fp16({1, 1, 4, tokens}));
  const std::string state = b.state("cache", fp16({1, 2, 4, 8}));
  const std::string sum = b.add(
      "reduce_sum", "sum", {{"x", mask}, {"axes", integers({-1})}, {"keep_dims", truth(true)}});
  const std::string negative = b.add("mul", "negative", {{"x", sum}, {"y", half(-1)}});
  const std::string keep = b.add("add", "keep", {{"x", negative}, {"y", half(1)}});
  const std::string before = b.add("read_state", "before", {{"input", state}});
  const std::string kept = b.add("mul", "kept", {{"x", before}, {"y", keep}});
  const std::string written = b.add(
      "matmul", "written",
      {{"x", mask}, {"y", rows}, {"transpose_x", truth(false)}, {"transpose_y", truth(false)}});
  const std::string updated = b.add("add", "updated", {{"x", kept}, {"y", written}});
  b.add_many("write_state", "write", {{"input", state}, {"data", updated}});
  const std::string after = b.add("read_state", "after", {{"input", state}});
  return Packaged(std::move(b).finish({b.add("identity", "z", {{"x", after}})}));
}

TEST(CacheUpdates, AreFoundInBothFormsAndOnlyWhereNobodyElseLooks) {
  const Packaged mask = mask_cache(2);
  const auto found = find_cache_updates(mask.program());
  ASSERT_EQ(found.size(), 1U);
  const CacheUpdate& update = found.begin()->second;
  EXPECT_EQ(update.form, CacheUpdate::Form::kMask);
  EXPECT_EQ(update.state, "cache");
  EXPECT_EQ(update.rows, "rows");
  EXPECT_EQ(update.mask, "mask");

  // Another factor than 1 - sum; and a value in between that is an output too.
  for (const char* changed : {"keep", "output"}) {
    Program program = mask.program();
    if (std::string_view(changed) == "output") {
      program.outputs.push_back({"kept", fp16({1, 2, 4, 8})});
    } else {
      for (Operation& operation : program.operations) {
        if (operation.name == "keep") operation.type = "sub";
      }
    }
    EXPECT_THAT(find_cache_updates(program), IsEmpty()) << changed;
  }
}

// In place on vectors, as the program says on ref: run_everywhere compares them.
TEST(CacheUpdates, InPlaceGiveTheSameBitsAsTheProgramForAnyMaskAndAnyRows) {
  const Packaged packaged = mask_cache(2);
  const Inputs random = random_inputs(packaged.program(), 3);
  const auto with = [&](std::vector<float> mask, std::vector<std::pair<int, float>> changes = {}) {
    Inputs inputs = random;
    inputs["mask"].values = std::move(mask);
    for (const auto& [index, value] : changes)
      inputs["rows"].values[static_cast<std::size_t>(index)] = value;
    return inputs;
  };
  const struct {
    const char* name;
    std::vector<Inputs> calls;
  } kRows[] = {
      {"one after the other", {with({1, 0, 0, 1, 0, 0, 0, 0}), with({0, 0, 0, 0, 1, 0, 0, 1})}},
      {"padding", {with({1, 0, 0, 0, 0, 0, 0, 0}), with({0, 0, 0, 0, 0, 0, 0, 0})}},
      {"again", {with({1, 0, 0, 0, 0, 0, 0, 0}), with({0, 1, 0, 0, 0, 0, 0, 0})}},
      {"one row twice", {with({1, 0, 1, 0, 0, 0, 0, 0})}},
      {"half of it", {with({1, 0, 0, 0, 0, 0, 0, 0}), with({0.5, 0, 0, 0, 0, 0, 0, 0})}},
      {"both at once", {with({1, 1, 0, 0, 0, 0, 0, 0})}},
      {"negative zero",
       {with({1, 0, 0, 0, 0, 0, 0, 0}, {{0, -0.0F}, {1, -0x1p-24F}}),
        with({0, 0, 0, 1, 0, 0, 0, 0})}},
      {"infinity",
       {with({1, 0, 0, 0, 0, 0, 0, 0}, {{3, HUGE_VALF}}), with({0, 0, 1, 0, 0, 0, 0, 0})}},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    run_everywhere(packaged, row.calls);
  }
  // And they are what the rows say.
  const auto written = run_everywhere(packaged, {with({0, 0, 1, 0, 0, 0, 0, 0})}).front();
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(written[i], 0);
    EXPECT_EQ(written[8 + i], random.at("rows").values[i]);
  }
}

Packaged slice_cache() {
  ProgramBuilder b{std::string(kOpset)};
  const std::string rows = b.input("rows", fp16({1, 2, 2, 8}));
  const std::string begin = b.input("begin", {DataType::kInt32, {4}});
  const std::string end = b.input("end", {DataType::kInt32, {4}});
  const std::string state = b.state("cache", fp16({1, 2, 4, 8}));
  const std::string before = b.add("read_state", "before", {{"input", state}});
  const std::string updated = b.add("slice_update", "updated",
                                    {{"x", before},
                                     {"update", rows},
                                     {"begin", begin},
                                     {"end", end},
                                     {"begin_mask", truths({1, 1, 0, 1})},
                                     {"end_mask", truths({1, 1, 0, 1})}});
  b.add_many("write_state", "write", {{"input", state}, {"data", updated}});
  const std::string after = b.add("read_state", "after", {{"input", state}});
  return Packaged(std::move(b).finish({b.add("square", "z", {{"x", after}})}));
}

TEST(CacheUpdates, RowsAreWrittenAtAPositionWithinTheCacheOnly) {
  const Packaged packaged = slice_cache();
  ASSERT_EQ(find_cache_updates(packaged.program()).size(), 1U);
  const auto at = [&](float position) {
    Inputs inputs = random_inputs(packaged.program(), 5);
    inputs["begin"] = {{4}, {0, 0, position, 0}};
    inputs["end"] = {{4}, {0, 0, position + 2, 0}};
    return inputs;
  };
  run_everywhere(packaged, {at(0), at(2), at(1)});
  ThreadPool pool(1);
  for (const Kernels* kernels : all_kernels()) {
    Executable executable = load(packaged, *kernels, pool);
    for (const float position : {3.0F, 4.0F, 1e9F, -5.0F}) {
      feed(executable, packaged.program(), at(position));
      const auto done = executable.run();
      ASSERT_FALSE(done) << position;
      EXPECT_THAT(done.error().message, HasSubstr("want room in 4"));
    }
    feed(executable, packaged.program(), at(2));
    EXPECT_TRUE(executable.run());  // and it goes on
  }
}

// The rows of `rows` go to the positions that `mask` says, in the mask form.
void write_by_mask(ProgramBuilder& b, const std::string& state, const std::string& rows,
                   const std::string& mask, const std::string& name) {
  const std::string sum =
      b.add("reduce_sum", name + "_sum",
            {{"x", mask}, {"axes", integers({-1})}, {"keep_dims", truth(true)}});
  const std::string negative = b.add("mul", name + "_negative", {{"x", sum}, {"y", half(-1)}});
  const std::string keep = b.add("add", name + "_keep", {{"x", negative}, {"y", half(1)}});
  const std::string before = b.add("read_state", name + "_before", {{"input", state}});
  const std::string kept = b.add("mul", name + "_kept", {{"x", before}, {"y", keep}});
  const std::string written = b.add(
      "matmul", name + "_written",
      {{"x", mask}, {"y", rows}, {"transpose_x", truth(false)}, {"transpose_y", truth(false)}});
  const std::string updated = b.add("add", name + "_updated", {{"x", kept}, {"y", written}});
  b.add_many("write_state", name + "_write", {{"input", state}, {"data", updated}});
}

Tensor eye() { return {{1, 1, 4, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}}; }

TEST(CacheUpdates, RowsMayComeFromACacheThatIsReadWhereItLies) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string mask = b.input("mask", fp16({1, 1, 4, 4}));
  const std::string data = b.input("data", fp16({1, 2, 4, 8}));
  const std::string from = b.state("from", fp16({1, 2, 4, 8}));
  const std::string to = b.state("to", fp16({1, 2, 4, 8}));
  b.add_many("write_state", "filled", {{"input", from}, {"data", data}});
  const std::string rows = b.add("read_state", "rows", {{"input", from}});
  write_by_mask(b, to, rows, mask, "it");
  const std::string after = b.add("read_state", "after", {{"input", to}});
  const Packaged packaged(std::move(b).finish({b.add("identity", "z", {{"x", after}})}));
  Inputs inputs = random_inputs(packaged.program(), 7);
  inputs["mask"] = eye();
  EXPECT_EQ(run_everywhere(packaged, {inputs}).front(), inputs["data"].values);
}

TEST(CacheUpdates, InACacheThatIsWrittenOtherwiseTooWhatIsNotFiniteStays) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string mask = b.input("mask", fp16({1, 1, 4, 4}));
  const std::string data = b.input("data", fp16({1, 2, 4, 8}));
  const std::string rows = b.input("rows", fp16({1, 2, 4, 8}));
  const std::string state = b.state("cache", fp16({1, 2, 4, 8}));
  b.add_many("write_state", "filled", {{"input", state}, {"data", data}});
  write_by_mask(b, state, rows, mask, "it");
  const std::string after = b.add("read_state", "after", {{"input", state}});
  const Packaged packaged(std::move(b).finish({b.add("identity", "z", {{"x", after}})}));
  Inputs inputs = random_inputs(packaged.program(), 8);
  inputs["mask"] = eye();
  inputs["data"].values[5] = HUGE_VALF;
  EXPECT_TRUE(std::isnan(run_everywhere(packaged, {inputs}).front()[5]));  // infinity * 0
}

TEST(Executable, ACallThatFailsWritesNothingAfterwards) {
  const Packaged packaged = slice_cache();
  const auto at = [&](float position) {
    Inputs inputs = random_inputs(packaged.program(), 5);
    inputs["begin"] = {{4}, {0, 0, position, 0}};
    inputs["end"] = {{4}, {0, 0, position + 2, 0}};
    return inputs;
  };
  const auto wanted = run_everywhere(packaged, {at(0), at(2)}).back();
  ThreadPool pool(1);
  for (const Kernels* kernels : all_kernels()) {
    Executable executable = load(packaged, *kernels, pool);
    for (const float position : {0.0F, 3.0F, 2.0F}) {
      feed(executable, packaged.program(), at(position));
      EXPECT_EQ(executable.run().has_value(), position != 3);
    }
    EXPECT_EQ(output_of(executable, "z"), wanted) << kernels->name;
  }
}

TEST(Executable, ConstantsMayBeGivenAnotherShape) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string x = b.input("x", fp16({1}));
  const Value pair{fp16({2}), std::string("\0\x3c\0\x40", 4)};  // 1, 2
  const std::string shaped = b.add("reshape", "shaped", {{"x", pair}, {"shape", integers({2, 1})}});
  const std::string longer = b.add("expand_dims", "longer", {{"x", pair}, {"axes", integers({1})}});
  const std::string same = b.add("identity", "same", {{"x", pair}});
  const Packaged packaged(
      std::move(b).finish({shaped, longer, same, b.add("identity", "z", {{"x", x}})}));
  EXPECT_THAT(run_everywhere(packaged, {random_inputs(packaged.program(), 1)}),
              ElementsAre(ElementsAre(1, 2), ElementsAre(1, 2), ElementsAre(1, 2), testing::_));
}

std::string load_error(const Packaged& packaged) {
  ThreadPool pool(1);
  const auto executable =
      Executable::load(packaged.package(), {.kernels = all_kernels().back()}, pool);
  return executable ? "loaded" : executable.error().message;
}

TEST(Executable, StatesAreOfFp16) {
  for (const DataType element : {DataType::kInt8, DataType::kInt32, DataType::kFp32}) {
    ProgramBuilder b{std::string(kOpset)};
    const std::string x = b.input("x", fp16({1}));
    const std::string state = b.state("cache", {element, {4}});
    Value value{{element, {4}}, std::string(4, '\1')};
    if (element == DataType::kInt32) value.content = std::vector<std::int32_t>(4);
    if (element == DataType::kFp32) value.content = std::vector<float>(4);
    b.add_many("write_state", "write", {{"input", state}, {"data", value}});
    const Packaged packaged(std::move(b).finish({b.add("identity", "z", {{"x", x}})}));
    EXPECT_EQ(load_error(packaged),
              fmt::format("write_state 'write': found a state of {}, want one of fp16",
                          to_text(element)));
  }
}

TEST(Executable, MoreMemoryThanThereIsIsAnErrorAndPlacingNeedsNone) {
  constexpr std::uint64_t kMany = 1 << 30;
  const std::vector<std::vector<std::uint64_t>> shapes = {{kMany, 1, 1}, {kMany, 1, 128}};
  for (const auto& shape : shapes) {
    ProgramBuilder b{std::string(kOpset)};
    const std::string x = b.input("x", fp16(shape));
    const std::string y = b.input("y", fp16({shape[2], 1}));
    const std::string state = b.state("cache", fp16({kMany, 1, 128}));
    const std::string z =
        b.add("matmul", "z",
              {{"x", x}, {"y", y}, {"transpose_x", truth(false)}, {"transpose_y", truth(false)}});
    const Packaged packaged(std::move(b).finish({z}));
    EXPECT_EQ(plan_placement(packaged.package(), {.kernels = all_kernels().back()}).compute,
              (ResidentCount{1, 1}));
    EXPECT_THAT(load_error(packaged), HasSubstr("MiB"));
  }
}

TEST(Executable, ResettingEmptiesTheCaches) {
  const Packaged packaged = mask_cache(2);
  ThreadPool pool(1);
  Executable executable = load(packaged, *all_kernels().back(), pool);
  Inputs inputs = random_inputs(packaged.program(), 6);
  inputs["mask"].values = {1, 0, 0, 1, 0, 0, 0, 0};
  feed(executable, packaged.program(), inputs);
  ASSERT_TRUE(executable.run());
  EXPECT_THAT(output_of(executable, "z"), testing::Contains(testing::Ne(0)));
  executable.reset();
  inputs["mask"].values.assign(8, 0);
  feed(executable, packaged.program(), inputs);
  ASSERT_TRUE(executable.run());
  EXPECT_THAT(output_of(executable, "z"), testing::Each(0));
}

TEST(Executable, WhatHasRunSinceTheLastResetIsPlacedAndNothingElse) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string rows = b.input("rows", fp16({1, 2, 4, 8}));
  const std::string update = b.input("update", fp16({1, 2, 2, 8}));
  const std::string begin = b.input("begin", {DataType::kInt32, {4}});
  const std::string end = b.input("end", {DataType::kInt32, {4}});
  const std::string first = b.add("identity", "first", {{"x", rows}});  // needs no step
  const std::string squared = b.add("square", "squared", {{"x", first}});
  const std::string second = b.add("identity", "second", {{"x", squared}});
  const std::string updated = b.add("slice_update", "updated",
                                    {{"x", second},
                                     {"update", update},
                                     {"begin", begin},
                                     {"end", end},
                                     {"begin_mask", truths({1, 1, 0, 1})},
                                     {"end_mask", truths({1, 1, 0, 1})}});
  const Packaged packaged(std::move(b).finish({b.add("abs", "z", {{"x", updated}})}));
  const auto at = [&](float position) {
    Inputs inputs = random_inputs(packaged.program(), 5);
    inputs["begin"] = {{4}, {0, 0, position, 0}};
    inputs["end"] = {{4}, {0, 0, position + 2, 0}};
    return inputs;
  };
  const auto ran = [](const Executable& executable) {
    PlacementSum sum;
    executable.add_run(sum);
    return sum.placement(PlacementEvidence::kRun);
  };
  const auto types = [](const Placement& placement) {
    std::vector<std::string> counted;
    for (const PlacedKind& kind : placement.kinds)
      counted.push_back(fmt::format("{} {}", kind.count, kind.type));
    return counted;
  };
  ThreadPool pool(1);
  for (const Kernels* kernels : all_kernels()) {
    SCOPED_TRACE(kernels->name);
    Executable executable = load(packaged, *kernels, pool);
    EXPECT_EQ(ran(executable).compute, (ResidentCount{0, 0}));
    feed(executable, packaged.program(), at(3));
    EXPECT_FALSE(executable.run());  // there is no room for the update
    EXPECT_THAT(types(ran(executable)), ElementsAre("2 identity", "1 square"));
    feed(executable, packaged.program(), at(2));
    EXPECT_TRUE(executable.run());
    Placement plan = plan_placement(packaged.package(), {.kernels = kernels});
    EXPECT_EQ(plan.compute->total, 5U);
    plan.evidence = PlacementEvidence::kRun;
    EXPECT_EQ(ran(executable), plan);
    feed(executable, packaged.program(), at(3));
    EXPECT_FALSE(executable.run());
    EXPECT_EQ(ran(executable), plan);  // all of it has run before
    executable.reset();
    EXPECT_EQ(ran(executable).compute, (ResidentCount{0, 0}));
  }
}

TEST(Executable, WhatHasNoImplementationIsNamedAndPlacedNowhere) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string x = b.input("x", fp16({2, 3}));
  const Packaged packaged(std::move(b).finish({b.add("cos", "turned", {{"x", x}})}));
  ThreadPool pool(1);
  const auto executable =
      Executable::load(packaged.package(), {.kernels = all_kernels().back()}, pool);
  ASSERT_FALSE(executable);
  EXPECT_EQ(executable.error().message, "cos 'turned': no implementation of cos");
  const Placement placement = plan_placement(packaged.package(), {.kernels = all_kernels().back()});
  EXPECT_EQ(placement.compute, (ResidentCount{1, 0}));
  EXPECT_EQ(placement.non_resident.front().place, "none");
}

TEST(ThreadPool, EveryChunkIsDoneOnceWhateverTheThreads) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::size_t chunks : {0U, 1U, 2U, 1000U}) {
      std::vector<std::atomic<int>> done(chunks);
      for (int again = 0; again < 50; ++again)
        pool.run(chunks, [&](std::size_t chunk) { ++done[chunk]; });
      for (const auto& count : done) ASSERT_EQ(count, 50);
    }
  }
}

}  // namespace
}  // namespace fusesweep
