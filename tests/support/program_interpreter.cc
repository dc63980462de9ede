#include "tests/support/program_interpreter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

using Shape = std::vector<std::uint64_t>;
using Index = std::vector<std::uint64_t>;

std::uint64_t count_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

// Calls visit(index, offset) for every element in row-major order.
void for_each(const Shape& shape, const std::function<void(const Index&, std::uint64_t)>& visit) {
  Index index(shape.size(), 0);
  const std::uint64_t count = count_of(shape);
  for (std::uint64_t offset = 0; offset < count; ++offset) {
    visit(index, offset);
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (++index[i] < shape[i]) break;
      index[i] = 0;
    }
  }
}

// Where an element lies; dimensions that the tensor lacks in front, or that are 1, are passed over.
std::uint64_t offset_in(const Shape& shape, const Index& index) {
  std::uint64_t offset = 0;
  const std::size_t skipped = index.size() - shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i)
    offset = offset * shape[i] + (shape[i] == 1 ? 0 : index[i + skipped]);
  return offset;
}

// What an operation was given, by parameter.
class Given {
 public:
  Given(const Operation& operation, const std::map<std::string, Tensor>& scope)
      : operation_(operation), scope_(scope) {}

  const std::string& name(const char* parameter) const {
    return std::get<std::string>(operation_.inputs.at(parameter).front());
  }
  const Tensor& tensor(const char* parameter) const { return scope_.at(name(parameter)); }
  std::vector<Tensor> tensors(const char* parameter) const {
    std::vector<Tensor> list;
    for (const Argument& argument : operation_.inputs.at(parameter))
      list.push_back(scope_.at(std::get<std::string>(argument)));
    return list;
  }
  std::vector<std::int64_t> integers(const char* parameter) const {
    const Tensor& values = tensor(parameter);
    return {values.values.begin(), values.values.end()};
  }
  std::int64_t integer(const char* parameter) const { return integers(parameter).at(0); }
  std::uint64_t axis(const char* parameter, std::size_t rank) const {
    const std::int64_t stated = integer(parameter);
    return static_cast<std::uint64_t>(stated < 0 ? stated + static_cast<std::int64_t>(rank)
                                                 : stated);
  }

 private:
  const Operation& operation_;
  const std::map<std::string, Tensor>& scope_;
};

Tensor elementwise(const Tensor& x, const Shape& shape, float (*f)(float, float), const Tensor& y) {
  Tensor z{shape, std::vector<float>(count_of(shape))};
  for_each(shape, [&](const Index& index, std::uint64_t offset) {
    z.values[offset] = f(x.values[offset_in(x.shape, index)], y.values[offset_in(y.shape, index)]);
  });
  return z;
}

Tensor unary(const Tensor& x, float (*f)(float)) {
  Tensor y = x;
  std::transform(x.values.begin(), x.values.end(), y.values.begin(), f);
  return y;
}

Tensor reduce(const Given& given, float start, float (*f)(float, float)) {
  const Tensor& x = given.tensor("x");
  Shape shape = x.shape;
  shape[given.axis("axes", x.shape.size())] = 1;
  Tensor y{shape, std::vector<float>(count_of(shape), start)};
  for_each(x.shape, [&](const Index& index, std::uint64_t offset) {
    float& to = y.values[offset_in(shape, index)];
    to = f(to, x.values[offset]);
  });
  return y;
}

Tensor convolution(const Tensor& x, const Tensor& weight) {
  const std::uint64_t outputs = weight.shape[0];
  const std::uint64_t inputs = weight.shape[1];
  const std::uint64_t tokens = x.shape[2];
  Tensor y{{1, outputs, tokens, 1}, std::vector<float>(outputs * tokens)};
  for (std::uint64_t o = 0; o < outputs; ++o) {
    for (std::uint64_t t = 0; t < tokens; ++t) {
      double sum = 0;
      for (std::uint64_t i = 0; i < inputs; ++i)
        sum += static_cast<double>(weight.values[o * inputs + i]) * x.values[i * tokens + t];
      y.values[o * tokens + t] = static_cast<float>(sum);
    }
  }
  return y;
}

Tensor transposed(const Tensor& x, std::vector<std::int64_t> perm) {
  for (std::int64_t& axis : perm) axis += axis < 0 ? static_cast<std::int64_t>(perm.size()) : 0;
  Shape shape;
  for (const std::int64_t axis : perm) shape.push_back(x.shape.at(static_cast<std::size_t>(axis)));
  Tensor y{shape, std::vector<float>(x.values.size())};
  for_each(shape, [&](const Index& index, std::uint64_t offset) {
    Index from(index.size());
    for (std::size_t i = 0; i < perm.size(); ++i)
      from[static_cast<std::size_t>(perm[i])] = index[i];
    y.values[offset] = x.values[offset_in(x.shape, from)];
  });
  return y;
}

Tensor product(Tensor x, Tensor y, bool transpose_x, bool transpose_y, const Shape& shape) {
  const auto swapped = [](const Tensor& m) {
    std::vector<std::int64_t> perm(m.shape.size());
    std::iota(perm.begin(), perm.end(), 0);
    std::swap(perm.back(), perm.end()[-2]);
    return transposed(m, perm);
  };
  if (transpose_x) x = swapped(x);
  if (transpose_y) y = swapped(y);
  const std::uint64_t inner = x.shape.back();
  Tensor z{shape, std::vector<float>(count_of(shape))};
  for_each(shape, [&](const Index& index, std::uint64_t offset) {
    Index left = index;
    Index right = index;
    double sum = 0;
    for (std::uint64_t k = 0; k < inner; ++k) {
      left.back() = k;
      right.end()[-2] = k;
      sum += static_cast<double>(x.values[offset_in(x.shape, left)]) *
             y.values[offset_in(y.shape, right)];
    }
    z.values[offset] = static_cast<float>(sum);
  });
  return z;
}

Tensor softmax(const Tensor& x) {
  Tensor y = x;
  const std::uint64_t n = x.shape.back();
  for (std::uint64_t begin = 0; begin < y.values.size(); begin += n) {
    const auto row = std::span(y.values).subspan(begin, n);
    const float largest = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (float& v : row) sum += v = std::exp(v - largest);
    for (float& v : row) v = static_cast<float>(v / sum);
  }
  return y;
}

// A copy of `part` into `whole` with its first element at `at` of the axis, or back out of it.
void copy_part(Tensor& part, Tensor& whole, std::uint64_t axis, std::uint64_t at, bool into) {
  for_each(part.shape, [&](const Index& index, std::uint64_t offset) {
    Index there = index;
    there[axis] += at;
    float& inside = whole.values[offset_in(whole.shape, there)];
    if (into) {
      inside = part.values[offset];
    } else {
      part.values[offset] = inside;
    }
  });
}

}  // namespace

ProgramInterpreter::ProgramInterpreter(const Package& package) : package_(package) {
  for (const auto& [name, type] : package.model().program.states)
    states_[name] = {type.shape, std::vector<float>(count_of(type.shape))};
  std::map<std::string, Tensor> scope;
  for (const Operation& operation : package.model().program.operations) {
    if (is_compute(operation)) continue;
    run_operation(operation, scope);
  }
  constants_ = std::move(scope);
}

std::map<std::string, Tensor> ProgramInterpreter::run(std::map<std::string, Tensor> inputs) {
  const Program& program = package_.model().program;
  for (const auto& [name, type] : program.inputs) {
    if (inputs.at(name).shape != type.shape) throw std::invalid_argument(name);
  }
  std::map<std::string, Tensor> scope = constants_;
  scope.merge(inputs);
  for (const Operation& operation : program.operations) {
    if (is_compute(operation)) run_operation(operation, scope);
  }
  std::map<std::string, Tensor> outputs;
  for (const auto& [name, type] : program.outputs) outputs[name] = scope.at(name);
  return outputs;
}

Tensor ProgramInterpreter::constant(const Value& value) const {
  Tensor tensor{value.type.shape, {}};
  if (const auto* ints = std::get_if<std::vector<std::int32_t>>(&value.content)) {
    tensor.values.assign(ints->begin(), ints->end());
    return tensor;
  }
  if (std::holds_alternative<std::vector<std::string>>(value.content)) return tensor;
  std::span<const std::byte> bytes;
  if (const auto* text = std::get_if<std::string>(&value.content)) {
    bytes = std::as_bytes(std::span(*text));
  } else {
    bytes = package_.blob(value);
  }
  for (std::uint64_t i = 0; i < count_of(value.type.shape); ++i) {
    if (value.type.element == DataType::kFp16) {
      std::uint16_t half = 0;
      std::memcpy(&half, bytes.data() + 2 * i, 2);
      tensor.values.push_back(fp16_to_float(half));
    } else if (value.type.element == DataType::kInt8) {
      tensor.values.push_back(static_cast<float>(static_cast<std::int8_t>(bytes[i])));
    } else {
      tensor.values.push_back(static_cast<float>(static_cast<std::uint8_t>(bytes[i])));
    }
  }
  return tensor;
}

void ProgramInterpreter::run_operation(const Operation& operation,
                                       std::map<std::string, Tensor>& scope) {
  const Given given(operation, scope);
  const std::string_view type = operation.type;
  const auto shape = [&]() -> const Shape& { return operation.outputs.front().type.shape; };
  std::vector<Tensor> results;
  const auto is = [&](std::string_view name) { return type == name; };
  const auto binary = [&](float (*f)(float, float)) {
    results = {elementwise(given.tensor("x"), shape(), f, given.tensor("y"))};
  };
  const auto each = [&](float (*f)(float)) { results = {unary(given.tensor("x"), f)}; };

  if (is("const")) {
    results = {constant(operation.attributes.at("val"))};
  } else if (is("constexpr_affine_dequantize")) {
    const Tensor scale = constant(operation.attributes.at("scale"));
    const Tensor zero = constant(operation.attributes.at("zero_point"));
    results = {constant(operation.attributes.at("quantized_data"))};
    for (float& q : results[0].values) q = (q - zero.values[0]) * scale.values[0];
  } else if (is("constexpr_blockwise_shift_scale")) {
    const Tensor scale = constant(std::get<Value>(operation.inputs.at("scale").front()));
    const Tensor q = constant(std::get<Value>(operation.inputs.at("data").front()));
    results = {elementwise(
        q, shape(), [](float a, float b) { return a * b; }, scale)};
  } else if (is("conv")) {
    results = {convolution(given.tensor("x"), given.tensor("weight"))};
  } else if (is("add")) {
    binary([](float a, float b) { return a + b; });
  } else if (is("sub")) {
    binary([](float a, float b) { return a - b; });
  } else if (is("mul")) {
    binary([](float a, float b) { return a * b; });
  } else if (is("real_div")) {
    binary([](float a, float b) { return a / b; });
  } else if (is("maximum")) {
    binary([](float a, float b) { return std::max(a, b); });
  } else if (is("abs")) {
    each([](float a) { return std::abs(a); });
  } else if (is("square")) {
    each([](float a) { return a * a; });
  } else if (is("silu")) {
    each([](float a) { return a / (1 + std::exp(-a)); });
  } else if (is("rsqrt") || is("inverse")) {
    results = {given.tensor("x")};
    const float epsilon = given.tensor("epsilon").values.at(0);
    for (float& v : results[0].values)
      v = is("rsqrt") ? 1 / std::sqrt(v + epsilon) : 1 / (v + epsilon);
  } else if (is("reduce_max")) {
    results = {reduce(given, -INFINITY, [](float a, float b) { return std::max(a, b); })};
  } else if (is("reduce_sum") || is("reduce_mean")) {
    results = {reduce(given, 0, [](float a, float b) { return a + b; })};
    const Tensor& x = given.tensor("x");
    const auto n = static_cast<float>(x.shape[given.axis("axes", x.shape.size())]);
    if (is("reduce_mean"))
      for (float& v : results[0].values) v /= n;
  } else if (is("softmax")) {
    results = {softmax(given.tensor("x"))};
  } else if (is("matmul")) {
    results = {product(given.tensor("x"), given.tensor("y"), given.integer("transpose_x") != 0,
                       given.integer("transpose_y") != 0, shape())};
  } else if (is("transpose")) {
    results = {transposed(given.tensor("x"), given.integers("perm"))};
  } else if (is("cast")) {
    results = {given.tensor("x")};  // rounded below, as all are
  } else if (is("reshape")) {
    results = {{shape(), given.tensor("x").values}};
  } else if (is("tile")) {
    results = {{shape(), std::vector<float>(count_of(shape()))}};
    const Tensor& x = given.tensor("x");
    for_each(shape(), [&](const Index& index, std::uint64_t offset) {
      Index from = index;
      for (std::size_t i = 0; i < from.size(); ++i) from[i] %= x.shape[i];
      results[0].values[offset] = x.values[offset_in(x.shape, from)];
    });
  } else if (is("concat")) {
    std::vector<Tensor> parts = given.tensors("values");
    results = {{shape(), std::vector<float>(count_of(shape()))}};
    const std::uint64_t axis = given.axis("axis", shape().size());
    std::uint64_t at = 0;
    for (Tensor& part : parts) {
      copy_part(part, results[0], axis, at, true);
      at += part.shape[axis];
    }
  } else if (is("split")) {
    Tensor whole = given.tensor("x");
    const std::uint64_t axis = given.axis("axis", whole.shape.size());
    std::uint64_t at = 0;
    for (const NamedType& output : operation.outputs) {
      Tensor part{output.type.shape, std::vector<float>(count_of(output.type.shape))};
      copy_part(part, whole, axis, at, false);
      at += part.shape[axis];
      results.push_back(std::move(part));
    }
  } else if (is("slice_update")) {
    // Along the one axis that no mask opens.
    const std::vector<std::int64_t> open = given.integers("begin_mask");
    if (open != given.integers("end_mask")) throw std::invalid_argument("masks");
    const auto axis =
        static_cast<std::uint64_t>(std::find(open.begin(), open.end(), 0) - open.begin());
    const std::int64_t begin = given.integers("begin").at(axis);
    Tensor update = given.tensor("update");
    if (given.integers("end").at(axis) - begin != static_cast<std::int64_t>(update.shape[axis]))
      throw std::invalid_argument("end");
    results = {given.tensor("x")};
    copy_part(update, results[0], axis, static_cast<std::uint64_t>(begin), true);
  } else if (is("read_state")) {
    results = {states_.at(given.name("input"))};
  } else if (is("write_state")) {
    states_.at(given.name("input")) = given.tensor("data");
  } else {
    throw std::invalid_argument(operation.type);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& [name, output] = operation.outputs.at(i);
    if (results[i].shape != output.shape) throw std::invalid_argument(name);
    if (output.element == DataType::kFp16)
      for (float& v : results[i].values) v = fp16_to_float(float_to_fp16(v));
    scope[name] = std::move(results[i]);
  }
}

}  // namespace fusesweep
