#include "runners/mlprogram/operations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
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

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TensorType type_of(std::string_view text) {
  static const std::map<std::string_view, DataType> kElements = {
      {"bool", DataType::kBool},   {"string", DataType::kString}, {"fp16", DataType::kFp16},
      {"fp32", DataType::kFp32},   {"int8", DataType::kInt8},     {"int16", DataType::kInt16},
      {"int32", DataType::kInt32}, {"uint8", DataType::kUint8},   {"uint16", DataType::kUint16}};
  const std::size_t bracket = text.find('[');
  TensorType type{kElements.at(text.substr(0, bracket)), {}};
  const std::string_view sizes = text.substr(bracket + 1, text.size() - bracket - 2);
  if (sizes.empty()) return type;
  for (const std::string_view size : split_text(sizes, ','))
    type.shape.push_back(std::stoull(std::string(size)));
  return type;
}

// "{1,-2}" and "{t,f}".
Value list_of(std::string_view text) {
  std::vector<std::int32_t> numbers;
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.empty()) return integers({});
  const bool is_bool = inside[0] == 't' || inside[0] == 'f';
  for (const std::string_view item : split_text(inside, ','))
    numbers.push_back(is_bool ? (item == "t" ? 1 : 0) : std::stoi(std::string(item)));
  return is_bool ? truths(numbers) : integers(numbers);
}

// What stands after a parameter's "=" in a row: the constants {1,-2} and {t,f} (vectors), -1, true,
// 0.5 (fp16), 0.5f (fp32), 'valid', and weight:fp16[2] (in the weight file). Everything else is a
// name: fp16[2] of a value that only running the program tells, state:fp16[2] of a state, and one
// without brackets of nothing.
Argument argument_of(const std::string& text) {
  if (text.starts_with("weight:")) return Value{type_of(text.substr(7)), BlobReference{64}};
  if (text.starts_with('{')) return list_of(text);
  if (text.starts_with('\'')) return fusesweep::text(text.substr(1, text.size() - 2));
  if (text == "true" || text == "false") return truth(text == "true");
  if (text.find_first_not_of("-0123456789.f") != std::string::npos) return text;
  if (text.ends_with('f')) return Value{type_of("fp32[]"), std::vector{std::stof(text)}};
  if (text.find('.') != std::string::npos) return half(std::stof(text));
  return integer(std::stoi(text));
}

// "softmax x=fp16[2] axis=0": the later of two parameters of a name counts, "+" stands between
// several values of one, and "@" before attributes.
Operation operation_of(std::string_view text) {
  std::vector<std::string_view> words = split_text(text, ' ');
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
      scope.emplace(*name,
                    Known{.type = type_of(name->substr(is_state ? 6 : 0)), .is_state = is_state});
    }
  }
  return scope;
}

// "fp16[2,3] fp16[2,3]", or "error: ...".
std::string inferred(std::string_view text) {
  const Operation operation = operation_of(text);
  const Result<std::vector<TensorType>> types = infer_types(operation, scope_of(operation));
  if (!types) return "error: " + types.error().message;
  std::vector<std::string> texts;
  for (const TensorType& type : *types) texts.push_back(to_text(type));
  return fmt::format("{}", fmt::join(texts, " "));
}

struct Row {
  const char* name;
  std::string operation;
  std::string outcome;  // the types of the outputs, or a part of the error
};

void expect_accepted(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(fmt::format("{}: {}", row.name, row.operation));
    EXPECT_EQ(inferred(row.operation), row.outcome);
  }
}

void expect_rejected(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(fmt::format("{}: {}", row.name, row.operation));
    EXPECT_THAT(inferred(row.operation),
                AllOf(StartsWith("error: "), HasSubstr(" 'it': "), HasSubstr(row.outcome)));
  }
}

TEST(InferTypes, UnaryOperationsKeepTheTypeOfX) {
  for (const std::string type : {"cos", "exp", "relu", "sigmoid", "silu", "sin", "sqrt", "tanh"}) {
    expect_accepted({
        {"fp16", type + " x=fp16[2,3]", "fp16[2,3]"},
        {"fp32 scalar", type + " x=fp32[]", "fp32[]"},
    });
    expect_rejected({{"integers", type + " x=int32[2]", "x: found int32[2], want fp16 or fp32"}});
  }
  for (const std::string type : {"abs", "identity", "square"}) {
    expect_accepted({
        {"fp16", type + " x=fp16[2,3]", "fp16[2,3]"},
        {"integers", type + " x=int32[2]", "int32[2]"},
    });
    expect_rejected({{"nothing", type, "x: found nothing, want it"}});
  }
  for (const std::string type : {"inverse", "log", "rsqrt"}) {
    expect_accepted({
        {"fp16", type + " x=fp16[2,3] epsilon=0.01", "fp16[2,3]"},
        {"fp32", type + " x=fp32[2] epsilon=0.01f", "fp32[2]"},
    });
    expect_rejected({
        {"no epsilon", type + " x=fp16[2]", "epsilon: found nothing, want it"},
        {"epsilon", type + " x=fp16[2] epsilon=1", "epsilon: found int32[], want a number"},
        {"integers", type + " x=int32[2] epsilon=0.01", "x: found int32[2], want fp16 or fp32"},
    });
  }
}

TEST(InferTypes, ClipWantsALowerLimitThatIsNotAboveTheUpper) {
  expect_accepted({
      {"a range", "clip x=fp16[2,3] alpha=-1.0 beta=1.0", "fp16[2,3]"},
      {"a point", "clip x=fp16[2] alpha=2.0 beta=2.0", "fp16[2]"},
  });
  expect_rejected({
      {"no range", "clip x=fp16[2] alpha=2.0 beta=1.0", "alpha: found 2, want at most 1"},
      {"integers", "clip x=int32[2] alpha=0.0 beta=1.0", "x: found int32[2]"},
  });
}

TEST(InferTypes, BinaryOperationsBroadcast) {
  for (const std::string type : {"add", "maximum", "minimum", "mul", "pow", "real_div", "sub"}) {
    expect_accepted({
        {"both ways", type + " x=fp16[4,1,3] y=fp16[2,1]", "fp16[4,2,3]"},
        {"constant scalar", type + " x=fp16[2] y=2.0", "fp16[2]"},
        {"scalar x", type + " x=int32[] y=int32[2,3]", "int32[2,3]"},
    });
    expect_rejected({
        {"elements", type + " x=fp16[2] y=fp32[2]", "y: found fp32[2], want fp16 as x"},
        {"shapes", type + " x=fp16[4,3] y=fp16[2,3]", "y: found [2,3], want a shape that fits [4,"},
        {"bool", type + " x=bool[2] y=bool[2]", "x: found bool[2], want fp16, fp32 or int32"},
    });
  }
}

TEST(InferTypes, ComparisonsAndSelectBroadcast) {
  for (const std::string type :
       {"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}) {
    expect_accepted({{"both ways", type + " x=fp16[4,1] y=fp16[3]", "bool[4,3]"}});
    expect_rejected({
        {"elements", type + " x=fp16[2] y=int32[2]", "y: found int32[2], want fp16 as x"},
        {"shapes", type + " x=fp16[2] y=fp16[3]", "y: found [3], want a shape that fits [2]"},
    });
  }
  expect_accepted({{"all", "select cond=bool[4,1,1] a=fp16[2,1] b=fp16[3]", "fp16[4,2,3]"}});
  expect_rejected({
      {"cond", "select cond=fp16[2] a=fp16[2] b=fp16[2]", "cond: found fp16[2], want bool"},
      {"elements", "select cond=bool[2] a=fp16[2] b=fp32[2]", "b: found fp32[2], want fp16 as a"},
      {"shapes", "select cond=bool[3] a=fp16[2] b=fp16[2]", "want a shape that fits [2]"},
  });
}

TEST(InferTypes, CastGivesTheTypeThatItNames) {
  for (const std::string type :
       {"fp16", "fp32", "int32", "bool", "int8", "uint8", "int16", "uint16"}) {
    expect_accepted({{"a type", "cast x=fp16[2] dtype='" + type + "'", type + "[2]"}});
  }
  expect_rejected({
      {"fp64", "cast x=fp16[2] dtype='fp64'", "dtype: found 'fp64', want the name of a type"},
      {"a number", "cast x=fp16[2] dtype=10", "dtype: found int32[], want a string"},
  });
}

TEST(InferTypes, ReductionsCountAxesFromTheEndAndKeepThemIfAsked) {
  for (const std::string type : {"reduce_l2_norm", "reduce_max", "reduce_mean", "reduce_min",
                                 "reduce_sum", "reduce_sum_square"}) {
    const std::string of_x = type + " x=fp16[2,3,4] ";
    expect_accepted({
        {"kept", of_x + "axes={-1,0} keep_dims=true", "fp16[1,3,1]"},
        {"dropped", of_x + "axes={-2} keep_dims=false", "fp16[2,4]"},
        {"all dropped", of_x + "axes={0,1,2} keep_dims=false", "fp16[]"},
    });
    expect_rejected({
        {"beyond", of_x + "axes={3} keep_dims=true", "axes: found the axis 3, want one of 3 dim"},
        {"before", of_x + "axes={-4} keep_dims=true", "axes: found the axis -4, want one of 3 dim"},
    });
  }
  const std::string argmax = "reduce_argmax x=fp16[2,3] output_dtype='int32' ";
  expect_accepted({
      {"kept", argmax + "axis=-1 keep_dims=true", "int32[2,1]"},
      {"dropped", argmax + "axis=0 keep_dims=false", "int32[3]"},
  });
  expect_rejected({
      {"axis", argmax + "axis=2 keep_dims=true", "axis: found the axis 2"},
      {"type", argmax + "axis=0 keep_dims=true output_dtype='fp16'", "found 'fp16', want 'int32'"},
  });
}

TEST(InferTypes, NormalizationsKeepTheTypeOfX) {
  const std::string last = "layer_norm x=fp16[2,3,4] epsilon=0.01 axes={-1}";
  const std::string scaled = last + " gamma=weight:fp16[3,4] beta=weight:fp16[3,4]";
  expect_accepted({
      {"axis", "softmax x=fp16[2,3] axis=-1", "fp16[2,3]"},
      {"bare", last, "fp16[2,3,4]"},
      {"gamma and beta", scaled + " axes={1,2}", "fp16[2,3,4]"},
  });
  expect_rejected({
      {"axis", "softmax x=fp16[2,3] axis=2", "axis: found the axis 2"},
      {"integers", "softmax x=int32[2] axis=0", "x: found int32[2], want fp16 or fp32"},
      {"axis", last + " axes={3}", "axes: found the axis 3"},
      {"gamma", scaled, "gamma: found fp16[3,4], want [4]"},
      {"beta", scaled + " gamma=weight:fp16[4]", "beta: found fp16[3,4], want [4]"},
      {"no epsilon", "layer_norm x=fp16[2] axes={0}", "epsilon: found nothing"},
  });
}

TEST(InferTypes, ConvolutionsFollowKernelPaddingStrideAndGroups) {
  const auto conv = [](std::string x, std::string weight, std::string more) {
    return "conv strides={1,1} dilations={1,1} pad={0,0,0,0} pad_type='valid' groups=1 x=" + x +
           " weight=" + weight + more;
  };
  const std::string x = "fp16[2,4,8,9]";
  const std::string weight = "fp16[6,4,3,2]";
  const std::string one = " strides={1} dilations={1} pad={0,0}";
  const std::string three = " strides={1,1,1} dilations={1,1,1} pad={0,0,0,0,0,0}";
  expect_accepted({
      {"1x1", conv("fp16[1,4,1,1]", "fp16[6,4,1,1]", ""), "fp16[1,6,1,1]"},
      {"valid", conv(x, weight, ""), "fp16[2,6,6,8]"},
      {"valid has no padding", conv(x, weight, " pad={1,2,0,1}"), "fp16[2,6,6,8]"},
      {"custom padding", conv(x, weight, " pad_type='custom' pad={1,2,0,1}"), "fp16[2,6,9,9]"},
      {"steps", conv(x, weight, " strides={2,3} dilations={2,3}"), "fp16[2,6,2,2]"},
      {"groups", conv(x, "fp16[6,2,1,1]", " groups=2"), "fp16[2,6,8,9]"},
      {"bias", conv(x, weight, " bias=fp16[6]"), "fp16[2,6,6,8]"},
      {"kernel as large as x", conv(x, "fp16[6,4,8,9]", ""), "fp16[2,6,1,1]"},
      {"1 dimension", conv("fp16[1,4,8]", "fp16[6,4,3]", one), "fp16[1,6,6]"},
      {"3 dimensions", conv("fp32[1,4,3,4,5]", "fp32[6,4,1,2,3]", three), "fp32[1,6,3,3,3]"},
  });
  expect_rejected({
      {"channels", conv(x, "fp16[6,2,1,1]", ""), "want 4 input channels in 1 groups"},
      {"groups", conv(x, "fp16[5,2,1,1]", " groups=2"), "want 4 input channels in 2 groups"},
      {"no group", conv(x, weight, " groups=0"), "want 4 input channels in 0 groups"},
      {"bias", conv(x, weight, " bias=fp16[4]"), "bias: found fp16[4], want [6]"},
      {"large kernel", conv(x, "fp16[6,4,9,9]", ""), "want a kernel that fits into x"},
      {"negative padding", conv(x, weight, " pad_type='custom' pad={0,0,0,-1}"), "want a kernel"},
      {"no stride", conv(x, weight, " strides={0,1}"), "want a kernel that fits into x"},
      {"strides", conv(x, weight, " strides={1}"), "strides: found 1, want one for each spatial"},
      {"dilations", conv(x, weight, " dilations={1}"), "dilations: found 1, want one for each"},
      {"pad", conv(x, weight, " pad={0,0}"), "pad: found 2, want two for each spatial dimension"},
      {"pad_type", conv(x, weight, " pad_type='full'"), "pad_type: found 'full'"},
      {"rank of x", conv("fp16[4,8]", weight, ""), "x: found fp16[4,8], want 3 to 5 dimensions"},
      {"rank of weight", conv(x, "fp16[6,4]", ""), "want as many dimensions as x"},
      {"integers", conv(x, "int8[6,4,1,1]", ""), "weight: found int8[6,4,1,1], want fp16 or fp32"},
  });
}

TEST(InferTypes, MatrixProductsTransposeAndBroadcastBatches) {
  const std::string linear = "linear x=fp16[2,5,4] weight=weight:fp16[3,4]";
  expect_accepted({
      {"bare", linear, "fp16[2,5,3]"},
      {"bias", linear + " bias=weight:fp16[3]", "fp16[2,5,3]"},
      {"plain", "matmul x=fp16[2,3] y=fp16[3,7] transpose_x=false transpose_y=false", "fp16[2,7]"},
      {"x", "matmul x=fp16[3,2] y=fp16[3,7] transpose_x=true transpose_y=false", "fp16[2,7]"},
      {"y", "matmul x=fp16[2,3] y=fp16[7,3] transpose_x=false transpose_y=true", "fp16[2,7]"},
      {"both", "matmul x=fp32[3,2] y=fp32[7,3] transpose_x=true transpose_y=true", "fp32[2,7]"},
      {"batches", "matmul x=fp16[5,1,2,3] y=fp16[4,3,7]", "fp16[5,4,2,7]"},
  });
  expect_rejected({
      {"bias", linear + " bias=weight:fp16[4]", "bias: found fp16[4], want [3]"},
      {"weight", linear + " weight=weight:fp16[4,3]", "want [outputs, inputs] for fp16[2,5,4]"},
      {"rows", "matmul x=fp16[2,3] y=fp16[7,3]", "y: found fp16[7,3], want 3 rows"},
      {"elements", "matmul x=fp16[2,3] y=fp32[3,7]", "y: found fp32[3,7], want floats as x has"},
      {"batches", "matmul x=fp16[5,2,3] y=fp16[4,3,7]", "y: found [4], want a shape that fits [5]"},
      {"a vector", "matmul x=fp16[3] y=fp16[3,7]", "x: found fp16[3], want two matrices"},
  });
}

TEST(InferTypes, AttentionWantsEqualHeads) {
  const std::string heads =
      "scaled_dot_product_attention query=fp16[1,8,4,64] key=fp16[1,8,16,64] value=fp16[1,8,16,32]";
  expect_accepted({
      {"bare", heads, "fp16[1,8,4,32]"},
      {"masked", heads + " attn_mask=fp16[4,16]", "fp16[1,8,4,32]"},
  });
  expect_rejected({
      {"grouped heads", heads + " key=fp16[1,2,16,64]", "want keys for fp16[1,8,4,64]"},
      {"key's size", heads + " key=fp16[1,8,16,32]", "key: found fp16[1,8,16,32], want keys for"},
      {"positions", heads + " value=fp16[1,8,15,32]", "value: found fp16[1,8,15,32], want values"},
      {"rank", heads + " key=fp16[8,16,64]", "key: found fp16[8,16,64], want as many dimensions"},
  });
}

TEST(InferTypes, TransposeTakesEveryDimensionOnce) {
  expect_accepted({
      {"forward", "transpose x=fp16[2,3,4] perm={2,0,1}", "fp16[4,2,3]"},
      {"from the end", "transpose x=fp16[2,3,4] perm={0,-1,-2}", "fp16[2,4,3]"},
  });
  expect_rejected({
      {"twice", "transpose x=fp16[2,3,4] perm={0,1,-2}", "found [0,1,-2], want every dimension"},
      {"too few", "transpose x=fp16[2,3,4] perm={0,1}", "found [0,1], want every dimension once"},
      {"beyond", "transpose x=fp16[2,3,4] perm={0,1,3}", "perm: found the axis 3"},
  });
}

TEST(InferTypes, ReshapeFillsOneSizeInAndCopiesZeros) {
  expect_accepted({
      {"sizes", "reshape x=fp16[2,3,4] shape={6,4}", "fp16[6,4]"},
      {"rest", "reshape x=fp16[2,3,4] shape={4,-1}", "fp16[4,6]"},
      {"copy", "reshape x=fp16[2,3,4] shape={0,4,3}", "fp16[2,4,3]"},
      {"both", "reshape x=fp16[2,3,4] shape={-1,0,1}", "fp16[8,3,1]"},
      {"scalar", "reshape x=fp16[1,1] shape={}", "fp16[]"},
  });
  expect_rejected({
      {"two rests", "reshape x=fp16[4] shape={-1,-1}", "shape: found [-1,-1], want sizes"},
      {"copy of nothing", "reshape x=fp16[4] shape={0,4}", "shape: found [0,4], want sizes"},
      {"elements", "reshape x=fp16[2,3] shape={4}", "shape: found [4], want 6 elements"},
      {"no rest", "reshape x=fp16[2,3] shape={4,-1}", "shape: found [4,-1], want 6 elements"},
  });
}

TEST(InferTypes, DimensionsOfOneComeAndGo) {
  expect_accepted({
      {"of the result", "expand_dims x=fp16[2,3] axes={0,-1}", "fp16[1,2,3,1]"},
      {"some", "squeeze x=fp16[1,2,1] axes={-1}", "fp16[1,2]"},
      {"all", "squeeze x=fp16[1,2,1]", "fp16[2]"},
  });
  expect_rejected({
      {"twice", "expand_dims x=fp16[2] axes={0,-3}", "axes: found an axis twice"},
      {"beyond", "expand_dims x=fp16[2] axes={2}", "axes: found the axis 2, want one of 2"},
      {"beyond", "squeeze x=fp16[1] axes={1}", "axes: found the axis 1, want one of 1"},
      {"not 1", "squeeze x=fp16[1,2] axes={1}", "found a dimension of 2, want dimensions of 1"},
  });
}

TEST(InferTypes, ConcatJoinsAlongAnAxisAndStackAlongANewOne) {
  const std::string concat = "concat interleave=false ";
  expect_accepted({
      {"from the end", concat + "axis=-1 values=fp16[2,3]+fp16[2,1]", "fp16[2,4]"},
      {"three", concat + "axis=0 values={0,0}+int32[1]+{0}", "int32[4]"},
      {"first", "stack axis=0 values=fp16[2,3]+fp16[2,3]", "fp16[2,2,3]"},
      {"new last", "stack axis=-1 values=fp16[2,3]+fp16[2,3]+fp16[2,3]", "fp16[2,3,3]"},
  });
  expect_rejected({
      {"sizes", concat + "axis=1 values=fp16[2,3]+fp16[3,3]", "want a tensor like fp16[2,3] but"},
      {"ranks", concat + "axis=0 values=fp16[2,3]+fp16[2]", "values: found fp16[2], want"},
      {"elements", concat + "axis=0 values=fp16[2]+fp32[2]", "values: found fp32[2], want"},
      {"axis", concat + "axis=1 values=fp16[2]+fp16[2]", "axis: found the axis 1, want one of 1"},
      {"shapes", "stack axis=0 values=fp16[2]+fp16[3]", "found fp16[3], want fp16[2] as the first"},
      {"axis", "stack axis=2 values=fp16[2]+fp16[2]", "axis: found the axis 2, want one of 2"},
  });
}

TEST(InferTypes, SplitGoesByNumberOrBySizes) {
  const std::string split = "split x=fp16[2,6] axis=-1";
  expect_accepted({
      {"number", split + " num_splits=3", "fp16[2,2] fp16[2,2] fp16[2,2]"},
      {"sizes", split + " split_sizes={1,3,2}", "fp16[2,1] fp16[2,3] fp16[2,2]"},
  });
  expect_rejected({
      {"number", split + " num_splits=4", "num_splits: found 4, want a divisor of 6"},
      {"no part", split + " num_splits=0", "num_splits: found 0, want a divisor of 6"},
      {"too little", split + " split_sizes={1,3}", "split_sizes: found [1,3], want a sum of 6"},
      {"too much", split + " split_sizes={4,3}", "split_sizes: found [4,3], want a sum of 6"},
      {"axis", split + " num_splits=2 axis=2", "axis: found the axis 2"},
      {"neither", split, "num_splits: found nothing"},
  });
}

TEST(InferTypes, SliceByIndexCountsWhatItTakes) {
  const std::string slice = "slice_by_index x=fp16[4,6] begin={1,1} end={4,3}";
  const std::string runtime = "slice_by_index x=fp16[4,6] begin=int32[2] end=int32[2]";
  expect_accepted({
      {"plain", slice, "fp16[3,2]"},
      {"from the end", slice + " begin={0,-3} end={-2,-1}", "fp16[2,2]"},
      {"stride", slice + " begin={0,0} end={4,6} stride={2,4}", "fp16[2,2]"},
      {"from the start", slice + " begin_mask={t,f}", "fp16[4,2]"},
      {"to the end", slice + " end_mask={f,t}", "fp16[3,5]"},
      {"one element", slice + " squeeze_mask={t,f}", "fp16[2]"},
      {"begin masked", runtime + " begin_mask={t,t} end={2,-1}", "fp16[2,5]"},
      {"all masked", runtime + " begin_mask={t,t} end_mask={t,t}", "fp16[4,6]"},
      {"element", runtime + " squeeze_mask={t,f} begin_mask={f,t} end_mask={f,t}", "fp16[6]"},
  });
  expect_rejected({
      {"nothing", slice + " end={1,3}", "begin: found 1 to 1, want a part of 4"},
      {"backwards", slice + " end={4,-6}", "begin: found 1 to 0, want a part of 6"},
      {"runtime", runtime, "found a size that only running the program tells, want a fixed shape"},
      {"rank of begin", slice + " begin={0}", "begin: found int32[1], want 2 integers"},
      {"rank of stride", slice + " stride={1}", "stride: found 1 integers, want 2"},
      {"no stride", slice + " stride={1,0}", "stride: found 0"},
      {"rank of mask", slice + " end_mask={t}", "end_mask: found 1 values, want 2"},
      {"integers as mask", slice + " end_mask={1,1}", "found int32[2], want true or false"},
  });
}

TEST(InferTypes, SliceBySizeHasAFixedSizeWhereverItBegins) {
  const std::string slice = "slice_by_size x=fp16[4,6] begin={1,2} ";
  expect_accepted({
      {"rest", slice + "size={2,-1}", "fp16[2,4]"},
      {"runtime begin", slice + "begin=int32[2] size={2,6}", "fp16[2,6]"},
  });
  expect_rejected({
      {"too much", slice + "size={4,1}", "size: found 4, want 1 to 3"},
      {"outside", slice + "begin={4,0} size={1,1}", "size: found 1, want 1 to 0"},
      {"rest of runtime", slice + "begin=int32[2] size={-1,1}", "size: found -1, want 1 to 4"},
      {"rank", slice + "size={1}", "size: found 1 integers, want 2"},
  });
}

TEST(InferTypes, SliceUpdateKeepsXAndWantsTheSlicesShape) {
  const std::string masked = "slice_update x=fp16[1,2,8,4] begin_mask={t,t,f,t} end_mask={t,t,f,t}";
  const std::string fixed = masked + " begin={0,0,3,0} end={0,0,5,0} update=";
  const std::string runtime = masked + " begin=int32[4] end=int32[4] update=";
  const std::string squeezed = " squeeze_mask={t,f,t,f}";
  expect_accepted({
      {"constant place", fixed + "fp16[1,2,2,4]", "fp16[1,2,8,4]"},
      {"runtime place", runtime + "fp16[1,2,3,4]", "fp16[1,2,8,4]"},
      {"stride", fixed + "fp16[1,2,1,4] stride={1,1,2,1}", "fp16[1,2,8,4]"},
      {"squeezed", runtime + "fp16[2,4]" + squeezed, "fp16[1,2,8,4]"},
  });
  expect_rejected({
      {"constant place", fixed + "fp16[1,2,3,4]", "want the shape of the slice of fp16[1,2,8,4]"},
      {"larger than x", runtime + "fp16[1,2,9,4]", "update: found fp16[1,2,9,4]"},
      {"part of a masked dimension", runtime + "fp16[1,1,1,4]", "update: found fp16[1,1,1,4]"},
      {"elements", runtime + "fp32[1,2,1,4]", "update: found fp32[1,2,1,4]"},
      {"rank", runtime + "fp16[2,1,4]", "update: found fp16[2,1,4]"},
      {"not squeezed", runtime + "fp16[1,2,1,4]" + squeezed, "update: found fp16[1,2,1,4]"},
      {"begin", runtime + "fp16[1,2,1,4] begin=int32[3]", "begin: found int32[3], want 4 integers"},
  });
}

TEST(InferTypes, GatherAndTileFollowIndicesAndRepetitions) {
  const std::string gather = "gather x=fp16[10,4] axis=0 ";
  expect_accepted({
      {"rows", gather + "indices=int32[2,3] batch_dims=0 validate_indices=false", "fp16[2,3,4]"},
      {"from the end", gather + "indices=int16[2,3] axis=-1", "fp16[10,2,3]"},
      {"one", gather + "indices=int32[]", "fp16[4]"},
      {"both", "tile x=fp16[2,3] reps={3,2}", "fp16[6,6]"},
  });
  expect_rejected({
      {"axis", gather + "indices=int32[2] axis=2", "axis: found the axis 2, want one of 2"},
      {"flag", gather + "indices=int32[2] validate_indices=0", "found int32[], want true or false"},
      {"none", "tile x=fp16[2,3] reps={0,1}", "reps: found 0, want 1 or more"},
      {"rank", "tile x=fp16[2,3] reps={2}", "reps: found 1 integers, want 2"},
  });
}

TEST(InferTypes, StatesAreReadAndWrittenWhole) {
  expect_accepted({
      {"read", "read_state input=state:fp16[1,2]", "fp16[1,2]"},
      {"write", "write_state input=state:fp16[1,2] data=fp16[1,2]", ""},
  });
  expect_rejected({
      {"tensor", "read_state input=fp16[2]", "input: found something else, want the name of a st"},
      {"constant", "read_state input=1.0", "input: found something else, want the name of a state"},
      {"data", "write_state input=state:fp16[1,2] data=fp16[2]", "found fp16[2], want fp16[1,2]"},
      {"write", "write_state input=fp16[2] data=fp16[2]", "want the name of a state"},
      {"operand", "abs x=state:fp16[2]", "x: found the state 'state:fp16[2]', want a tensor"},
  });
}

TEST(InferTypes, ConstantsHaveTheTypeOfTheirValueAndWeightsTheElementsOfTheirScale) {
  const std::string affine =
      "constexpr_affine_dequantize @quantized_data=weight:int8[8,4] @zero_point=weight:int8[] "
      "@scale=0.5 @axis=0";
  const std::string shift = "constexpr_blockwise_shift_scale data=weight:uint8[8,6] scale=weight:";
  expect_accepted({
      {"here", "const @val={1,2}", "int32[2]"},
      {"in the weight file", "const @val=weight:fp16[4,3]", "fp16[4,3]"},
      {"tensor", affine, "fp16[8,4]"},
      {"axis", affine + " @zero_point=weight:int8[4] @scale=weight:fp32[4] @axis=-1", "fp32[8,4]"},
      {"unsigned", affine + " @quantized_data=weight:uint8[3] @zero_point=weight:uint8[]",
       "fp16[3]"},
      {"tensor", shift + "fp16[1,1]", "fp16[8,6]"},
      {"channel", shift + "fp16[8,1]", "fp16[8,6]"},
      {"blocks", shift + "fp32[4,3] offset=weight:uint8[4,3]", "fp32[8,6]"},
  });
  expect_rejected({
      {"no value", "const", "val: found no such attribute, want it"},
      {"data", affine + " @quantized_data=weight:fp16[8]", "want int8 or uint8"},
      {"scale", affine + " @scale=weight:int8[]", "scale: found int8[], want fp16 or fp32"},
      {"scales", affine + " @scale=weight:fp16[4]", "found fp16[4], want one, or 8 along the axis"},
      {"zero", affine + " @zero_point=weight:uint8[]", "zero_point: found uint8[], want int8"},
      {"axis", affine + " @axis=2", "axis: found the axis 2"},
      {"rank", shift + "fp16[8]", "scale: found fp16[8], want blocks of uint8[8,6]"},
      {"scalar", shift + "fp16[] data=weight:int8[]", "scale: found fp16[], want blocks of int8[]"},
      {"uneven", shift + "fp16[3,1]", "scale: found fp16[3,1], want blocks of uint8[8,6]"},
      {"scale", shift + "int8[1,1]", "scale: found int8[1,1], want fp16 or fp32"},
      {"data", shift + "fp16[1,1] data=weight:int32[8,6]", "want int8, uint8 or floats"},
      {"offset", shift + "fp16[1,1] offset=weight:uint8[8,1]", "want the shape of scale"},
  });
}

TEST(InferTypes, ParametersAreKnownAndConstantWhereWanted) {
  const std::string sum = "reduce_sum x=fp16[2] keep_dims=true axes=";
  const std::string runtime = "found a value that only running the program tells, want a constant";
  expect_rejected({
      {"operation", "lstm x=fp16[2]", "found the type 'lstm', which is not known"},
      {"parameter", "relu x=fp16[2] alpha=1.0", "'alpha': found a parameter that is not known"},
      {"name", "relu x=nowhere", "x: found 'nowhere', want the name of an input or of an earlier"},
      {"two values", "relu x=fp16[2]+fp16[3]", "x: found 2 values, want one"},
      {"runtime axes", sum + "int32[1]", "axes: " + runtime},
      {"runtime axis", "softmax x=fp16[2] axis=int32[]", "axis: " + runtime},
      {"runtime text", "cast x=fp16[2] dtype=string[]", "dtype: " + runtime},
      {"runtime number", "rsqrt x=fp16[2] epsilon=fp16[]", "epsilon: " + runtime},
      {"weight file", sum + "weight:int32[1]", "found int32[1], want integers in the program it"},
      {"truth as integer", sum + "{t}", "axes: found bool[1], want integers in the program itself"},
      {"two axes", "softmax x=fp16[2] axis={0,1}", "axis: found 2 integers, want one"},
  });
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
      {"input twice", [](Program& p) { p.inputs.push_back(p.inputs[0]); },
       "input 'x': found the name a second time"},
      {"input is a state", [](Program& p) { p.states[0].name = "x"; },
       "input 'x': found the name a second time"},
      {"used too early", [](Program& p) { std::swap(p.operations[0], p.operations[1]); },
       "mul 'y': y: found 'two', want the name of an input or of an earlier operation's output"},
      {"uses itself", [](Program& p) { p.operations[1].inputs["x"] = {"y"}; },
       "mul 'y': x: found 'y', want the name of"},
      {"wrong shape", [](Program& p) { p.operations[1].outputs[0].type.shape = {1}; },
       "mul 'y': output 'y': found fp16[1], want fp16[2]"},
      {"wrong element", [](Program& p) { p.operations[0].outputs[0].type = type_of("fp32[]"); },
       "const 'two': output 'two': found fp32[], want fp16[]"},
      {"no output", [](Program& p) { p.operations[1].outputs.clear(); },
       "mul 'y': found 0 outputs, want 1"},
      {"runtime axis", [](Program& p) { p.operations[4].inputs["axis"] = {"x"}; },
       "softmax 'z': axis: found a value that only running the program tells, want a constant"},
      {"missing result", [](Program& p) { p.outputs[0].name = "w"; },
       "output 'w': found nothing of that name, want fp16[2]"},
      {"other result", [](Program& p) { p.outputs[0].type.shape = {3}; },
       "output 'y': found fp16[2], want fp16[3]"},
      {"result is a state", [](Program& p) { p.outputs[0].name = "s"; }, "output 's': found"},
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
