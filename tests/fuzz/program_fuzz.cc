// Any bytes are a recipe for a program that keeps the rules: operations on whatever there is, as far
// as their types fit. It is executed with the same bits on the plain loops and on vectors. This reaches
// what mutated files seldom do: values that are used twice, caches that are written twice or in
// between, constants in the place of tensors.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "runners/mlprogram/operations.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/program_builder.h"
#include "tests/fuzz/execution.h"

namespace fusesweep {
namespace {

const std::vector<std::vector<std::uint64_t>> kShapes = {
    {1, 2, 4, 8}, {1, 2, 2, 8}, {1, 1, 4, 2}, {1, 1, 4, 1}, {1, 2, 1, 8},
    {1, 1, 4, 4}, {1, 8, 4, 1}, {1, 8, 1, 4}, {8, 8, 1, 1}, {4},
    {1},          {},           {2, 4, 8},    {1, 8, 2, 4}, {70, 1}};

// Takes the recipe one byte at a time; zeros when it has ended.
class Cook {
 public:
  explicit Cook(std::span<const std::uint8_t> recipe) : recipe_(recipe) {}

  Program make() && {
    const std::size_t inputs = 1 + below(4);
    for (std::size_t i = 0; i < inputs; ++i) {
      NamedType input{fmt::format("in{}", i), {DataType::kFp16, pick(kShapes)}};
      if (below(5) == 4) input.type = {DataType::kInt32, {4}};
      known(input);
      program_.inputs.push_back(std::move(input));
    }
    const std::size_t states = 1 + below(2);
    for (std::size_t i = 0; i < states; ++i) {
      NamedType state{fmt::format("state{}", i), {DataType::kFp16, kShapes[below(16) / 10]}};
      if (below(12) == 11) state.type.element = DataType::kInt8;
      scope_[state.name] = {.type = state.type, .constant = nullptr, .is_state = true};
      states_.push_back(state.name);
      program_.states.push_back(std::move(state));
    }
    while (at_ < recipe_.size() && program_.operations.size() < 60) add_something();
    add("identity", one(program_.inputs.front().name));
    std::set<std::string> taken;
    for (std::size_t i = 0; i < 4; ++i) {
      const Operation& operation =
          program_.operations[program_.operations.size() - 1 -
                              below(std::min<std::size_t>(200, program_.operations.size()))];
      for (const NamedType& output : operation.outputs) {
        if (output.type.element == DataType::kFp16 && operation.type != "const" &&
            taken.insert(output.name).second)
          program_.outputs.push_back(output);
      }
    }
    return std::move(program_);
  }

 private:
  using Parameters = std::map<std::string, std::vector<Argument>>;

  std::size_t below(std::size_t n) { return at_ < recipe_.size() ? recipe_[at_++] % n : 0; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  void known(const NamedType& named) {
    scope_[named.name] = {.type = named.type, .constant = nullptr, .is_state = false};
    names_.push_back(named.name);
  }

  // One of the latest more often than not.
  std::string name() {
    const std::size_t n = names_.size();
    const std::size_t back = below(256);
    return names_[back < 128 ? n - 1 - back % std::min<std::size_t>(n, 4) : back % n];
  }

  static Argument ints(std::vector<std::int32_t> values) { return integers(std::move(values)); }

  Argument tensor() {
    if (below(8) != 7) return name();
    Value value{{DataType::kFp16, pick(kShapes)}, std::string()};
    std::string bytes;
    const std::size_t seed = below(256);
    for (std::uint64_t i = 0; i < element_count(value.type.shape); ++i) {
      const std::uint16_t half = float_to_fp16(static_cast<float>((i * 7 + seed) % 13) / 4 - 1.5F);
      bytes += static_cast<char>(half & 255U);
      bytes += static_cast<char>(half >> 8U);
    }
    value.content = bytes;
    return below(2) == 0 ? Argument(value) : Argument(constant(value));
  }

  std::string constant(Value value) {
    Operation operation{.type = "const", .name = next()};
    operation.outputs.push_back({operation.name, value.type});
    operation.attributes.emplace("val", std::move(value));
    values_.push_back(std::make_unique<Value>(operation.attributes.at("val")));
    scope_[operation.name] = {
        .type = operation.outputs[0].type, .constant = values_.back().get(), .is_state = false};
    if (below(4) == 0) names_.push_back(operation.name);
    program_.operations.push_back(std::move(operation));
    return program_.operations.back().name;
  }

  std::string next() { return fmt::format("v{}", count_++); }

  // The operation's first output; empty when it does not fit.
  std::string add(std::string_view type, Parameters parameters) {
    Operation operation{.type = std::string(type), .name = next()};
    operation.inputs = std::move(parameters);
    const auto types = infer_types(operation, scope_);
    if (!types) return {};
    for (const TensorType& output : *types) {
      if (element_count(output.shape) > 4096 || output.shape.size() > 6) return {};
    }
    for (const TensorType& output : *types) {
      operation.outputs.push_back({next(), output});
      known(operation.outputs.back());
    }
    program_.operations.push_back(std::move(operation));
    const auto& outputs = program_.operations.back().outputs;
    return outputs.empty() ? std::string() : outputs.front().name;
  }

  Parameters one(Argument x) { return {{"x", {std::move(x)}}}; }

  Argument small_ints(std::size_t most) {
    std::vector<std::int32_t> values;
    const std::size_t n = 1 + below(most);
    for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<std::int32_t>(below(10)) - 1);
    return ints(std::move(values));
  }

  void masked_update() {
    const std::string state = pick(states_);
    const Argument mask = name();
    const Argument rows = name();
    std::string sum =
        add("reduce_sum", {{"x", {mask}}, {"axes", {ints({-1})}}, {"keep_dims", {truth(true)}}});
    const std::string negative = add("mul", {{"x", {sum}}, {"y", {half(-1)}}});
    const std::string keep = add("add", {{"x", {negative}}, {"y", {half(1)}}});
    if (below(6) == 5) add_something();
    const std::string before = add("read_state", {{"input", {state}}});
    if (below(6) == 5) add_something();
    const std::string kept = add("mul", {{"x", {before}}, {"y", {keep}}});
    const std::string written = add("matmul", {{"x", {mask}},
                                               {"y", {rows}},
                                               {"transpose_x", {truth(false)}},
                                               {"transpose_y", {truth(false)}}});
    if (below(6) == 5) add_something();
    const std::string updated = add("add", {{"x", {kept}}, {"y", {written}}});
    if (below(6) == 5) add_something();
    add("write_state", {{"input", {state}}, {"data", {updated}}});
  }

  void slice_update() {
    const std::string state = pick(states_);
    const std::string before = add("read_state", {{"input", {state}}});
    if (below(6) == 5) add_something();
    const bool fixed = below(2) == 0;
    const auto at = static_cast<std::int32_t>(below(4));
    const Argument begin = fixed ? ints({0, 0, at, 0}) : Argument(name());
    const Argument end = fixed ? ints({1, 2, at + 2, 8}) : Argument(name());
    const std::string updated = add("slice_update", {{"x", {before}},
                                                     {"update", {tensor()}},
                                                     {"begin", {begin}},
                                                     {"end", {end}},
                                                     {"begin_mask", {truths({1, 1, 0, 1})}},
                                                     {"end_mask", {truths({1, 1, 0, 1})}}});
    if (below(6) == 5) add_something();
    add("write_state", {{"input", {state}}, {"data", {updated}}});
  }

  void add_something() {
    static const std::vector<std::string> kUnary = {
        "abs", "relu", "sigmoid", "silu", "sqrt", "square", "identity", "exp", "squeeze"};
    static const std::vector<std::string> kBinary = {"add",      "sub",     "mul",
                                                     "real_div", "maximum", "minimum"};
    if (++depth_ > 3) {
      --depth_;
      return;
    }
    switch (below(20)) {
      case 0:
        add(pick(kUnary), one(tensor()));
        break;
      case 1:
      case 2:
        add(pick(kBinary), {{"x", {tensor()}}, {"y", {tensor()}}});
        break;
      case 3:
        add("read_state", {{"input", {pick(states_)}}});
        break;
      case 4:
        add("write_state", {{"input", {pick(states_)}}, {"data", {tensor()}}});
        break;
      case 5:
        masked_update();
        break;
      case 6:
        slice_update();
        break;
      case 7:
      case 8:
        add("matmul", {{"x", {tensor()}},
                       {"y", {tensor()}},
                       {"transpose_x", {truth(false)}},
                       {"transpose_y", {truth(below(2) == 1)}}});
        break;
      case 9:
        add("transpose", {{"x", {tensor()}},
                          {"perm", {below(2) == 0 ? ints({0, 1, 3, 2}) : ints({0, 2, 1, 3})}}});
        break;
      case 10:
        add("reshape", {{"x", {tensor()}}, {"shape", {small_ints(4)}}});
        break;
      case 11: {
        const std::string x = name();
        if (below(2) == 0) {
          add("reshape", {{"x", {x}}, {"shape", {ints({1, 2, -1, 8})}}});
        } else {
          add("reshape", {{"x", {x}}, {"shape", {ints({1, 8, -1, 1})}}});
        }
        break;
      }
      case 12:
        add(below(2) == 0 ? "reduce_sum" : "reduce_max",
            {{"x", {tensor()}},
             {"axes", {ints({static_cast<std::int32_t>(below(5)) - 1})}},
             {"keep_dims", {truth(below(2) == 1)}}});
        break;
      case 13:
        add("softmax", {{"x", {tensor()}}, {"axis", {integer(-1)}}});
        break;
      case 14:
        add("concat", {{"values", {tensor(), tensor()}},
                       {"axis", {integer(static_cast<std::int32_t>(below(4)))}},
                       {"interleave", {truth(false)}}});
        break;
      case 15:
        add("split", {{"x", {tensor()}},
                      {"num_splits", {integer(static_cast<std::int32_t>(below(4)) + 1)}},
                      {"axis", {integer(static_cast<std::int32_t>(below(4)))}}});
        break;
      case 16:
        add("tile", {{"x", {tensor()}}, {"reps", {small_ints(4)}}});
        break;
      case 17:
        add("slice_by_size",
            {{"x", {tensor()}}, {"begin", {small_ints(4)}}, {"size", {small_ints(4)}}});
        break;
      case 18:
        add("expand_dims", {{"x", {tensor()}}, {"axes", {small_ints(2)}}});
        break;
      case 19:
        add("conv", {{"x", {tensor()}},
                     {"weight", {tensor()}},
                     {"strides", {ints({1, 1})}},
                     {"dilations", {ints({1, 1})}},
                     {"pad", {ints({0, 0, 0, 0})}},
                     {"pad_type", {text("valid")}},
                     {"groups", {integer(1)}}});
        break;
    }
    --depth_;
  }

  std::span<const std::uint8_t> recipe_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  int depth_ = 0;
  Program program_{.opset = std::string(kOpset)};
  Scope scope_;
  std::vector<std::string> names_;
  std::vector<std::string> states_;
  std::vector<std::unique_ptr<Value>> values_;
};

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string model =
      fusesweep::encode_ml_model({.description = "recipe",
                                  .notes = {},
                                  .program = fusesweep::Cook(std::span(bytes, size)).make()});
  const auto package = fusesweep::Package::parse(std::as_bytes(std::span(model)), {}, "recipe");
  FUSESWEEP_CHECK(package);
  fusesweep::check_execution(*package);
  return 0;
}
