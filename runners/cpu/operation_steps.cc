#include "runners/cpu/operation_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "runners/cpu/walk.h"
#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

using Shape = std::vector<std::uint64_t>;

// Work worth a chunk of its own: some 10 to 50 microseconds.
constexpr std::size_t kWeightBytesPerChunk = 128 << 10;
constexpr std::size_t kProductsPerChunk = 64 << 10;
constexpr std::size_t kElementsPerChunk = 16 << 10;

std::size_t chunks_of(std::size_t count, std::size_t size) { return (count + size - 1) / size; }

// The step of each dimension of a tensor that is broadcast to `shape`.
std::vector<std::ptrdiff_t> broadcast_steps(const Shape& from, const Shape& shape) {
  std::vector<std::ptrdiff_t> steps(shape.size() - from.size(), 0);
  const std::vector<std::ptrdiff_t> own = steps_of(from);
  steps.insert(steps.end(), own.begin(), own.end());
  return steps;
}

// Whether all are finite as fp16.
bool fit_halves(const float* values, std::size_t count) {
  constexpr float kBeyond = 65520;  // rounds to infinity
  return std::all_of(values, values + count, [](float x) { return std::abs(x) < kBeyond; });
}

Failure other_state(const TensorType& type) {
  return invalid_input(fmt::format("found a state of {}, want one of fp16", to_text(type.element)));
}

struct WrittenPosition {
  std::size_t position = 0;
  std::size_t token = 0;
};

// Which positions a mask [S, T] writes with which token. False when it is anything but 0 and 1 with at
// most one 1 for a position.
bool read_mask(const float* mask, std::size_t positions, std::size_t tokens,
               std::vector<WrittenPosition>& written) {
  written.clear();
  for (std::size_t i = 0; i < positions * tokens; ++i) {
    if (mask[i] == 0) continue;
    const WrittenPosition next{i / tokens, i % tokens};
    if (mask[i] != 1 || (!written.empty() && written.back().position == next.position))
      return false;
    written.push_back(next);
  }
  return true;
}

}  // namespace

StepMaker::StepMaker(const Package& package, const BufferPlan& plan, const Kernels& kernels,
                     const std::map<std::size_t, CacheUpdate>& updates, StepMemory* memory,
                     ThreadPool* pool)
    : package_(package),
      program_(package.model().program),
      plan_(plan),
      kernels_(kernels),
      updates_(updates),
      memory_(memory),
      pool_(pool),
      constants_(program_) {
  for (const Operation& source : program_.operations) {
    if (!is_compute(source)) sources_[source.outputs.front().name] = &source;
    for (const NamedType& result : source.outputs) makers_[result.name] = &source;
  }
  for (const auto& [index, update] : updates) {
    done_writes_[update.write] = index;
    if (update.form != CacheUpdate::Form::kMask) continue;
    for (const std::size_t part : {update.keep, update.product}) parts_[part] = index;
  }
}

ChosenStep StepMaker::make(std::size_t index) {
  index_ = index;
  operation_ = &program_.operations[index];
  for (const NamedType& result : operation().outputs) {
    if (result.type.element != DataType::kFp16 && result.type.element != DataType::kInt32) {
      return {.place = "none",
              .reason = fmt::format("found {}, want fp16 or int32", to_text(result.type))};
    }
  }
  Chosen chosen = make_any();
  if (chosen) return *std::move(chosen);
  return {.place = "none", .implementation = {}, .reason = chosen.error().message};
}

StepMaker::Operand StepMaker::located(const PlacedTensor& tensor) {
  if (memory_ == nullptr) return {tensor.type, nullptr, tensor.is_half};
  const Block& block = plan_.blocks[tensor.block];
  std::byte* base = nullptr;
  switch (block.kind) {
    case Block::Kind::kInput:
      base = memory_->input_bytes.data();
      break;
    case Block::Kind::kState:
      base = memory_->states->bytes.data();
      break;
    case Block::Kind::kScratch:
      base = memory_->scratch_bytes.data();
      break;
  }
  return {tensor.type, base + block.offset + tensor.offset, tensor.is_half};
}

StepMaker::Operand StepMaker::operand(const Argument& argument) {
  if (const Value* value = constants_.find(argument)) {
    std::byte*& bytes = placed_constants_[value];
    if (bytes == nullptr && memory_ != nullptr) {
      if (value->type.element == DataType::kFp16) {
        auto& floats = memory_->float_constants.emplace_back(numbers_of_constant(package_, *value));
        bytes = reinterpret_cast<std::byte*>(floats.data());
      } else {
        bytes = memory_->integer_constants.emplace_back(bytes_of_constant(package_, *value)).data();
      }
    }
    return {value->type, bytes};
  }
  const auto& name = std::get<std::string>(argument);
  const auto found = plan_.tensors.find(name);
  if (found != plan_.tensors.end()) return located(found->second);
  // A constexpr operation's output that is no convolution's weight: an empty operand of its type, which
  // nobody takes for a tensor in memory.
  return {{DataType::kString, sources_.at(name)->outputs.front().type.shape}};
}

StepMaker::Operand StepMaker::operand(const char* parameter) {
  return operand(operation().inputs.at(parameter).front());
}

StepMaker::Operand StepMaker::output(std::size_t index) {
  return located(plan_.tensors.find(operation().outputs[index].name)->second);
}

StepMaker::Operand StepMaker::state(const std::string& name) {
  return located(plan_.states.find(name)->second);
}

bool StepMaker::is_alias() const {
  return plan_.tensors.find(operation().outputs.front().name)->second.is_alias;
}

// The residual stream: a convolution's output added to something. It is what passes from shard to
// shard, so it is fp16 everywhere, and where a model is cut changes no bit.
bool StepMaker::is_residual_sum() const {
  for (const char* parameter : {"x", "y"}) {
    const auto* name = std::get_if<std::string>(&operation().inputs.at(parameter).front());
    const auto maker = name == nullptr ? makers_.end() : makers_.find(*name);
    if (maker != makers_.end() && maker->second->type == "conv") return true;
  }
  return false;
}

std::vector<std::int64_t> StepMaker::integers(const char* parameter) const {
  const Value* value = constants_.find(operation(), parameter);
  if (value == nullptr) return {};
  if (auto known = integers_of(*value)) return *std::move(known);
  std::vector<std::int64_t> read;  // they lie in the weight file
  const std::vector<std::byte> bytes = bytes_of_constant(package_, *value);
  const std::size_t size = element_bytes(value->type.element);
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    std::int32_t integer = 0;
    std::memcpy(&integer, &bytes[at], std::min(size, sizeof integer));
    if (size == 2 && value->type.element == DataType::kInt16)
      integer = static_cast<std::int16_t>(integer);
    read.push_back(integer);
  }
  return read;
}

float StepMaker::number(const char* parameter) const {
  const Value* value = constants_.find(operation(), parameter);
  const auto floats = value == nullptr ? std::nullopt : floats_of(*value);
  return floats && !floats->empty() ? floats->front() : 0.0F;
}

bool StepMaker::flag(const char* parameter) const {
  const std::vector<std::int64_t> value = integers(parameter);
  return !value.empty() && value.front() != 0;
}

std::string StepMaker::place() const { return &kernels_ == &ref_kernels() ? "ref" : "vector"; }

ChosenStep StepMaker::kernel(std::string_view name, Step step) const {
  return {.place = place(),
          .implementation = fmt::format("{}.{}", name, kernels_.name),
          .reason = {},
          .step = memory_ == nullptr ? Step() : std::move(step)};
}

ChosenStep StepMaker::copy(Step step) const {
  return {.place = place(),
          .implementation = is_alias() ? "alias" : "copy",
          .reason = {},
          .step = memory_ == nullptr || is_alias() ? Step() : std::move(step)};
}

// Work that the threads share; `before` runs first, on the caller's.
ChosenStep StepMaker::share(std::string_view name, std::size_t chunks, ThreadPool::Work work,
                            Step before) {
  if (memory_ == nullptr) return kernel(name, {});
  const ThreadPool::Work& kept = memory_->shared_work.emplace_back(std::move(work));
  return kernel(name, [&kept, chunks, pool = pool_, before = std::move(before)] {
    if (before) before();
    pool->run(chunks, kept);
  });
}

StepMaker::Chosen StepMaker::make_any() {
  using Make = Chosen (*)(StepMaker & maker);
  static const std::map<std::string_view, Make> kMakers = {
      {"abs", [](StepMaker& m) { return m.make_unary(UnaryKind::kAbs); }},
      {"add", [](StepMaker& m) { return m.make_binary(BinaryKind::kAdd); }},
      {"concat", [](StepMaker& m) { return m.make_concat(); }},
      {"conv", [](StepMaker& m) { return m.make_convolution(); }},
      {"exp", [](StepMaker& m) { return m.make_unary(UnaryKind::kExp); }},
      {"expand_dims", [](StepMaker& m) { return m.make_reshape(); }},
      {"identity", [](StepMaker& m) { return m.make_reshape(); }},
      {"inverse", [](StepMaker& m) { return m.make_unary(UnaryKind::kInverse); }},
      {"matmul", [](StepMaker& m) { return m.make_matmul(); }},
      {"maximum", [](StepMaker& m) { return m.make_binary(BinaryKind::kMaximum); }},
      {"minimum", [](StepMaker& m) { return m.make_binary(BinaryKind::kMinimum); }},
      {"mul", [](StepMaker& m) { return m.make_binary(BinaryKind::kMul); }},
      {"read_state", [](StepMaker& m) { return m.make_read_state(); }},
      {"real_div", [](StepMaker& m) { return m.make_binary(BinaryKind::kDiv); }},
      {"reduce_max", [](StepMaker& m) { return m.make_reduction(ReduceKind::kMax, false); }},
      {"reduce_mean", [](StepMaker& m) { return m.make_reduction(ReduceKind::kSum, true); }},
      {"reduce_sum", [](StepMaker& m) { return m.make_reduction(ReduceKind::kSum, false); }},
      {"relu", [](StepMaker& m) { return m.make_unary(UnaryKind::kRelu); }},
      {"reshape", [](StepMaker& m) { return m.make_reshape(); }},
      {"rsqrt", [](StepMaker& m) { return m.make_unary(UnaryKind::kRsqrt); }},
      {"sigmoid", [](StepMaker& m) { return m.make_unary(UnaryKind::kSigmoid); }},
      {"silu", [](StepMaker& m) { return m.make_unary(UnaryKind::kSilu); }},
      {"slice_by_index", [](StepMaker& m) { return m.make_slice(); }},
      {"slice_by_size", [](StepMaker& m) { return m.make_slice(); }},
      {"slice_update", [](StepMaker& m) { return m.make_slice_update(); }},
      {"softmax", [](StepMaker& m) { return m.make_softmax(); }},
      {"split", [](StepMaker& m) { return m.make_split(); }},
      {"sqrt", [](StepMaker& m) { return m.make_unary(UnaryKind::kSqrt); }},
      {"square", [](StepMaker& m) { return m.make_unary(UnaryKind::kSquare); }},
      {"squeeze", [](StepMaker& m) { return m.make_reshape(); }},
      {"sub", [](StepMaker& m) { return m.make_binary(BinaryKind::kSub); }},
      {"tile", [](StepMaker& m) { return m.make_tile(); }},
      {"transpose", [](StepMaker& m) { return m.make_transpose(); }},
      {"write_state", [](StepMaker& m) { return m.make_write_state(); }},
  };
  const auto maker = kMakers.find(operation().type);
  if (maker == kMakers.end())
    return invalid_input(fmt::format("no implementation of {}", one_line(operation().type)));
  for (const auto& [parameter, arguments] : operation().inputs) {
    for (const Argument& argument : arguments) {
      const auto* name = std::get_if<std::string>(&argument);
      const auto source = name == nullptr ? sources_.end() : sources_.find(*name);
      if (source != sources_.end() && source->second->type != "const" &&
          operation().type != "conv") {
        return invalid_input(
            fmt::format("{}: found a quantized constant, want one of fp16", one_line(parameter)));
      }
    }
  }
  if (const auto part = parts_.find(index_); part != parts_.end()) {
    ChosenStep chosen = kernel("masked_update", {});
    chosen.done_with = part->second;
    return chosen;
  }
  if (const auto update = updates_.find(index_);
      update != updates_.end() && update->second.form == CacheUpdate::Form::kMask)
    return make_masked_update(update->second);
  return maker->second(*this);
}

// A 1x1 convolution is a product of a matrix with the channels of each position.
StepMaker::Chosen StepMaker::make_convolution() {
  const auto* weight_name = std::get_if<std::string>(&operation().inputs.at("weight").front());
  const auto source = weight_name == nullptr ? sources_.end() : sources_.find(*weight_name);
  if (source == sources_.end()) return invalid_input("weight: found no constant");
  const Operand x = operand("x");
  const Operand y = output();
  const Shape& kernel_shape = source->second->outputs.front().type.shape;
  const auto is_one = [](auto n) { return n == 1; };
  const std::vector<std::int64_t> strides = integers("strides");
  const std::vector<std::int64_t> groups = integers("groups");
  if (source->second->outputs.front().type.element != DataType::kFp16 ||
      x.type.element != DataType::kFp16)
    return invalid_input("found other elements, want fp16");
  if (x.shape()[0] != 1 || !std::all_of(kernel_shape.begin() + 2, kernel_shape.end(), is_one) ||
      !std::all_of(strides.begin(), strides.end(), is_one) ||
      !std::all_of(groups.begin(), groups.end(), is_one) ||
      y.count() / kernel_shape[0] != x.count() / kernel_shape[1] ||
      operation().inputs.contains("bias"))
    return invalid_input("found another convolution, want 1x1 of one batch without bias");
  const WeightForm form = form_of(*source->second, constants_);
  const std::string_view name = form.is_int8 ? "int8_conv" : "fp16_conv";
  if (memory_ == nullptr) return kernel(name, {});

  const std::size_t tokens = x.count() / form.columns;
  const std::size_t rows_per_chunk =
      std::max<std::size_t>(4, kWeightBytesPerChunk * form.rows / form.bytes / 4 * 4);
  const std::size_t chunks = chunks_of(form.rows, rows_per_chunk);
  const std::span<std::byte> room = memory_->weights.take(form.bytes);
  const std::vector<float>& scales =
      memory_->row_scales.emplace_back(bind_weights(package_, form, constants_, room, *pool_));
  const Kernels& k = kernels_;
  StepMemory& memory = *memory_;
  const auto grow = [](auto& room_of, std::size_t size) {
    room_of.resize(std::max(room_of.size(), size));
  };
  const auto last = [rows = form.rows, rows_per_chunk](std::size_t chunk) {
    return std::min(rows, (chunk + 1) * rows_per_chunk);
  };
  if (!form.is_int8) {
    grow(memory.token_floats, tokens * form.padded);
    const HalfProduct fixed{.weights = reinterpret_cast<const std::uint16_t*>(room.data()),
                            .padded = form.padded,
                            .tokens = tokens,
                            .y = y.floats()};
    return share(
        name, chunks,
        [&memory, &k, fixed, last, rows_per_chunk](std::size_t chunk) {
          HalfProduct product = fixed;
          product.x = memory.token_floats.data();
          k.half_rows(product, chunk * rows_per_chunk, last(chunk));
        },
        [&memory, x, fixed, columns = form.columns] {
          for (std::size_t t = 0; t < fixed.tokens; ++t) {
            float* to = memory.token_floats.data() + t * fixed.padded;
            for (std::size_t i = 0; i < columns; ++i) to[i] = x.floats()[i * fixed.tokens + t];
            std::fill(to + columns, to + fixed.padded, 0.0F);
          }
        });
  }
  const std::size_t blocks = chunks_of(form.columns, kBlock);
  grow(memory.rounded, tokens * form.padded);
  grow(memory.token_scales, tokens * blocks);
  const Int8Product fixed{.weights = reinterpret_cast<const std::int8_t*>(room.data()),
                          .row_scales = scales.data(),
                          .row_scale_step = scales.size() == 1 ? 0U : 1U,
                          .x = {.padded = form.padded, .blocks = blocks},
                          .tokens = tokens,
                          .y = y.floats()};
  return share(
      name, chunks,
      [&memory, &k, fixed, last, rows_per_chunk](std::size_t chunk) {
        Int8Product product = fixed;
        product.x.q = memory.rounded.data();
        product.x.scales = memory.token_scales.data();
        k.int8_rows(product, chunk * rows_per_chunk, last(chunk));
      },
      [&memory, &k, x, fixed, columns = form.columns] {
        for (std::size_t t = 0; t < fixed.tokens; ++t) {
          k.round_token(x.floats() + t, fixed.tokens, columns,
                        memory.rounded.data() + t * fixed.x.padded, fixed.x.padded,
                        memory.token_scales.data() + t * fixed.x.blocks);
        }
      });
}

StepMaker::Chosen StepMaker::make_unary(UnaryKind kind) {
  const Operand x = operand("x");
  if (x.type.element != DataType::kFp16) return invalid_input("x: found integers, want fp16");
  // Without an epsilon of its own an operation has the default of the format.
  constexpr float kDefaultEpsilon[] = {1e-4F, 1e-12F};
  float epsilon = kDefaultEpsilon[kind == UnaryKind::kRsqrt ? 1 : 0];
  if (operation().inputs.contains("epsilon")) epsilon = number("epsilon");
  const std::size_t n = x.count();
  return share(operation().type, chunks_of(n, kElementsPerChunk),
               [&k = kernels_, kind, x, y = output(), n, epsilon](std::size_t chunk) {
                 const std::size_t begin = chunk * kElementsPerChunk;
                 k.unary(kind, x.floats() + begin, std::min(n - begin, kElementsPerChunk), epsilon,
                         y.floats() + begin);
               });
}

StepMaker::Chosen StepMaker::make_binary(BinaryKind kind) {
  const Operand x = operand("x");
  const Operand y = operand("y");
  const Operand z = output();
  const bool is_half = z.type.element == DataType::kFp16;
  if (!is_half && kind != BinaryKind::kAdd) return invalid_input("found integers, want fp16");
  const std::vector<std::ptrdiff_t> x_steps = broadcast_steps(x.shape(), z.shape());
  const std::vector<std::ptrdiff_t> y_steps = broadcast_steps(y.shape(), z.shape());
  std::vector<WalkDimension> dimensions;
  for (std::size_t i = 0; i < z.shape().size(); ++i)
    dimensions.push_back({z.shape()[i], {x_steps[i], y_steps[i]}});
  Walk walk(std::move(dimensions));
  const auto x_step = static_cast<std::size_t>(walk.run().step[0]);
  const auto y_step = static_cast<std::size_t>(walk.run().step[1]);
  const std::size_t n = walk.run().size;
  if (x_step > 1 || y_step > 1) return invalid_input("found a shape that is not row-major");
  const Kernels& k = kernels_;
  if (!is_half) {
    return kernel("add", [walk, &k, x, y, z, x_step, y_step, n]() mutable {
      walk.for_each_run([&](std::ptrdiff_t a, std::ptrdiff_t b, std::size_t out) {
        k.add_int32(x.integers() + a, x_step, y.integers() + b, y_step, n, z.integers() + out);
      });
    });
  }
  const bool rounds = kind == BinaryKind::kAdd && is_residual_sum();
  if (walk.is_one_run()) {
    return share(operation().type, chunks_of(n, kElementsPerChunk),
                 [&k, kind, x, y, z, x_step, y_step, n, rounds](std::size_t chunk) {
                   const std::size_t begin = chunk * kElementsPerChunk;
                   const std::size_t count = std::min(n - begin, kElementsPerChunk);
                   float* to = z.floats() + begin;
                   k.binary(kind, x.floats() + begin * x_step, x_step, y.floats() + begin * y_step,
                            y_step, count, to);
                   if (rounds) k.round_to_halves(to, count, to);
                 });
  }
  return kernel(operation().type, [walk, &k, kind, x, y, z, x_step, y_step, n, rounds]() mutable {
    walk.for_each_run([&](std::ptrdiff_t a, std::ptrdiff_t b, std::size_t out) {
      float* to = z.floats() + out;
      k.binary(kind, x.floats() + a, x_step, y.floats() + b, y_step, n, to);
      if (rounds) k.round_to_halves(to, n, to);
    });
  });
}

// Over one axis. The order of the sum is that of a contiguous row, wherever the axis stands.
StepMaker::Chosen StepMaker::make_reduction(ReduceKind kind, bool is_mean) {
  const Operand x = operand("x");
  std::vector<std::int64_t> axes = integers("axes");
  if (x.type.element != DataType::kFp16) return invalid_input("x: found integers, want fp16");
  if (axes.size() != 1) return invalid_input("axes: found several, want one");
  const auto rank = static_cast<std::int64_t>(x.shape().size());
  const auto axis = static_cast<std::ptrdiff_t>(axes[0] < 0 ? axes[0] + rank : axes[0]);
  const auto n = static_cast<std::size_t>(x.shape()[static_cast<std::size_t>(axis)]);
  std::size_t inner = 1;
  for (auto i = static_cast<std::size_t>(axis) + 1; i < x.shape().size(); ++i)
    inner *= x.shape()[i];
  const std::size_t outer = x.count() / n / inner;
  if (memory_ != nullptr && inner > 1)
    memory_->columns.resize(std::max(memory_->columns.size(), n));
  const float divisor = is_mean ? static_cast<float>(n) : 1.0F;
  return kernel(operation().type,
                [&k = kernels_, kind, x, y = output(), n, inner, outer, divisor, memory = memory_] {
                  for (std::size_t o = 0; o < outer; ++o) {
                    for (std::size_t i = 0; i < inner; ++i) {
                      const float* from = x.floats() + o * n * inner + i;
                      if (inner > 1) {
                        for (std::size_t j = 0; j < n; ++j) memory->columns[j] = from[j * inner];
                        from = memory->columns.data();
                      }
                      y.floats()[o * inner + i] = k.reduce(kind, from, n) / divisor;
                    }
                  }
                });
}

StepMaker::Chosen StepMaker::make_softmax() {
  const Operand x = operand("x");
  const std::int64_t axis = integers("axis").front();
  const auto rank = static_cast<std::int64_t>(x.shape().size());
  if (axis != -1 && axis != rank - 1) return invalid_input("axis: found another, want the last");
  const std::size_t n = x.shape().back();
  const std::size_t rows = x.count() / n;
  const std::size_t per_chunk = std::max<std::size_t>(1, kElementsPerChunk / 8 / n);
  return share("softmax", chunks_of(rows, per_chunk),
               [&k = kernels_, x, y = output(), n, rows, per_chunk](std::size_t chunk) {
                 for (std::size_t row = chunk * per_chunk;
                      row < std::min(rows, (chunk + 1) * per_chunk); ++row)
                   k.softmax(x.floats() + row * n, n, y.floats() + row * n);
               });
}

// Row by row of x: with y transposed as dot products, else as a sum of y's rows.
StepMaker::Chosen StepMaker::make_matmul() {
  const Operand x = operand("x");
  const Operand y = operand("y");
  const Operand z = output();
  if (z.type.element != DataType::kFp16) return invalid_input("x: found integers, want fp16");
  if (flag("transpose_x")) return invalid_input("transpose_x: found true, want false");
  const bool by_dots = flag("transpose_y");
  if (x.shape().size() < 2 || y.shape().size() < 2 || z.shape().size() < 2)
    return invalid_input("found a vector, want matrices");
  if (memory_ == nullptr) return kernel("matmul", {});
  const std::size_t inner = x.shape().back();
  const std::size_t rows = z.shape()[z.shape().size() - 2];
  const std::size_t columns = z.shape().back();
  const Shape batch(z.shape().begin(), z.shape().end() - 2);
  const std::size_t batches = element_count(batch);
  // Where the matrices of each batch begin.
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> begins(batches);
  const auto batch_steps = [&](const Shape& shape) {
    const Shape own(shape.begin(), shape.end() - 2);
    std::vector<std::ptrdiff_t> steps = broadcast_steps(own, batch);
    for (std::ptrdiff_t& step : steps)
      step *= static_cast<std::ptrdiff_t>(shape.back() * shape[shape.size() - 2]);
    return steps;
  };
  const std::vector<std::ptrdiff_t> x_steps = batch_steps(x.shape());
  const std::vector<std::ptrdiff_t> y_steps = batch_steps(y.shape());
  std::vector<std::uint64_t> index(batch.size());
  for (auto& [x_begin, y_begin] : begins) {
    for (std::size_t d = 0; d < batch.size(); ++d) {
      x_begin += static_cast<std::ptrdiff_t>(index[d]) * x_steps[d];
      y_begin += static_cast<std::ptrdiff_t>(index[d]) * y_steps[d];
    }
    for (std::size_t d = batch.size(); d-- > 0;) {
      if (++index[d] < batch[d]) break;
      index[d] = 0;
    }
  }
  const std::size_t all = batches * rows;
  const std::size_t per_chunk =
      std::max<std::size_t>(1, kProductsPerChunk / std::max<std::size_t>(1, inner * columns));
  return share("matmul", chunks_of(all, per_chunk),
               [&k = kernels_, x, y, z, begins = std::move(begins), inner, rows, columns, all,
                per_chunk, by_dots](std::size_t chunk) {
                 for (std::size_t r = chunk * per_chunk; r < std::min(all, (chunk + 1) * per_chunk);
                      ++r) {
                   const auto& [x_begin, y_begin] = begins[r / rows];
                   const float* row = x.floats() + x_begin + r % rows * inner;
                   float* to = z.floats() + r * columns;
                   if (y.is_half) {
                     const auto product = by_dots ? k.dot_half_rows : k.weighted_half_rows;
                     product(row, y.halves() + y_begin, by_dots ? columns : inner,
                             by_dots ? inner : columns, to);
                   } else {
                     const auto product = by_dots ? k.dot_rows : k.weighted_rows;
                     product(row, y.floats() + y_begin, by_dots ? columns : inner,
                             by_dots ? inner : columns, to);
                   }
                 }
               });
}

StepMaker::Chosen StepMaker::make_concat() {
  const Operand z = output();
  const std::int64_t stated = integers("axis").front();
  const auto rank = static_cast<std::int64_t>(z.shape().size());
  const auto axis = static_cast<std::size_t>(stated < 0 ? stated + rank : stated);
  if (flag("interleave")) return invalid_input("interleave: found true, want false");
  std::size_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= z.shape()[i];
  struct Part {
    const std::byte* from;
    std::size_t bytes;  // of each outer index
  };
  std::vector<Part> parts;
  for (const Argument& argument : operation().inputs.at("values")) {
    const Operand value = operand(argument);
    parts.push_back({value.bytes, memory_bytes(value.type) / outer});
  }
  return copy([parts = std::move(parts), outer, z] {
    std::byte* to = z.bytes;
    for (std::size_t o = 0; o < outer; ++o) {
      for (const Part& part : parts) {
        std::memcpy(to, part.from + o * part.bytes, part.bytes);
        to += part.bytes;
      }
    }
  });
}

// An alias, unless x is a constant.
StepMaker::Chosen StepMaker::make_reshape() {
  return copy(
      [x = operand("x"), y = output()] { std::memcpy(y.bytes, x.bytes, memory_bytes(y.type)); });
}

StepMaker::Chosen StepMaker::make_split() {
  const Operand x = operand("x");
  const std::int64_t stated = integers("axis").front();
  const auto rank = static_cast<std::int64_t>(x.shape().size());
  const auto axis = static_cast<std::size_t>(stated < 0 ? stated + rank : stated);
  std::size_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= x.shape()[i];
  struct Part {
    std::byte* to;
    std::size_t bytes;
  };
  std::vector<Part> parts;
  for (std::size_t i = 0; i < operation().outputs.size(); ++i) {
    const Operand part = output(i);
    parts.push_back({part.bytes, memory_bytes(part.type) / outer});
  }
  return copy([parts = std::move(parts), outer, x] {
    const std::byte* from = x.bytes;
    for (std::size_t o = 0; o < outer; ++o) {
      for (const Part& part : parts) {
        std::memcpy(part.to + o * part.bytes, from, part.bytes);
        from += part.bytes;
      }
    }
  });
}

// The output, in order, from steps in the only input.
StepMaker::Chosen StepMaker::make_walked_copy(std::vector<WalkDimension> dimensions,
                                              std::ptrdiff_t begin) {
  const Operand x = operand("x");
  const Operand y = output();
  Walk walk(std::move(dimensions));
  return copy([walk, x, y, begin]() mutable {
    const std::ptrdiff_t step = walk.run().step[0];
    const std::size_t n = walk.run().size;
    walk.for_each_run([&](std::ptrdiff_t from, std::ptrdiff_t, std::size_t out) {
      // Integers are as wide as floats, and a copy does not look at them.
      const std::int32_t* source = x.integers() + begin + from;
      std::int32_t* to = y.integers() + out;
      if (step == 1) {
        std::memcpy(to, source, n * sizeof *to);
      } else {
        for (std::size_t i = 0; i < n; ++i) to[i] = source[static_cast<std::ptrdiff_t>(i) * step];
      }
    });
  });
}

StepMaker::Chosen StepMaker::make_transpose() {
  const Operand x = operand("x");
  const std::vector<std::ptrdiff_t> steps = steps_of(x.shape());
  std::vector<WalkDimension> dimensions;
  for (std::int64_t axis : integers("perm")) {
    if (axis < 0) axis += static_cast<std::int64_t>(steps.size());
    const auto from = static_cast<std::size_t>(axis);
    dimensions.push_back({x.shape()[from], {steps[from], 0}});
  }
  return make_walked_copy(std::move(dimensions), 0);
}

StepMaker::Chosen StepMaker::make_tile() {
  const Operand x = operand("x");
  const std::vector<std::ptrdiff_t> steps = steps_of(x.shape());
  const std::vector<std::int64_t> reps = integers("reps");
  std::vector<WalkDimension> dimensions;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    dimensions.push_back({static_cast<std::size_t>(reps[i]), {0, 0}});
    dimensions.push_back({x.shape()[i], {steps[i], 0}});
  }
  return make_walked_copy(std::move(dimensions), 0);
}

// With a begin, and a stride if there is one, that are constant.
StepMaker::Chosen StepMaker::make_slice() {
  const Operand x = operand("x");
  const std::vector<std::int64_t> begins = integers("begin");
  if (begins.size() != x.shape().size())
    return invalid_input("begin: found what only running the program tells, want a constant");
  for (const char* parameter : {"begin_mask", "squeeze_mask"}) {
    const std::vector<std::int64_t> mask = integers(parameter);
    if (std::any_of(mask.begin(), mask.end(), [](std::int64_t set) { return set != 0; }))
      return invalid_input(fmt::format("{}: found true, want false", parameter));
  }
  const std::vector<std::int64_t> strides = integers("stride");
  const std::vector<std::ptrdiff_t> steps = steps_of(x.shape());
  std::ptrdiff_t begin = 0;
  std::vector<WalkDimension> dimensions;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::int64_t at =
        begins[i] < 0 ? begins[i] + static_cast<std::int64_t>(x.shape()[i]) : begins[i];
    const std::int64_t stride = strides.empty() ? 1 : strides[i];
    if (stride < 1) return invalid_input("stride: found one that goes back, want 1 or more");
    begin += static_cast<std::ptrdiff_t>(at) * steps[i];
    dimensions.push_back(
        {output().shape()[i], {steps[i] * static_cast<std::ptrdiff_t>(stride), 0}});
  }
  return make_walked_copy(std::move(dimensions), begin);
}

// Writes `update` into x where begin says, along dimensions that no mask opens.
StepMaker::Chosen StepMaker::make_slice_update() {
  const Operand x = operand("x");
  const Operand update = operand("update");
  const Operand begin = operand("begin");
  const Operand y = output();
  const std::vector<std::int64_t> open = integers("begin_mask");
  const std::vector<std::int64_t> squeeze = integers("squeeze_mask");
  if (std::any_of(squeeze.begin(), squeeze.end(), [](std::int64_t set) { return set != 0; }) ||
      operation().inputs.contains("stride") || begin.type.element != DataType::kInt32 ||
      update.shape().size() != x.shape().size())
    return invalid_input("found strides or dimensions that are taken away, want a plain slice");
  const std::size_t rank = x.shape().size();
  const std::vector<std::ptrdiff_t> steps = steps_of(x.shape());
  std::vector<WalkDimension> dimensions;
  for (std::size_t i = 0; i < rank; ++i) dimensions.push_back({update.shape()[i], {steps[i], 0}});
  Walk walk(std::move(dimensions));
  if (walk.run().step[0] != 1 && walk.run().size != 1)
    return invalid_input("update: found no contiguous rows");
  const bool in_place = is_alias();
  StepMemory* memory = memory_;
  return kernel(in_place ? "cache_rows" : "slice_update", [=, &k = kernels_]() mutable {
    std::ptrdiff_t at = 0;
    for (std::size_t i = 0; i < rank; ++i) {
      const bool from_start = i < open.size() && open[i] != 0;
      std::int64_t position = from_start ? 0 : begin.integers()[i];
      if (position < 0) position += static_cast<std::int64_t>(x.shape()[i]);
      if (position < 0 || static_cast<std::uint64_t>(position) + update.shape()[i] > x.shape()[i]) {
        memory->failure =
            fmt::format("slice_update: found position {} for {} rows, want room in {}",
                        begin.integers()[i], update.shape()[i], x.shape()[i]);
        return;
      }
      at += static_cast<std::ptrdiff_t>(position) * steps[i];
    }
    if (!in_place) std::memcpy(y.bytes, x.bytes, memory_bytes(x.type));
    const std::size_t n = walk.run().size;
    walk.for_each_run([&](std::ptrdiff_t to, std::ptrdiff_t, std::size_t from) {
      if (in_place) {
        k.to_halves(update.floats() + from, n, y.halves() + at + to);
      } else {
        std::memcpy(y.floats() + at + to, update.floats() + from, n * sizeof(float));
      }
    });
  });
}

StepMaker::Chosen StepMaker::make_read_state() {
  const Operand from = state(std::get<std::string>(operation().inputs.at("input").front()));
  if (from.type.element != DataType::kFp16) return other_state(from.type);
  return copy([from, to = output(), &k = kernels_] {
    k.to_floats(from.halves(), to.count(), to.floats());
  });
}

StepMaker::Chosen StepMaker::make_write_state() {
  const Operand to = state(std::get<std::string>(operation().inputs.at("input").front()));
  const Operand from = operand("data");
  if (to.type.element != DataType::kFp16) return other_state(to.type);
  const auto done = done_writes_.find(index_);
  const bool is_done = done != done_writes_.end();
  ChosenStep chosen{
      .place = place(), .implementation = is_done ? "alias" : "copy", .reason = {}, .step = {}};
  if (is_done) chosen.done_with = done->second;
  if (!is_done && memory_ != nullptr)
    chosen.step = [from, to, &k = kernels_] {
      k.to_halves(from.floats(), to.count(), to.halves());
    };
  return chosen;
}

// cache * keep + matmul(mask, rows), with the state written too. Where the mask is of zeros and single
// ones and everything is finite, that is to write some rows: the others are multiplied by 1 and get 0
// added, which changes no bit of them, since a cache never holds -0.
StepMaker::Chosen StepMaker::make_masked_update(const CacheUpdate& update) {
  const Operand cache = state(update.state);
  const Operand rows = operand(Argument(update.rows));
  const Operand mask = operand(Argument(update.mask));
  const std::size_t heads = cache.shape()[1];
  const std::size_t positions = cache.shape()[2];
  const std::size_t width = cache.shape()[3];
  const std::size_t tokens = rows.shape()[2];
  const Kernels& k = kernels_;
  StepMemory* memory = memory_;
  if (memory == nullptr) return kernel("cache_rows", {});
  memory->columns.resize(std::max(memory->columns.size(), 2 * width));

  std::vector<WrittenPosition> written;
  written.reserve(positions);
  // `keep` is 1 - the sum of the mask's row, as the program has it; what it is made of was computed.
  const Operation& mul = program_.operations[update.keep];
  const bool first = std::get<std::string>(mul.inputs.at("x").front()) ==
                     program_.operations[update.read].outputs[0].name;
  const Operand keep = operand(mul.inputs.at(first ? "y" : "x").front());
  return kernel("cache_rows", [=, &k]() mutable {
    const float* from = rows.floats();
    const bool is_plain = read_mask(mask.floats(), positions, tokens, written);
    const bool is_finite = fit_halves(from, rows.count());
    if (is_plain && is_finite && !memory->states->poisoned) {
      for (std::size_t h = 0; h < heads; ++h) {
        for (const auto& [position, token] : written) {
          k.to_halves(from + (h * tokens + token) * width, width,
                      cache.halves() + (h * positions + position) * width);
        }
      }
      return;
    }
    memory->states->poisoned = memory->states->poisoned || !is_finite;
    float* row = memory->columns.data();
    float* sum = row + width;
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t s = 0; s < positions; ++s) {
        std::uint16_t* place = cache.halves() + (h * positions + s) * width;
        k.weighted_rows(mask.floats() + s * tokens, from + h * tokens * width, tokens, width, sum);
        k.to_floats(place, width, row);
        k.binary(BinaryKind::kMul, row, 1, keep.floats() + s, 0, width, row);
        k.binary(BinaryKind::kAdd, row, 1, sum, 1, width, row);
        k.to_halves(row, width, place);
      }
    }
  });
}

}  // namespace fusesweep
