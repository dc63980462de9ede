#include "runners/mlprogram/operations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

using Shape = std::vector<std::uint64_t>;
using Types = std::vector<TensorType>;

std::string to_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

bool is_float(DataType type) { return type == DataType::kFp16 || type == DataType::kFp32; }

// The dimension that an axis means, counted from the end when it is negative; 0 after an error.
std::size_t dimension(OperationReader& op, std::string_view parameter, std::int64_t axis,
                      std::size_t rank) {
  const auto limit = static_cast<std::int64_t>(rank);
  if (axis >= -limit && axis < limit)
    return static_cast<std::size_t>(axis < 0 ? axis + limit : axis);
  op.reject(parameter, fmt::format("the axis {}", axis), fmt::format("one of {} dimensions", rank));
  return 0;
}

// A tensor whose elements are floats.
TensorType float_tensor(OperationReader& op, std::string_view parameter) {
  TensorType type = op.tensor(parameter);
  if (!is_float(type.element)) op.reject(parameter, to_text(type), "fp16 or fp32");
  return type;
}

// NumPy's broadcasting: trailing dimensions are equal or 1.
Shape broadcast(OperationReader& op, const Shape& x, const Shape& y) {
  Shape shape(std::max(x.size(), y.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::uint64_t a = i < x.size() ? x[x.size() - 1 - i] : 1;
    const std::uint64_t b = i < y.size() ? y[y.size() - 1 - i] : 1;
    if (a != b && a != 1 && b != 1) op.reject("y", to_text(y), "a shape that fits " + to_text(x));
    shape[shape.size() - 1 - i] = a == 1 ? b : a;
  }
  return shape;
}

Types same_as_x(OperationReader& op) { return {op.tensor("x")}; }

Types float_unary(OperationReader& op) { return {float_tensor(op, "x")}; }

Types unary_with_epsilon(OperationReader& op) {
  op.number("epsilon");
  return {float_tensor(op, "x")};
}

Types clip(OperationReader& op) {
  const float low = op.number("alpha");
  const float high = op.number("beta");
  if (!(low <= high)) op.reject("alpha", fmt::format("{}", low), fmt::format("at most {}", high));
  return {float_tensor(op, "x")};
}

TensorType binary_type(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const TensorType y = op.tensor("y");
  if (x.element != y.element)
    op.reject("y", to_text(y), fmt::format("{} as x", to_text(x.element)));
  return {x.element, broadcast(op, x.shape, y.shape)};
}

Types binary(OperationReader& op) {
  TensorType type = binary_type(op);
  if (!is_float(type.element) && type.element != DataType::kInt32)
    op.reject("x", to_text(type), "fp16, fp32 or int32");
  return {type};
}

Types comparison(OperationReader& op) { return {{DataType::kBool, binary_type(op).shape}}; }

Types select(OperationReader& op) {
  const TensorType cond = op.tensor("cond");
  const TensorType a = op.tensor("a");
  const TensorType b = op.tensor("b");
  if (cond.element != DataType::kBool) op.reject("cond", to_text(cond), "bool");
  if (a.element != b.element)
    op.reject("b", to_text(b), fmt::format("{} as a", to_text(a.element)));
  return {{a.element, broadcast(op, broadcast(op, a.shape, b.shape), cond.shape)}};
}

Types cast(OperationReader& op) {
  TensorType type = op.tensor("x");
  const std::string name = op.text("dtype");
  for (const DataType element :
       {DataType::kFp16, DataType::kFp32, DataType::kInt32, DataType::kBool, DataType::kInt8,
        DataType::kUint8, DataType::kInt16, DataType::kUint16}) {
    if (name == to_text(element)) return {{element, std::move(type.shape)}};
  }
  op.reject("dtype", quote(name), "the name of a type");
  return {type};
}

Types reduction(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const bool keep = op.boolean("keep_dims");
  std::set<std::size_t> reduced;
  for (const std::int64_t axis : op.integers("axes"))
    reduced.insert(dimension(op, "axes", axis, x.shape.size()));
  TensorType type{x.element, {}};
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (!reduced.contains(i)) {
      type.shape.push_back(x.shape[i]);
    } else if (keep) {
      type.shape.push_back(1);
    }
  }
  return {type};
}

Types reduce_argmax(OperationReader& op) {
  TensorType x = op.tensor("x");
  const std::size_t axis = dimension(op, "axis", op.integer("axis"), x.shape.size());
  const bool keep = op.boolean("keep_dims");
  if (const std::string type = op.text("output_dtype"); type != "int32")
    op.reject("output_dtype", quote(type), "'int32'");
  if (op.error()) return {};
  if (keep) {
    x.shape[axis] = 1;
  } else {
    x.shape.erase(x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  return {{DataType::kInt32, x.shape}};
}

Types softmax(OperationReader& op) {
  TensorType x = float_tensor(op, "x");
  dimension(op, "axis", op.integer("axis"), x.shape.size());
  return {x};
}

Types layer_norm(OperationReader& op) {
  TensorType x = float_tensor(op, "x");
  Shape normalized;
  for (const std::int64_t axis : op.integers("axes")) {
    const std::size_t i = dimension(op, "axes", axis, x.shape.size());
    if (!op.error()) normalized.push_back(x.shape[i]);
  }
  op.number("epsilon");
  for (const std::string_view parameter : {"gamma", "beta"}) {
    if (!op.has(parameter)) continue;
    const TensorType type = op.tensor(parameter);
    if (type.shape != normalized) op.reject(parameter, to_text(type), to_text(normalized));
  }
  return {x};
}

// Spatial dimensions of a convolution: floor((D + before + after - (K - 1) dilation - 1) / stride) + 1.
Types conv(OperationReader& op) {
  const TensorType x = float_tensor(op, "x");
  const TensorType weight = float_tensor(op, "weight");
  const std::vector<std::int64_t> strides = op.integers("strides");
  const std::vector<std::int64_t> dilations = op.integers("dilations");
  const std::vector<std::int64_t> pad = op.integers("pad");
  const std::string pad_type = op.text("pad_type");
  const std::int64_t groups = op.integer("groups");
  const std::size_t rank = x.shape.size();
  if (rank < 3 || rank > 5) op.reject("x", to_text(x), "3 to 5 dimensions");
  if (weight.shape.size() != rank) op.reject("weight", to_text(weight), "as many dimensions as x");
  if (strides.size() + 2 != rank)
    op.reject("strides", fmt::format("{}", strides.size()), "one for each spatial dimension");
  if (dilations.size() + 2 != rank)
    op.reject("dilations", fmt::format("{}", dilations.size()), "one for each spatial dimension");
  if (pad.size() != 2 * strides.size())
    op.reject("pad", fmt::format("{}", pad.size()), "two for each spatial dimension");
  if (pad_type != "valid" && pad_type != "custom")
    op.reject("pad_type", quote(pad_type), "'valid' or 'custom'");
  if (op.error()) return {};
  if (groups < 1 || weight.shape[0] % static_cast<std::uint64_t>(groups) != 0 ||
      x.shape[1] % static_cast<std::uint64_t>(groups) != 0 ||
      weight.shape[1] != x.shape[1] / static_cast<std::uint64_t>(groups)) {
    op.reject("weight", to_text(weight),
              fmt::format("{} input channels in {} groups", x.shape[1], groups));
    return {};
  }
  if (op.has("bias")) {
    const TensorType bias = op.tensor("bias");
    if (bias.shape != Shape{weight.shape[0]})
      op.reject("bias", to_text(bias), fmt::format("[{}]", weight.shape[0]));
  }
  TensorType y{x.element, {x.shape[0], weight.shape[0]}};
  for (std::size_t i = 0; i < strides.size(); ++i) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    const auto size = static_cast<std::int64_t>(x.shape[i + 2]);
    const auto kernel = static_cast<std::int64_t>(weight.shape[i + 2]);
    const bool small = size <= kMost && kernel <= kMost && kernel >= 1 && strides[i] >= 1 &&
                       dilations[i] >= 1 && pad[2 * i] >= 0 && pad[2 * i + 1] >= 0;
    const std::int64_t padding = pad_type == "custom" ? pad[2 * i] + pad[2 * i + 1] : 0;
    const std::int64_t room = small ? size + padding - (kernel - 1) * dilations[i] - 1 : -1;
    if (room < 0) {
      op.reject("weight", to_text(weight), "a kernel that fits into x");
      return {};
    }
    y.shape.push_back(static_cast<std::uint64_t>(room / strides[i] + 1));
  }
  return {y};
}

Types linear(OperationReader& op) {
  TensorType x = float_tensor(op, "x");
  const TensorType weight = float_tensor(op, "weight");
  if (x.shape.empty() || weight.shape.size() != 2 || weight.shape[1] != x.shape.back()) {
    op.reject("weight", to_text(weight), "[outputs, inputs] for " + to_text(x));
    return {};
  }
  if (op.has("bias")) {
    const TensorType bias = op.tensor("bias");
    if (bias.shape != Shape{weight.shape[0]})
      op.reject("bias", to_text(bias), fmt::format("[{}]", weight.shape[0]));
  }
  x.shape.back() = weight.shape[0];
  return {x};
}

Types matmul(OperationReader& op) {
  TensorType x = op.tensor("x");
  TensorType y = op.tensor("y");
  const bool transpose_x = op.has("transpose_x") && op.boolean("transpose_x");
  const bool transpose_y = op.has("transpose_y") && op.boolean("transpose_y");
  if (x.element != y.element || !is_float(x.element)) op.reject("y", to_text(y), "floats as x has");
  if (x.shape.size() < 2 || y.shape.size() < 2) op.reject("x", to_text(x), "two matrices");
  if (op.error()) return {};
  if (transpose_x) std::swap(x.shape.back(), x.shape.end()[-2]);
  if (transpose_y) std::swap(y.shape.back(), y.shape.end()[-2]);
  if (x.shape.back() != y.shape.end()[-2]) {
    op.reject("y", to_text(y), fmt::format("{} rows", x.shape.back()));
    return {};
  }
  TensorType z{x.element, broadcast(op, {x.shape.begin(), x.shape.end() - 2},
                                    {y.shape.begin(), y.shape.end() - 2})};
  z.shape.push_back(x.shape.end()[-2]);
  z.shape.push_back(y.shape.back());
  return {z};
}

// Grouped heads are not part of it: leading dimensions are equal.
Types scaled_dot_product_attention(OperationReader& op) {
  const TensorType query = float_tensor(op, "query");
  const TensorType key = float_tensor(op, "key");
  const TensorType value = float_tensor(op, "value");
  if (op.has("attn_mask")) op.tensor("attn_mask");
  const std::size_t rank = query.shape.size();
  if (rank < 3 || key.shape.size() != rank || value.shape.size() != rank) {
    op.reject("key", to_text(key), "as many dimensions as query, 3 or more");
    return {};
  }
  const auto leads_like_query = [&](const TensorType& type) {
    return std::equal(query.shape.begin(), query.shape.end() - 2, type.shape.begin());
  };
  if (!leads_like_query(key) || key.shape.back() != query.shape.back())
    op.reject("key", to_text(key), "keys for " + to_text(query));
  if (!leads_like_query(value) || value.shape[rank - 2] != key.shape[rank - 2])
    op.reject("value", to_text(value), "values for " + to_text(key));
  TensorType result = query;
  result.shape.back() = value.shape.back();
  return {result};
}

Types transpose(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const std::vector<std::int64_t> perm = op.integers("perm");
  std::set<std::size_t> used;
  TensorType y{x.element, {}};
  for (const std::int64_t axis : perm) {
    const std::size_t i = dimension(op, "perm", axis, x.shape.size());
    if (op.error()) return {};
    used.insert(i);
    y.shape.push_back(x.shape[i]);
  }
  if (used.size() != x.shape.size() || perm.size() != x.shape.size())
    op.reject("perm", fmt::format("[{}]", fmt::join(perm, ",")), "every dimension once");
  return {y};
}

// -1 is what is left over, at most once; 0 copies the dimension of x at its place.
Types reshape(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const std::vector<std::int64_t> wanted = op.integers("shape");
  TensorType y{x.element, {}};
  std::uint64_t known = 1;
  std::optional<std::size_t> open;
  const std::uint64_t count = element_count(x.shape);
  for (std::size_t i = 0; i < wanted.size() && !op.error(); ++i) {
    std::uint64_t size = 1;
    if (wanted[i] == -1 && !open) {
      open = i;
    } else if (wanted[i] == 0 && wanted.size() == x.shape.size()) {
      size = x.shape[i];
    } else if (wanted[i] > 0) {
      size = static_cast<std::uint64_t>(wanted[i]);
    } else {
      op.reject("shape", fmt::format("[{}]", fmt::join(wanted, ",")), "sizes");
    }
    known = size == 0 || known > count / size ? 0 : known * size;  // 0: does not fit
    y.shape.push_back(size);
  }
  if (known == 0 || (open ? count % known != 0 : known != count)) {
    op.reject("shape", fmt::format("[{}]", fmt::join(wanted, ",")),
              fmt::format("{} elements", count));
    return {};
  }
  if (open && !op.error()) y.shape[*open] = count / known;
  return {y};
}

Types expand_dims(OperationReader& op) {
  TensorType x = op.tensor("x");
  const std::vector<std::int64_t> axes = op.integers("axes");
  const std::size_t rank = x.shape.size() + axes.size();
  std::set<std::size_t> added;
  for (const std::int64_t axis : axes) added.insert(dimension(op, "axes", axis, rank));
  if (added.size() != axes.size()) op.reject("axes", "an axis twice", "different ones");
  if (op.error()) return {};
  for (const std::size_t i : added)
    x.shape.insert(x.shape.begin() + static_cast<std::ptrdiff_t>(i), 1);
  return {x};
}

Types squeeze(OperationReader& op) {
  const TensorType x = op.tensor("x");
  std::set<std::size_t> removed;
  if (op.has("axes")) {
    for (const std::int64_t axis : op.integers("axes"))
      removed.insert(dimension(op, "axes", axis, x.shape.size()));
  } else {
    for (std::size_t i = 0; i < x.shape.size(); ++i) {
      if (x.shape[i] == 1) removed.insert(i);
    }
  }
  TensorType y{x.element, {}};
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (!removed.contains(i)) {
      y.shape.push_back(x.shape[i]);
    } else if (x.shape[i] != 1) {
      op.reject("axes", fmt::format("a dimension of {}", x.shape[i]), "dimensions of 1");
    }
  }
  return {y};
}

Types concat(OperationReader& op) {
  const Types values = op.tensors("values");
  const std::int64_t stated = op.integer("axis");
  if (op.boolean("interleave")) op.reject("interleave", "true", "false");
  if (op.error()) return {};
  TensorType y = values.front();
  const std::size_t axis = dimension(op, "axis", stated, y.shape.size());
  for (std::size_t i = 1; i < values.size() && !op.error(); ++i) {
    TensorType rest = values[i];
    if (rest.shape.size() == y.shape.size()) {
      const std::uint64_t size = std::exchange(rest.shape[axis], y.shape[axis]);
      if (rest == y && size <= std::numeric_limits<std::uint32_t>::max()) {
        y.shape[axis] += size;
        continue;
      }
    }
    op.reject("values", to_text(values[i]), "a tensor like " + to_text(y) + " but for the axis");
  }
  return {y};
}

Types stack(OperationReader& op) {
  const Types values = op.tensors("values");
  const std::int64_t stated = op.integer("axis");
  if (op.error()) return {};
  TensorType y = values.front();
  for (const TensorType& value : values) {
    if (value != y) op.reject("values", to_text(value), to_text(y) + " as the first");
  }
  const std::size_t axis = dimension(op, "axis", stated, y.shape.size() + 1);
  y.shape.insert(y.shape.begin() + static_cast<std::ptrdiff_t>(axis), values.size());
  return {y};
}

Types split(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const std::size_t axis = dimension(op, "axis", op.integer("axis"), x.shape.size());
  if (op.error()) return {};
  if (x.shape.empty()) {
    op.reject("x", to_text(x), "a dimension to split");
    return {};
  }
  std::vector<std::int64_t> sizes;
  if (op.has("split_sizes")) {
    sizes = op.integers("split_sizes");
    if (op.has("num_splits") && op.integer("num_splits") != static_cast<std::int64_t>(sizes.size()))
      op.reject("num_splits", "another number", fmt::format("{} as split_sizes has", sizes.size()));
  } else {
    const std::int64_t count = op.integer("num_splits");
    if (count < 1 || static_cast<std::uint64_t>(count) > x.shape[axis] ||
        x.shape[axis] % static_cast<std::uint64_t>(count) != 0) {
      op.reject("num_splits", fmt::format("{}", count),
                fmt::format("a divisor of {}", x.shape[axis]));
      return {};
    }
    // A number beyond what any program has would only fill memory.
    if (count > 1 << 16) op.reject("num_splits", fmt::format("{}", count), "fewer");
    if (!op.error())
      sizes.assign(static_cast<std::size_t>(count),
                   static_cast<std::int64_t>(x.shape[axis]) / count);
  }
  Types types;
  std::uint64_t left = x.shape[axis];
  for (const std::int64_t size : sizes) {
    if (size < 1 || static_cast<std::uint64_t>(size) > left) {
      op.reject("split_sizes", fmt::format("[{}]", fmt::join(sizes, ",")),
                fmt::format("a sum of {}", x.shape[axis]));
      return {};
    }
    left -= static_cast<std::uint64_t>(size);
    types.push_back(x);
    types.back().shape[axis] = static_cast<std::uint64_t>(size);
  }
  if (left != 0)
    op.reject("split_sizes", fmt::format("[{}]", fmt::join(sizes, ",")),
              fmt::format("a sum of {}", x.shape[axis]));
  return types;
}

// How many elements of each dimension x[begin:end:stride] takes; nothing for a dimension that only
// running the program tells.
struct Slice {
  std::vector<std::optional<std::uint64_t>> sizes;
  std::vector<bool> squeezed;
};

Slice read_slice(OperationReader& op, const Shape& x) {
  const std::size_t rank = x.size();
  const auto masks = [&](std::string_view parameter) {
    std::vector<bool> mask = op.has(parameter) ? op.booleans(parameter) : std::vector<bool>(rank);
    if (mask.size() != rank)
      op.reject(parameter, fmt::format("{} values", mask.size()), fmt::format("{}", rank));
    mask.resize(rank);
    return mask;
  };
  const auto bounds = [&](std::string_view parameter) -> std::optional<std::vector<std::int64_t>> {
    const TensorType type = op.tensor(parameter);
    if (type.shape != Shape{rank})
      op.reject(parameter, to_text(type), fmt::format("{} integers", rank));
    if (op.error() || !op.is_constant(parameter)) return std::nullopt;
    return op.integers(parameter);
  };
  const std::vector<bool> from_start = masks("begin_mask");
  const std::vector<bool> to_end = masks("end_mask");
  Slice slice{.sizes = {}, .squeezed = masks("squeeze_mask")};
  const auto begin = bounds("begin");
  const auto end = bounds("end");
  std::vector<std::int64_t> stride(rank, 1);
  if (op.has("stride")) stride = op.integers("stride");
  if (stride.size() != rank)
    op.reject("stride", fmt::format("{} integers", stride.size()), fmt::format("{}", rank));
  if (op.error()) return {};
  for (std::size_t i = 0; i < rank; ++i) {
    const auto size = static_cast<std::int64_t>(
        std::min<std::uint64_t>(x[i], std::numeric_limits<std::int32_t>::max()));
    if (stride[i] < 1) op.reject("stride", fmt::format("{}", stride[i]), "1 or more");
    if (slice.squeezed[i]) {
      slice.sizes.emplace_back(1);
    } else if ((!begin && !from_start[i]) || (!end && !to_end[i])) {
      slice.sizes.emplace_back(std::nullopt);
    } else {
      const std::int64_t stated_begin = from_start[i] ? 0 : (*begin)[i];
      const std::int64_t stated_end = to_end[i] ? size : (*end)[i];
      const std::int64_t first = stated_begin < 0 ? stated_begin + size : stated_begin;
      const std::int64_t last = stated_end < 0 ? stated_end + size : stated_end;
      if (first < 0 || last > size || first >= last)
        op.reject("begin", fmt::format("{} to {}", first, last), fmt::format("a part of {}", size));
      slice.sizes.emplace_back(
          op.error() ? 1 : static_cast<std::uint64_t>((last - first + stride[i] - 1) / stride[i]));
    }
  }
  return slice;
}

Types slice_by_index(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const Slice slice = read_slice(op, x.shape);
  TensorType y{x.element, {}};
  for (std::size_t i = 0; i < slice.sizes.size(); ++i) {
    if (!slice.sizes[i])
      op.reject("begin", "a size that only running the program tells", "a fixed shape");
    if (!slice.squeezed[i]) y.shape.push_back(slice.sizes[i].value_or(1));
  }
  return {y};
}

Types slice_by_size(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const TensorType begin = op.tensor("begin");
  const std::vector<std::int64_t> size = op.integers("size");
  if (begin.shape != Shape{x.shape.size()} || size.size() != x.shape.size()) {
    op.reject("size", fmt::format("{} integers", size.size()), fmt::format("{}", x.shape.size()));
    return {};
  }
  const bool fixed = op.is_constant("begin");
  const std::vector<std::int64_t> first =
      fixed ? op.integers("begin") : std::vector<std::int64_t>(size.size());
  if (op.error()) return {};
  TensorType y{x.element, {}};
  for (std::size_t i = 0; i < size.size(); ++i) {
    const std::int64_t start = first[i];
    const bool inside = start >= 0 && static_cast<std::uint64_t>(start) < x.shape[i];
    const std::uint64_t rest = inside ? x.shape[i] - static_cast<std::uint64_t>(start) : 0;
    const std::uint64_t taken =
        size[i] == -1 && fixed ? rest
                               : static_cast<std::uint64_t>(std::max<std::int64_t>(size[i], 0));
    if (taken < 1 || taken > rest)
      op.reject("size", fmt::format("{}", size[i]), fmt::format("1 to {}", rest));
    y.shape.push_back(taken);
  }
  return {y};
}

Types slice_update(OperationReader& op) {
  TensorType x = op.tensor("x");
  const TensorType update = op.tensor("update");
  const Slice slice = read_slice(op, x.shape);
  if (op.error()) return {};
  std::size_t at = 0;
  bool fits = update.element == x.element;
  for (std::size_t i = 0; i < slice.sizes.size(); ++i) {
    if (slice.squeezed[i]) continue;
    fits = fits && at < update.shape.size() && update.shape[at] <= x.shape[i] &&
           (!slice.sizes[i] || update.shape[at] == *slice.sizes[i]);
    ++at;
  }
  if (!fits || at != update.shape.size())
    op.reject("update", to_text(update), "the shape of the slice of " + to_text(x));
  return {x};
}

Types gather(OperationReader& op) {
  const TensorType x = op.tensor("x");
  const TensorType indices = op.tensor("indices");
  const std::size_t axis = dimension(op, "axis", op.integer("axis"), x.shape.size());
  if (op.has("batch_dims") && op.integer("batch_dims") != 0)
    op.reject("batch_dims", "another number", "0");
  if (op.has("validate_indices")) op.boolean("validate_indices");
  if (x.shape.empty()) op.reject("x", to_text(x), "a dimension to gather from");
  if (op.error()) return {};
  TensorType y{x.element, {x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis)}};
  y.shape.insert(y.shape.end(), indices.shape.begin(), indices.shape.end());
  y.shape.insert(y.shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
                 x.shape.end());
  return {y};
}

Types tile(OperationReader& op) {
  TensorType x = op.tensor("x");
  const std::vector<std::int64_t> reps = op.integers("reps");
  if (reps.size() != x.shape.size()) {
    op.reject("reps", fmt::format("{} integers", reps.size()), fmt::format("{}", x.shape.size()));
    return {};
  }
  for (std::size_t i = 0; i < reps.size(); ++i) {
    if (reps[i] < 1) op.reject("reps", fmt::format("{}", reps[i]), "1 or more");
    x.shape[i] *= static_cast<std::uint64_t>(std::max<std::int64_t>(reps[i], 1));
  }
  return {x};
}

Types read_state(OperationReader& op) { return {op.state_type("input")}; }

Types write_state(OperationReader& op) {
  const TensorType state = op.state_type("input");
  const TensorType written = op.tensor("data");
  if (written != state) op.reject("data", to_text(written), to_text(state));
  return {};
}

Types constant(OperationReader& op) { return {op.attribute("val").type}; }

bool is_byte(DataType type) { return type == DataType::kInt8 || type == DataType::kUint8; }

// scale (q - zero_point), one of both for all, or for each index of one axis.
Types constexpr_affine_dequantize(OperationReader& op) {
  const TensorType quantized = op.attribute("quantized_data").type;
  const TensorType zero_point = op.attribute("zero_point").type;
  const TensorType scale = op.attribute("scale").type;
  const auto axes = integers_of(op.attribute("axis"));
  if (!is_byte(quantized.element)) op.reject("quantized_data", to_text(quantized), "int8 or uint8");
  if (!is_float(scale.element)) op.reject("scale", to_text(scale), "fp16 or fp32");
  if (!axes || axes->size() != 1) op.reject("axis", "something else", "an integer");
  if (op.error()) return {};
  const std::size_t axis = dimension(op, "axis", axes->front(), quantized.shape.size());
  if (op.error()) return {};
  for (const TensorType* type : {&zero_point, &scale}) {
    if (!type->shape.empty() && type->shape != Shape{quantized.shape[axis]})
      op.reject("scale", to_text(*type),
                fmt::format("one, or {} along the axis", quantized.shape[axis]));
  }
  if (zero_point.element != quantized.element && zero_point.element != DataType::kFp32)
    op.reject("zero_point", to_text(zero_point), std::string(to_text(quantized.element)));
  return {{scale.element, quantized.shape}};
}

// data, less the offset, times a scale for each block of every dimension; all of them constants.
Types constexpr_blockwise_shift_scale(OperationReader& op) {
  const TensorType quantized = op.constant("data").type;
  const TensorType scale = op.constant("scale").type;
  if (!is_byte(quantized.element) && !is_float(quantized.element))
    op.reject("data", to_text(quantized), "int8, uint8 or floats");
  if (!is_float(scale.element)) op.reject("scale", to_text(scale), "fp16 or fp32");
  bool fits = scale.shape.size() == quantized.shape.size() && !scale.shape.empty();
  for (std::size_t i = 0; fits && i < scale.shape.size(); ++i)
    fits = scale.shape[i] != 0 && quantized.shape[i] % scale.shape[i] == 0;
  if (!fits) op.reject("scale", to_text(scale), "blocks of " + to_text(quantized));
  if (op.has("offset")) {
    const TensorType offset = op.constant("offset").type;
    if (offset.shape != scale.shape) op.reject("offset", to_text(offset), "the shape of scale");
    if (offset.element != quantized.element)
      op.reject("offset", to_text(offset), fmt::format("{} as data", to_text(quantized.element)));
  }
  return {{scale.element, quantized.shape}};
}

using Infer = Types (*)(OperationReader& op);

const std::map<std::string_view, Infer>& known_operations() {
  static const std::map<std::string_view, Infer> kKnown = {
      {"abs", same_as_x},
      {"add", binary},
      {"cast", cast},
      {"clip", clip},
      {"concat", concat},
      {"const", constant},
      {"constexpr_affine_dequantize", constexpr_affine_dequantize},
      {"constexpr_blockwise_shift_scale", constexpr_blockwise_shift_scale},
      {"conv", conv},
      {"cos", float_unary},
      {"equal", comparison},
      {"exp", float_unary},
      {"expand_dims", expand_dims},
      {"gather", gather},
      {"greater", comparison},
      {"greater_equal", comparison},
      {"identity", same_as_x},
      {"inverse", unary_with_epsilon},
      {"layer_norm", layer_norm},
      {"less", comparison},
      {"less_equal", comparison},
      {"linear", linear},
      {"log", unary_with_epsilon},
      {"matmul", matmul},
      {"maximum", binary},
      {"minimum", binary},
      {"mul", binary},
      {"not_equal", comparison},
      {"pow", binary},
      {"read_state", read_state},
      {"real_div", binary},
      {"reduce_argmax", reduce_argmax},
      {"reduce_l2_norm", reduction},
      {"reduce_max", reduction},
      {"reduce_mean", reduction},
      {"reduce_min", reduction},
      {"reduce_sum", reduction},
      {"reduce_sum_square", reduction},
      {"relu", float_unary},
      {"reshape", reshape},
      {"rsqrt", unary_with_epsilon},
      {"scaled_dot_product_attention", scaled_dot_product_attention},
      {"select", select},
      {"sigmoid", float_unary},
      {"silu", float_unary},
      {"sin", float_unary},
      {"slice_by_index", slice_by_index},
      {"slice_by_size", slice_by_size},
      {"slice_update", slice_update},
      {"softmax", softmax},
      {"split", split},
      {"sqrt", float_unary},
      {"square", same_as_x},
      {"squeeze", squeeze},
      {"stack", stack},
      {"sub", binary},
      {"tanh", float_unary},
      {"tile", tile},
      {"transpose", transpose},
      {"write_state", write_state},
  };
  return kKnown;
}

std::string named(const Operation& operation) {
  return fmt::format("{} {}", one_line(operation.type), quote(operation.name));
}

// Adds what an operation defines to what is known.
Result<void> define(const Operation& operation, Scope& scope) {
  const Result<Types> types = infer_types(operation, scope);
  if (!types) return fail(types.error());
  if (types->size() != operation.outputs.size()) {
    return invalid_input(fmt::format("{}: found {} outputs, want {}", named(operation),
                                     operation.outputs.size(), types->size()));
  }
  for (std::size_t i = 0; i < types->size(); ++i) {
    const auto& [name, type] = operation.outputs[i];
    if (name.empty())
      return invalid_input(fmt::format("{}: found an output without a name", named(operation)));
    if (type != (*types)[i]) {
      return invalid_input(fmt::format("{}: output {}: found {}, want {}", named(operation),
                                       quote(name), to_text(type), to_text((*types)[i])));
    }
    const Value* constant =
        operation.type == "const" ? &operation.attributes.find("val")->second : nullptr;
    if (!scope.emplace(name, Known{.type = type, .constant = constant}).second) {
      return invalid_input(
          fmt::format("{}: found the name {} a second time", named(operation), quote(name)));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<TensorType>> infer_types(const Operation& operation, const Scope& scope) {
  const auto known = known_operations().find(operation.type);
  OperationReader reader(operation, scope);
  if (known == known_operations().end()) {
    return invalid_input(fmt::format("operation {}: found the type {}, which is not known",
                                     quote(operation.name), quote(operation.type)));
  }
  Types types = known->second(reader);
  reader.reject_unread();
  if (reader.error()) return fail(*reader.error());
  return types;
}

Result<void> check_types(const Program& program) {
  Scope scope;
  const auto declare = [&](const std::vector<NamedType>& names, bool is_state) -> Result<void> {
    for (const auto& [name, type] : names) {
      if (name.empty()) return invalid_input("input '': found no name, want one");
      if (!scope.emplace(name, Known{.type = type, .is_state = is_state}).second)
        return invalid_input(fmt::format("input {}: found the name a second time", quote(name)));
    }
    return {};
  };
  if (auto declared = declare(program.inputs, false); !declared) return declared;
  if (auto declared = declare(program.states, true); !declared) return declared;
  for (const Operation& operation : program.operations) {
    if (auto defined = define(operation, scope); !defined) return defined;
  }
  for (const auto& [name, type] : program.outputs) {
    const auto found = scope.find(name);
    if (found == scope.end() || found->second.is_state || found->second.type != type) {
      return invalid_input(
          fmt::format("output {}: found {}, want {}", quote(name),
                      found == scope.end() ? "nothing of that name" : to_text(found->second.type),
                      to_text(type)));
    }
  }
  return {};
}

}  // namespace fusesweep
