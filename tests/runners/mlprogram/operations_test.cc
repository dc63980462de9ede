#include "runners/mlprogram/operations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "runners/mlprogram/program_builder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

// "2,-3"; nothing is an empty list.
std::vector<std::int32_t> numbers_of(std::string_view list) {
  std::vector<std::int32_t> numbers;
  if (list.empty()) return numbers;
  for (const std::string_view number : split_text(list, ','))
    numbers.push_back(std::stoi(std::string(number)));
  return numbers;
}

TensorType type_of(std::string_view text) {
  static const std::map<std::string_view, DataType> kElements = {
      {"bool", DataType::kBool},   {"string", DataType::kString}, {"fp16", DataType::kFp16},
      {"fp32", DataType::kFp32},   {"int8", DataType::kInt8},     {"int16", DataType::kInt16},
      {"int32", DataType::kInt32}, {"uint8", DataType::kUint8},   {"uint16", DataType::kUint16}};
  const std::size_t bracket = text.find('[');
  const auto sizes = numbers_of(text.substr(bracket + 1, text.size() - bracket - 2));
  return {kElements.at(text.substr(0, bracket)), {sizes.begin(), sizes.end()}};
}

// What stands after a parameter's "=" in a row: the constants {1,-2} (integers), ?1,0 (truth
// values), -1, true, 0.5 (fp16), 0.5f (fp32), 'valid' and weight:fp16[2] (in the weight file).
// Everything else is a name: fp16[2] of a value that only running the program tells, state:fp16[2]
// of a state, and one without brackets of nothing.
Argument argument_of(const std::string& given) {
  if (given.starts_with("weight:")) return Value{type_of(given.substr(7)), BlobReference{64}};
  if (given.starts_with('{')) return integers(numbers_of(given.substr(1, given.size() - 2)));
  if (given.starts_with('?')) return truths(numbers_of(given.substr(1)));
  if (given.starts_with('\'')) return text(given.substr(1, given.size() - 2));
  if (given == "true" || given == "false") return truth(given == "true");
  if (given.find_first_not_of("-0123456789.f") != std::string::npos) return given;
  if (given.ends_with('f')) return Value{type_of("fp32[]"), std::vector{std::stof(given)}};
  if (given.find('.') != std::string::npos) return half(std::stof(given));
  return integer(std::stoi(given));
}

// "softmax x=fp16[2] axis=0": the later of two parameters of a name counts, "+" stands between
// several values of one, and "@" before attributes.
Operation operation_of(std::string_view row) {
  std::vector<std::string_view> words = split_text(row, ' ');
  Operation operation{.type = std::string(words.front()), .name = "it"};
  words.erase(words.begin());
  for (const std::string_view word : words) {
    const std::size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    std::vector<Argument> values;
    for (const std::string_view value : split_text(word.substr(equals + 1), '+'))
      values.push_back(argument_of(std::string(value)));
    if (name.starts_with('@')) {
      operation.attributes.insert_or_assign(name.substr(1), std::get<Value>(values.front()));
    } else {
      operation.inputs.insert_or_assign(name, std::move(values));
    }
  }
  return operation;
}

Scope scope_of(const Operation& operation) {
  Scope scope;
  for (const auto& [parameter, arguments] : operation.inputs) {
    for (const Argument& argument : arguments) {
      const auto* name = std::get_if<std::string>(&argument);
      if (name == nullptr || !name->ends_with(']')) continue;
      const bool is_state = name->starts_with("state:");
      scope[*name] = {.type = type_of(name->substr(is_state ? 6 : 0)), .is_state = is_state};
    }
  }
  return scope;
}

// "fp16[2,3] fp16[2,3]", or "!" and the error.
std::string inferred(const Operation& operation) {
  const Result<std::vector<TensorType>> types = infer_types(operation, scope_of(operation));
  if (!types) return "!" + types.error().message;
  std::string texts;
  for (const TensorType& type : *types) texts += (texts.empty() ? "" : " ") + to_text(type);
  return texts;
}

struct Row {
  const char* name;
  std::string operation;
  std::string outcome;  // the types of the outputs, or after "!" a part of the error
};

void expect(const std::vector<Row>& rows) {
  for (const auto& [name, operation, outcome] : rows) {
    SCOPED_TRACE(fmt::format("{}: {}", name, operation));
    const std::string found = inferred(operation_of(operation));
    if (outcome.starts_with('!') && found.starts_with('!')) {
      EXPECT_THAT(found, HasSubstr(" 'it': " + outcome.substr(1)));
    } else {
      EXPECT_EQ(found, outcome);
    }
  }
}

TEST(InferTypes, UnaryOperationsKeepTheTypeOfX) {
  for (const std::string type : {"cos", "exp", "relu", "sigmoid", "silu", "sin", "sqrt", "tanh"}) {
    expect({
        {"fp16", type + " x=fp16[2,3]", "fp16[2,3]"},
        {"integers", type + " x=int32[2]", "!x: found int32[2], want fp16 or fp32"},
    });
  }
  for (const std::string type : {"abs", "identity", "square"}) {
    expect({
        {"integers", type + " x=int32[2]", "int32[2]"},
        {"nothing", type + " y=fp16[2]", "!x: found nothing, want it"},
    });
  }
  for (const std::string type : {"inverse", "log", "rsqrt"}) {
    expect({
        {"fp16", type + " x=fp16[2,3] epsilon=0.01", "fp16[2,3]"},
        {"fp32", type + " x=fp32[] epsilon=0.01f", "fp32[]"},
        {"epsilon", type + " x=fp16[2] epsilon=1", "!epsilon: found int32[], want a number"},
        {"integers", type + " x=int32[2] epsilon=0.01", "!x: found int32[2], want fp16 or fp32"},
    });
  }
  expect({
      {"point", "clip x=fp16[2] alpha=2.0 beta=2.0", "fp16[2]"},
      {"no range", "clip x=fp16[2] alpha=2.0 beta=1.0", "!alpha: found 2, want at most 1"},
      {"cast", "cast x=fp16[2] dtype='fp64'", "!dtype: found 'fp64', want the name of a type"},
      {"number", "cast x=fp16[2] dtype=10", "!dtype: found int32[], want a string"},
  });
  for (const std::string type :
       {"fp16", "fp32", "int32", "bool", "int8", "uint8", "int16", "uint16"}) {
    expect({{"cast", "cast x=fp16[2] dtype='" + type + "'", type + "[2]"}});
  }
}

TEST(InferTypes, OperationsOnSeveralTensorsBroadcast) {
  for (const std::string type : {"add", "maximum", "minimum", "mul", "pow", "real_div", "sub"}) {
    expect({
        {"both ways", type + " x=fp16[4,1,3] y=fp16[2,1]", "fp16[4,2,3]"},
        {"constant scalar", type + " x=fp16[2] y=2.0", "fp16[2]"},
        {"scalar x", type + " x=int32[] y=int32[2,3]", "int32[2,3]"},
        {"elements", type + " x=fp16[2] y=fp32[2]", "!y: found fp32[2], want fp16 as x"},
        {"shapes", type + " x=fp16[4,3] y=fp16[2,3]", "!y: found [2,3], want a shape that fits"},
        {"bool", type + " x=bool[2] y=bool[2]", "!x: found bool[2], want fp16, fp32 or int32"},
    });
  }
  for (const std::string type :
       {"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}) {
    expect({
        {"both ways", type + " x=fp16[4,1] y=fp16[3]", "bool[4,3]"},
        {"elements", type + " x=fp16[2] y=int32[2]", "!y: found int32[2], want fp16 as x"},
    });
  }
  expect({
      {"all", "select cond=bool[4,1,1] a=fp16[2,1] b=fp16[3]", "fp16[4,2,3]"},
      {"cond", "select cond=fp16[2] a=fp16[2] b=fp16[2]", "!cond: found fp16[2], want bool"},
      {"elements", "select cond=bool[2] a=fp16[2] b=fp32[2]", "!b: found fp32[2], want fp16 as a"},
  });
}

TEST(InferTypes, ReductionsCountAxesFromTheEndAndKeepThemIfAsked) {
  for (const std::string type : {"reduce_l2_norm", "reduce_max", "reduce_mean", "reduce_min",
                                 "reduce_sum", "reduce_sum_square"}) {
    const std::string reduce = type + " x=fp16[2,3,4] ";
    expect({
        {"kept", reduce + "axes={-1,0} keep_dims=true", "fp16[1,3,1]"},
        {"dropped", reduce + "axes={-2} keep_dims=false", "fp16[2,4]"},
        {"beyond", reduce + "axes={3} keep_dims=true", "!axes: found the axis 3, want one of 3"},
        {"before", reduce + "axes={-4} keep_dims=true", "!axes: found the axis -4, want one of 3"},
    });
  }
  const std::string argmax = "reduce_argmax x=fp16[2,3] output_dtype='int32' ";
  expect({
      {"kept", argmax + "axis=-1 keep_dims=true", "int32[2,1]"},
      {"dropped", argmax + "axis=0 keep_dims=false", "int32[3]"},
      {"type", argmax + "axis=0 keep_dims=true output_dtype='fp16'", "!output_dtype: found 'fp16'"},
  });
}

TEST(InferTypes, NormalizationsKeepTheTypeOfX) {
  const std::string last = "layer_norm x=fp16[2,3,4] epsilon=0.01 axes={-1}";
  const std::string scaled = last + " gamma=weight:fp16[3,4] beta=weight:fp16[3,4]";
  expect({
      {"softmax", "softmax x=fp16[2,3] axis=-1", "fp16[2,3]"},
      {"axis", "softmax x=fp16[2,3] axis=2", "!axis: found the axis 2, want one of 2 dimensions"},
      {"layer_norm", last, "fp16[2,3,4]"},
      {"gamma and beta", scaled + " axes={1,2}", "fp16[2,3,4]"},
      {"gamma", scaled, "!gamma: found fp16[3,4], want [4]"},
      {"beta", scaled + " gamma=weight:fp16[4]", "!beta: found fp16[3,4], want [4]"},
      {"no epsilon", "layer_norm x=fp16[2] axes={0}", "!epsilon: found nothing"},
  });
}

TEST(InferTypes, ConvolutionsFollowKernelPaddingStrideAndGroups) {
  const auto conv = [](std::string_view x, std::string_view weight, std::string_view more = "") {
    return fmt::format(
        "conv x={} weight={} strides={{1,1}} dilations={{1,1}} pad={{0,0,0,0}} pad_type='valid' "
        "groups=1{}",
        x, weight, more);
  };
  const std::string x = "fp16[2,4,8,9]";
  const std::string kernel = "fp16[6,4,3,2]";
  const std::string one = " strides={1} dilations={1} pad={0,0}";
  const std::string three = " strides={1,1,1} dilations={1,1,1} pad={0,0,0,0,0,0}";
  expect({
      {"1x1", conv("fp16[1,4,1,1]", "fp16[6,4,1,1]"), "fp16[1,6,1,1]"},
      {"valid has no padding", conv(x, kernel, " pad={1,2,0,1}"), "fp16[2,6,6,8]"},
      {"custom padding", conv(x, kernel, " pad_type='custom' pad={1,2,0,1}"), "fp16[2,6,9,9]"},
      {"steps", conv(x, kernel, " strides={2,3} dilations={2,3}"), "fp16[2,6,2,2]"},
      {"groups", conv(x, "fp16[6,2,1,1]", " groups=2"), "fp16[2,6,8,9]"},
      {"bias", conv(x, kernel, " bias=fp16[6]"), "fp16[2,6,6,8]"},
      {"kernel as large as x", conv(x, "fp16[6,4,8,9]"), "fp16[2,6,1,1]"},
      {"line", conv("fp16[1,4,8]", "fp16[6,4,3]", one), "fp16[1,6,6]"},
      {"volume", conv("fp32[1,4,3,4,5]", "fp32[6,4,1,2,3]", three), "fp32[1,6,3,3,3]"},
      {"large kernel", conv(x, "fp16[6,4,9,9]"), "!weight: found fp16[6,4,9,9], want a kernel"},
      {"channels", conv(x, "fp16[6,2,1,1]"), "!weight: found fp16[6,2,1,1], want 4 input channels"},
      {"outputs", conv(x, "fp16[5,2,1,1]", " groups=2"), "!weight: found fp16[5,2,1,1], want 4"},
      {"no group", conv(x, kernel, " groups=0"), "!weight: found"},
      {"bias", conv(x, kernel, " bias=fp16[4]"), "!bias: found fp16[4], want [6]"},
      {"padding", conv(x, kernel, " pad_type='custom' pad={0,0,0,-1}"), "!weight: found"},
      {"no stride", conv(x, kernel, " strides={0,1}"), "!weight: found"},
      {"strides", conv(x, kernel, " strides={1}"), "!strides: found 1, want one for each spatial"},
      {"dilations", conv(x, kernel, " dilations={1}"), "!dilations: found 1, want one for each"},
      {"pad", conv(x, kernel, " pad={0,0}"), "!pad: found 2, want two for each spatial dimension"},
      {"pad_type", conv(x, kernel, " pad_type='full'"), "!pad_type: found 'full'"},
      {"rank of x", conv("fp16[4,8]", kernel), "!x: found fp16[4,8], want 3 to 5 dimensions"},
      {"rank of weight", conv(x, "fp16[6,4]"), "!weight: found fp16[6,4], want as many dimensions"},
      {"integers", conv(x, "int8[6,4,1,1]"), "!weight: found int8[6,4,1,1], want fp16 or fp32"},
  });
}

TEST(InferTypes, MatrixProductsTransposeAndBroadcastBatches) {
  const std::string linear = "linear x=fp16[2,5,4] weight=weight:fp16[3,4]";
  const std::string attention =
      "scaled_dot_product_attention query=fp16[1,8,4,64] key=fp16[1,8,16,64] value=fp16[1,8,16,32]";
  expect({
      {"plain", "matmul x=fp16[2,3] y=fp16[3,7] transpose_x=false transpose_y=false", "fp16[2,7]"},
      {"x", "matmul x=fp16[3,2] y=fp16[3,7] transpose_x=true transpose_y=false", "fp16[2,7]"},
      {"both", "matmul x=fp32[3,2] y=fp32[7,3] transpose_x=true transpose_y=true", "fp32[2,7]"},
      {"batches", "matmul x=fp16[5,1,2,3] y=fp16[4,3,7]", "fp16[5,4,2,7]"},
      {"rows", "matmul x=fp16[2,3] y=fp16[7,3]", "!y: found fp16[7,3], want 3 rows"},
      {"elements", "matmul x=fp16[2,3] y=fp32[3,7]", "!y: found fp32[3,7], want floats as x has"},
      {"batches", "matmul x=fp16[5,2,3] y=fp16[4,3,7]", "!y: found [4], want a shape that fits"},
      {"vector", "matmul x=fp16[3] y=fp16[3,7]", "!x: found fp16[3], want two matrices"},
      {"linear", linear + " bias=weight:fp16[3]", "fp16[2,5,3]"},
      {"bias", linear + " bias=weight:fp16[4]", "!bias: found fp16[4], want [3]"},
      {"weight", linear + " weight=weight:fp16[4,3]", "!weight: found fp16[4,3], want [outputs,"},
      {"attention", attention + " attn_mask=fp16[4,16]", "fp16[1,8,4,32]"},
      {"grouped heads", attention + " key=fp16[1,2,16,64]", "!key: found fp16[1,2,16,64]"},
      {"key's size", attention + " key=fp16[1,8,16,32]", "!key: found fp16[1,8,16,32], want keys"},
      {"positions", attention + " value=fp16[1,8,15,32]", "!value: found fp16[1,8,15,32]"},
      {"rank", attention + " key=fp16[8,16,64]", "!key: found fp16[8,16,64], want as many"},
  });
}

TEST(InferTypes, DimensionsAreReorderedResizedAddedAndRemoved) {
  expect({
      {"forward", "transpose x=fp16[2,3,4] perm={2,0,1}", "fp16[4,2,3]"},
      {"from the end", "transpose x=fp16[2,3,4] perm={0,-1,-2}", "fp16[2,4,3]"},
      {"twice", "transpose x=fp16[2,3,4] perm={0,1,-2}", "!perm: found [0,1,-2], want every"},
      {"too few", "transpose x=fp16[2,3,4] perm={0,1}", "!perm: found [0,1], want every dimension"},
      {"rest", "reshape x=fp16[2,3,4] shape={4,-1}", "fp16[4,6]"},
      {"copy", "reshape x=fp16[2,3,4] shape={0,4,3}", "fp16[2,4,3]"},
      {"both", "reshape x=fp16[2,3,4] shape={-1,0,1}", "fp16[8,3,1]"},
      {"scalar", "reshape x=fp16[1,1] shape={}", "fp16[]"},
      {"two rests", "reshape x=fp16[4] shape={-1,-1}", "!shape: found [-1,-1], want sizes"},
      {"copy of nothing", "reshape x=fp16[4] shape={0,4}", "!shape: found [0,4], want sizes"},
      {"elements", "reshape x=fp16[2,3] shape={4}", "!shape: found [4], want 6 elements"},
      {"no rest", "reshape x=fp16[2,3] shape={4,-1}", "!shape: found [4,-1], want 6 elements"},
      {"of the result", "expand_dims x=fp16[2,3] axes={0,-1}", "fp16[1,2,3,1]"},
      {"twice", "expand_dims x=fp16[2] axes={0,-3}", "!axes: found an axis twice"},
      {"some", "squeeze x=fp16[1,2,1] axes={-1}", "fp16[1,2]"},
      {"all", "squeeze x=fp16[1,2,1]", "fp16[2]"},
      {"not 1", "squeeze x=fp16[1,2] axes={1}", "!axes: found a dimension of 2, want dimensions"},
      {"repeated", "tile x=fp16[2,3] reps={3,1}", "fp16[6,3]"},
      {"none", "tile x=fp16[2,3] reps={0,1}", "!reps: found 0, want 1 or more"},
      {"rank", "tile x=fp16[2,3] reps={2}", "!reps: found 1 integers, want 2"},
  });
}

TEST(InferTypes, TensorsAreJoinedAndSplitAlongAnAxis) {
  const std::string concat = "concat interleave=false ";
  const std::string split = "split x=fp16[2,6] axis=-1";
  expect({
      {"from the end", concat + "axis=-1 values=fp16[2,3]+fp16[2,1]", "fp16[2,4]"},
      {"three", concat + "axis=0 values={0,0}+int32[1]+{0}", "int32[4]"},
      {"sizes", concat + "axis=1 values=fp16[2,3]+fp16[3,3]", "!values: found fp16[3,3], want a"},
      {"ranks", concat + "axis=0 values=fp16[2,3]+fp16[2]", "!values: found fp16[2], want"},
      {"elements", concat + "axis=0 values=fp16[2]+fp32[2]", "!values: found fp32[2], want"},
      {"first", "stack axis=0 values=fp16[2,3]+fp16[2,3]", "fp16[2,2,3]"},
      {"new last", "stack axis=-1 values=fp16[2,3]+fp16[2,3]", "fp16[2,3,2]"},
      {"shapes", "stack axis=0 values=fp16[2]+fp16[3]", "!values: found fp16[3], want fp16[2] as"},
      {"by number", split + " num_splits=3", "fp16[2,2] fp16[2,2] fp16[2,2]"},
      {"by sizes", split + " split_sizes={1,3,2}", "fp16[2,1] fp16[2,3] fp16[2,2]"},
      {"number", split + " num_splits=4", "!num_splits: found 4, want a divisor of 6"},
      {"no part", split + " num_splits=0", "!num_splits: found 0, want a divisor of 6"},
      {"too little", split + " split_sizes={1,3}", "!split_sizes: found [1,3], want a sum of 6"},
      {"too much", split + " split_sizes={4,3}", "!split_sizes: found [4,3], want a sum of 6"},
      {"empty part", split + " split_sizes={0,6}", "!split_sizes: found [0,6], want a sum of 6"},
      {"unequal", split + " split_sizes={1,3,2} num_splits=2", "!num_splits: found another number"},
      {"neither", split, "!num_splits: found nothing"},
  });
}

TEST(InferTypes, SlicesCountWhatTheyTake) {
  const std::string slice = "slice_by_index x=fp16[4,6] begin={1,1} end={4,3}";
  const std::string runtime = slice + " begin=int32[2] end=int32[2]";
  const std::string sized = "slice_by_size x=fp16[4,6] begin={1,2} ";
  expect({
      {"plain", slice, "fp16[3,2]"},
      {"from the end", slice + " begin={0,-3} end={-2,-1}", "fp16[2,2]"},
      {"stride", slice + " begin={0,0} end={4,6} stride={2,4}", "fp16[2,2]"},
      {"from the start", slice + " begin_mask=?1,0", "fp16[4,2]"},
      {"to the end", slice + " end_mask=?0,1", "fp16[3,5]"},
      {"one element", slice + " squeeze_mask=?1,0", "fp16[2]"},
      {"begin masked", runtime + " begin_mask=?1,1 end={2,-1}", "fp16[2,5]"},
      {"element", runtime + " squeeze_mask=?1,0 begin_mask=?0,1 end_mask=?0,1", "fp16[6]"},
      {"nothing", slice + " end={1,3}", "!begin: found 1 to 1, want a part of 4"},
      {"backwards", slice + " end={4,0}", "!begin: found 1 to 0, want a part of 6"},
      {"runtime", slice + " end=int32[2]", "!begin: found a size that only running the program"},
      {"rank of begin", slice + " begin={0}", "!begin: found int32[1], want 2 integers"},
      {"rank of stride", slice + " stride={1}", "!stride: found 1 integers, want 2"},
      {"no stride", slice + " stride={1,0}", "!stride: found 0"},
      {"rank of mask", slice + " end_mask=?1", "!end_mask: found 1 values, want 2"},
      {"integers as mask", slice + " end_mask={1,1}", "!end_mask: found int32[2], want true"},
      {"rest", sized + "size={1,-1}", "fp16[1,4]"},
      {"runtime begin", sized + "begin=int32[2] size={2,6}", "fp16[2,6]"},
      {"too much", sized + "size={4,1}", "!size: found 4, want 1 to 3"},
      {"outside", sized + "begin={4,0} size={1,1}", "!size: found 1, want 1 to 0"},
      {"rest of runtime", sized + "begin=int32[2] size={-1,1}", "!size: found -1, want 1 to 4"},
      {"rank", sized + "size={1}", "!size: found 1 integers, want 2"},
  });
}

TEST(InferTypes, SliceUpdateKeepsXAndWantsTheSlicesShape) {
  const std::string masked = "slice_update x=fp16[1,2,8,4] begin_mask=?1,1,0,1 end_mask=?1,1,0,1";
  const std::string fixed = masked + " begin={0,0,3,0} end={0,0,5,0} update=";
  const std::string runtime = masked + " begin=int32[4] end=int32[4] update=";
  const std::string squeezed = " squeeze_mask=?1,0,1,0";
  expect({
      {"constant place", fixed + "fp16[1,2,2,4]", "fp16[1,2,8,4]"},
      {"runtime place", runtime + "fp16[1,2,3,4]", "fp16[1,2,8,4]"},
      {"stride", fixed + "fp16[1,2,1,4] stride={1,1,2,1}", "fp16[1,2,8,4]"},
      {"squeezed", runtime + "fp16[2,4]" + squeezed, "fp16[1,2,8,4]"},
      {"constant size", fixed + "fp16[1,2,3,4]", "!update: found fp16[1,2,3,4], want the shape of"},
      {"larger than x", runtime + "fp16[1,2,9,4]", "!update: found fp16[1,2,9,4]"},
      {"part of a masked dimension", runtime + "fp16[1,1,1,4]", "!update: found fp16[1,1,1,4]"},
      {"elements", runtime + "fp32[1,2,1,4]", "!update: found fp32[1,2,1,4]"},
      {"rank", runtime + "fp16[2,1,4]", "!update: found fp16[2,1,4]"},
      {"not squeezed", runtime + "fp16[1,2,1,4]" + squeezed, "!update: found fp16[1,2,1,4]"},
      {"begin", runtime + "fp16[1,2,1,4] begin=int32[3]", "!begin: found int32[3], want 4"},
  });
}

TEST(InferTypes, GatherPutsTheShapeOfIndicesInPlaceOfTheAxis) {
  const std::string gather = "gather x=fp16[10,4] axis=0 indices=int32[2,3]";
  expect({
      {"rows", gather + " batch_dims=0 validate_indices=false", "fp16[2,3,4]"},
      {"from the end", gather + " axis=-1", "fp16[10,2,3]"},
      {"one", gather + " indices=int16[]", "fp16[4]"},
      {"axis", gather + " axis=2", "!axis: found the axis 2, want one of 2"},
      {"flag", gather + " validate_indices=0", "!validate_indices: found int32[], want true"},
  });
}

TEST(InferTypes, StatesAreReadAndWrittenWhole) {
  expect({
      {"read", "read_state input=state:fp16[1,2]", "fp16[1,2]"},
      {"write", "write_state input=state:fp16[1,2] data=fp16[1,2]", ""},
      {"tensor", "read_state input=fp16[2]", "!input: found something else, want the name of"},
      {"constant", "read_state input=1.0", "!input: found something else, want the name of"},
      {"data", "write_state input=state:fp16[1] data=fp16[2]", "!data: found fp16[2], want"},
      {"operand", "abs x=state:fp16[2]", "!x: found the state 'state:fp16[2]', want a tensor"},
  });
}

TEST(InferTypes, ConstantsHaveTheTypeOfTheirValueAndWeightsTheElementsOfTheirScale) {
  const std::string affine =
      "constexpr_affine_dequantize @quantized_data=weight:int8[8,4] @zero_point=weight:int8[] "
      "@scale=0.5 @axis=0";
  const std::string shift = "constexpr_blockwise_shift_scale data=weight:uint8[8,6] scale=weight:";
  expect({
      {"value", "const @val={1,2}", "int32[2]"},
      {"in the weight file", "const @val=weight:fp16[4,3]", "fp16[4,3]"},
      {"no value", "const @value=1", "!val: found no such attribute, want it"},
      {"tensor", affine, "fp16[8,4]"},
      {"axis", affine + " @zero_point=weight:int8[4] @scale=weight:fp32[4] @axis=-1", "fp32[8,4]"},
      {"unsigned", affine + " @quantized_data=weight:uint8[3] @zero_point=weight:uint8[]",
       "fp16[3]"},
      {"data", affine + " @quantized_data=weight:fp16[8]", "!quantized_data: found fp16[8], want"},
      {"scale", affine + " @scale=weight:int8[]", "!scale: found int8[], want fp16 or fp32"},
      {"scales", affine + " @scale=weight:fp16[4]", "!scale: found fp16[4], want one, or 8 along"},
      {"zero", affine + " @zero_point=weight:uint8[]", "!zero_point: found uint8[], want int8"},
      {"beyond", affine + " @axis=2", "!axis: found the axis 2"},
      {"axis", affine + " @axis=0.5", "!axis: found something else, want an integer"},
      {"channels", shift + "fp16[8,1]", "fp16[8,6]"},
      {"blocks", shift + "fp32[4,3] offset=weight:uint8[4,3]", "fp32[8,6]"},
      {"rank", shift + "fp16[8]", "!scale: found fp16[8], want blocks of uint8[8,6]"},
      {"uneven", shift + "fp16[3,1]", "!scale: found fp16[3,1], want blocks of uint8[8,6]"},
      {"scale", shift + "int8[1,1]", "!scale: found int8[1,1], want fp16 or fp32"},
      {"data", shift + "fp16[1] data=weight:int32[8]", "!data: found int32[8], want int8"},
      {"offset", shift + "fp16[1,1] offset=weight:uint8[8,1]", "!offset: found uint8[8,1], want"},
      {"offset's type", shift + "fp16[1,1] offset=weight:int16[1,1]",
       "!offset: found int16[1,1], want"},
      {"computed", shift + "fp16[1,1] data=uint8[8,6]", "!data: found a value that only running"},
      {"computed scale", shift + "fp16[1,1] scale=fp16[1,1]", "!scale: found a value that only"},
      {"computed offset", shift + "fp16[1,1] offset=uint8[1,1]",
       "!offset: found a value that only"},
  });
}

TEST(InferTypes, ParametersAreKnownAndConstantWhereWanted) {
  const std::string sum = "reduce_sum x=fp16[2] keep_dims=true axes=";
  const std::string runtime = "found a value that only running the program tells, want a constant";
  expect({
      {"operation", "lstm x=fp16[2]", "!found the type 'lstm', which is not known"},
      {"parameter", "relu x=fp16[2] alpha=1.0", "!'alpha': found a parameter that is not known"},
      {"name", "relu x=nowhere", "!x: found 'nowhere', want the name of an input or of an earlier"},
      {"two values", "relu x=fp16[2]+fp16[3]", "!x: found 2 values, want one"},
      {"runtime axes", sum + "int32[1]", "!axes: " + runtime},
      {"runtime text", "cast x=fp16[2] dtype=string[]", "!dtype: " + runtime},
      {"runtime number", "rsqrt x=fp16[2] epsilon=fp16[]", "!epsilon: " + runtime},
      {"weight file", sum + "weight:int32[1]", "!axes: found int32[1], want integers in the"},
      {"truth", sum + "?1", "!axes: found bool[1], want integers in the program itself"},
      {"two axes", "softmax x=fp16[2] axis={0,1}", "!axis: found 2 integers, want one"},
  });
}

TEST(InferTypes, IntegersMayBeBytes) {
  Operation sum = operation_of("reduce_sum x=fp16[2,3] keep_dims=false");
  sum.inputs["axes"] = {Value{type_of("int8[1]"), std::string("\xFE")}};
  EXPECT_EQ(inferred(sum), "fp16[3]");
  sum.inputs["axes"] = {Value{type_of("uint8[2]"), std::string("\x01\x00", 2)}};
  EXPECT_EQ(inferred(sum), "fp16[]");
}

// x and a state in; y = 2 x goes to the state and out.
Program small_program() {
  const TensorType type = type_of("fp16[2]");
  Program program{.opset = "CoreML8"};
  program.inputs = {{"x", type}};
  program.states = {{"s", type}};
  program.outputs = {{"y", type}};
  program.operations = {
      {"const", "two", {}, {{"val", half(2)}}, {{"two", type_of("fp16[]")}}},
      {"mul", "y", {{"x", {"x"}}, {"y", {"two"}}}, {}, {{"y", type}}},
      {"write_state", "write", {{"input", {"s"}}, {"data", {"y"}}}, {}, {}},
      {"const", "axis", {}, {{"val", integer(0)}}, {{"axis", type_of("int32[]")}}},
      {"softmax", "z", {{"x", {"y"}}, {"axis", {"axis"}}}, {}, {{"z", type}}}};
  return program;
}

TEST(CheckTypes, AcceptsConstantsByNameAndStates) { EXPECT_TRUE(check_types(small_program())); }

TEST(CheckTypes, SaysWhatIsWrongWithAProgram) {
  const struct {
    const char* name;
    void (*spoil)(Program&);
    const char* message;
  } rows[] = {
      {"output twice", [](Program& p) { p.operations[4].outputs[0].name = "y"; },
       "softmax 'z': found the name 'y' a second time"},
      {"output is an input", [](Program& p) { p.operations[1].outputs[0].name = "x"; },
       "mul 'y': found the name 'x' a second time"},
      {"state is an input", [](Program& p) { p.states[0].name = "x"; },
       "input 'x': found the name a second time"},
      {"used too early", [](Program& p) { std::swap(p.operations[0], p.operations[1]); },
       "mul 'y': y: found 'two', want the name of an input or of an earlier operation's output"},
      {"wrong shape", [](Program& p) { p.operations[1].outputs[0].type.shape = {1}; },
       "mul 'y': output 'y': found fp16[1], want fp16[2]"},
      {"no output", [](Program& p) { p.operations[1].outputs.clear(); },
       "mul 'y': found 0 outputs, want 1"},
      {"runtime axis", [](Program& p) { p.operations[4].inputs["axis"] = {"x"}; },
       "softmax 'z': axis: found a value that only running the program tells, want a constant"},
      {"missing result", [](Program& p) { p.outputs[0].name = "w"; },
       "output 'w': found nothing of that name, want fp16[2]"},
      {"other result", [](Program& p) { p.outputs[0].type.shape = {3}; },
       "output 'y': found fp16[2], want fp16[3]"},
      {"result is a state", [](Program& p) { p.outputs[0].name = "s"; }, "output 's': found"},
      {"input without a name", [](Program& p) { p.inputs[0].name = {}; },
       "input '': found no name"},
      {"output without a name", [](Program& p) { p.operations[4].outputs[0].name = {}; },
       "softmax 'z': found an output without a name"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Program program = small_program();
    row.spoil(program);
    const Result<void> checked = check_types(program);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
