#include "runners/mlprogram/shard_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "runners/mlprogram/ml_model.h"

namespace fusesweep {
namespace {

std::uint64_t size_of(int count) { return static_cast<std::uint64_t>(count); }

TensorType fp16(std::vector<std::uint64_t> shape) { return {DataType::kFp16, std::move(shape)}; }

std::vector<std::int32_t> dimensions(const std::vector<int>& sizes) {
  return {sizes.begin(), sizes.end()};
}

// The operation that gives a matrix as fp16; its output may be the weight of a convolution.
std::string add_matrix(ProgramBuilder& builder, const std::string& name,
                       const EncodedMatrix& matrix) {
  switch (matrix.encoding) {
    case Encoding::kFp16:
      return builder.constant(name, matrix.elements);
    case Encoding::kInt8:
    case Encoding::kUint8: {
      const char zero_point = matrix.encoding == Encoding::kInt8 ? '\0' : '\x80';
      Operation operation{.type = "constexpr_affine_dequantize", .name = name};
      operation.attributes = {
          {"quantized_data", matrix.elements},
          {"zero_point", {{matrix.elements.type.element, {}}, std::string(1, zero_point)}},
          {"scale", *matrix.scale},
          {"axis", integer(0)}};
      return builder.add_constexpr(std::move(operation));
    }
    case Encoding::kShiftScaleTensor:
    case Encoding::kShiftScaleChannel: {
      Value scale = *matrix.scale;
      if (scale.type.shape.empty()) scale.type.shape = {1, 1, 1, 1};
      Operation operation{.type = "constexpr_blockwise_shift_scale", .name = name};
      operation.inputs["data"].emplace_back(matrix.elements);
      operation.inputs["scale"].emplace_back(std::move(scale));
      return builder.add_constexpr(std::move(operation));
    }
  }
  FUSESWEEP_UNREACHABLE();
}

std::string add_convolution(ProgramBuilder& builder, const std::string& name, const std::string& x,
                            const EncodedMatrix& matrix) {
  const std::string weight = add_matrix(builder, name + "_weight", matrix);
  return builder.add("conv", name,
                     {{"x", x},
                      {"weight", weight},
                      {"strides", integers({1, 1})},
                      {"pad_type", text("valid")},
                      {"pad", integers({0, 0, 0, 0})},
                      {"dilations", integers({1, 1})},
                      {"groups", integer(1)}});
}

// RMSNorm over the channels: x / sqrt(mean(x^2) + eps) * weight. Squares overflow fp16 beyond 255, so
// x is divided by its largest magnitude c first; with u = x / c the formula is
//   u / sqrt(mean(u^2) + (sqrt(eps) / c)^2) * weight
// for any c, so that neither a tiny c, which is kept from vanishing, nor its rounding matters.
std::string add_norm(ProgramBuilder& b, const std::string& name, const std::string& x,
                     const Value& weight, float eps) {
  constexpr float kSmallest = 0x1p-14F;  // the smallest normal fp16
  const std::string magnitudes = b.add("abs", name + "_abs", {{"x", x}});
  const std::string largest =
      b.add("reduce_max", name + "_max",
            {{"x", magnitudes}, {"axes", integers({1})}, {"keep_dims", truth(true)}});
  const std::string c =
      b.add("maximum", name + "_divisor", {{"x", largest}, {"y", half(kSmallest)}});
  const std::string u = b.add("real_div", name + "_scaled", {{"x", x}, {"y", c}});
  const std::string squares = b.add("square", name + "_squares", {{"x", u}});
  const std::string mean =
      b.add("reduce_mean", name + "_mean",
            {{"x", squares}, {"axes", integers({1})}, {"keep_dims", truth(true)}});
  const std::string inverse = b.add("inverse", name + "_inverse", {{"x", c}, {"epsilon", half(0)}});
  const std::string root_eps =
      b.add("mul", name + "_root_eps", {{"x", inverse}, {"y", half(std::sqrt(eps))}});
  const std::string scaled_eps = b.add("square", name + "_eps", {{"x", root_eps}});
  const std::string sum = b.add("add", name + "_sum", {{"x", mean}, {"y", scaled_eps}});
  const std::string factor = b.add("rsqrt", name + "_rsqrt", {{"x", sum}, {"epsilon", half(0)}});
  const std::string normalized = b.add("mul", name + "_normalized", {{"x", u}, {"y", factor}});
  const std::string constant = b.constant(name + "_weight", weight);
  return b.add("mul", name, {{"x", normalized}, {"y", constant}});
}

}  // namespace

DecoderGraph::DecoderGraph(const Contract& contract, int layers, int tokens, int context,
                           KvForm kv_form)
    : contract_(contract),
      layers_(layers),
      tokens_(tokens),
      context_(context),
      kv_form_(kv_form),
      builder_(std::string(kOpset)) {
  const std::uint64_t t = size_of(tokens);
  const std::uint64_t s = size_of(context);
  const std::uint64_t pairs = size_of(contract.rope_dim) / 2;
  x_ = builder_.input("x", fp16({1, size_of(contract.d_model), t, 1}));
  const std::string rope_cos = builder_.input("rope_cos", fp16({t, pairs}));
  const std::string rope_sin = builder_.input("rope_sin", fp16({t, pairs}));
  mask_ = builder_.input("attn_mask", fp16({1, 1, t, s}));

  // As [1, 1, pairs, T], they fit heads of [1, heads, pairs, T].
  const auto turned = [&](const std::string& table) {
    const std::string columns =
        builder_.add("transpose", table + "_columns", {{"x", table}, {"perm", integers({1, 0})}});
    return builder_.add(
        "reshape", table + "_heads",
        {{"x", columns}, {"shape", integers({1, 1, contract.rope_dim / 2, tokens})}});
  };
  cosines_ = turned(rope_cos);
  sines_ = turned(rope_sin);

  // Query heads that share a key head are rows of one matrix: head by head, in each token by token.
  const int group = contract.n_heads / contract.n_kv_heads;
  if (tokens > 1 && group > 1) {
    mask_ = builder_.add("tile", "attn_mask_rows",
                         {{"x", mask_}, {"reps", integers({1, 1, group, 1})}});
  }

  if (kv_form == KvForm::kMask) {
    write_mask_ = builder_.input("kv_write_mask", fp16({1, 1, s, t}));
    const std::string written =
        builder_.add("reduce_sum", "kv_written",
                     {{"x", write_mask_}, {"axes", integers({-1})}, {"keep_dims", truth(true)}});
    const std::string negative =
        builder_.add("mul", "kv_written_negative", {{"x", written}, {"y", half(-1)}});
    keep_mask_ = builder_.add("add", "kv_kept", {{"x", negative}, {"y", half(1)}});
  } else {
    const std::string pos = builder_.input("pos", {DataType::kInt32, {1}});
    const std::string after =
        builder_.add("add", "pos_after", {{"x", pos}, {"y", integer(tokens)}});
    const std::string before_it = builder_.constant("pos_heads", integers({0, 0}));
    const std::string after_it = builder_.constant("pos_columns", integers({0}));
    const auto index = [&](const std::string& name, const std::string& row) {
      return builder_.add("concat", name,
                          {{"values", std::vector{before_it, row, after_it}},
                           {"axis", integer(0)},
                           {"interleave", truth(false)}});
    };
    begin_ = index("kv_begin", pos);
    end_ = index("kv_end", after);
  }
}

// heads [1, n, d_head, T]: turns element i against element i + rope_dim / 2, for the first rope_dim.
std::string DecoderGraph::rotate(const std::string& name, const std::string& heads) {
  ProgramBuilder& b = builder_;
  const int pairs = contract_.rope_dim / 2;
  std::vector<int> sizes = {pairs, pairs};
  if (contract_.rope_dim < contract_.d_head) sizes.push_back(contract_.d_head - contract_.rope_dim);
  std::vector<std::string> parts = b.add_many(
      "split", name + "_parts",
      {{"x", heads}, {"split_sizes", integers(dimensions(sizes))}, {"axis", integer(2)}});
  const auto times = [&](const char* what, const std::string& x, const std::string& y) {
    return b.add("mul", name + what, {{"x", x}, {"y", y}});
  };
  const std::string low = b.add(
      "sub", name + "_low",
      {{"x", times("_low_cos", parts[0], cosines_)}, {"y", times("_high_sin", parts[1], sines_)}});
  const std::string high = b.add(
      "add", name + "_high",
      {{"x", times("_low_sin", parts[0], sines_)}, {"y", times("_high_cos", parts[1], cosines_)}});
  parts[0] = low;
  parts[1] = high;
  return b.add("concat", name,
               {{"values", parts}, {"axis", integer(2)}, {"interleave", truth(false)}});
}

// rows [1, n_kv_heads, T, d_head] into the cache; gives the cache as it is then.
std::string DecoderGraph::update_cache(const std::string& state, const std::string& name,
                                       const std::string& rows) {
  ProgramBuilder& b = builder_;
  const std::string before = b.add("read_state", name + "_before", {{"input", state}});
  std::string updated;
  if (kv_form_ == KvForm::kMask) {
    const std::string kept = b.add("mul", name + "_kept", {{"x", before}, {"y", keep_mask_}});
    const std::string written = b.add("matmul", name + "_written",
                                      {{"x", write_mask_},
                                       {"y", rows},
                                       {"transpose_x", truth(false)},
                                       {"transpose_y", truth(false)}});
    updated = b.add("add", name + "_updated", {{"x", kept}, {"y", written}});
  } else {
    updated = b.add("slice_update", name + "_updated",
                    {{"x", before},
                     {"update", rows},
                     {"begin", begin_},
                     {"end", end_},
                     {"begin_mask", truths({1, 1, 0, 1})},
                     {"end_mask", truths({1, 1, 0, 1})}});
  }
  b.add_many("write_state", name + "_write", {{"input", state}, {"data", updated}});
  return b.add("read_state", name, {{"input", state}});
}

// qkv [1, (n_heads + 2 n_kv_heads) d_head, T, 1] -> [1, n_heads d_head, T, 1].
std::string DecoderGraph::attend(const std::string& name, const std::string& qkv, int layer) {
  ProgramBuilder& b = builder_;
  const int heads = contract_.n_heads;
  const int kv_heads = contract_.n_kv_heads;
  const int d_head = contract_.d_head;
  const TensorType cache = fp16({1, size_of(kv_heads), size_of(context_), size_of(d_head)});
  const std::string k_state = b.state(fmt::format("layers.{}.k_state", layer), cache);
  const std::string v_state = b.state(fmt::format("layers.{}.v_state", layer), cache);

  const auto reshape = [&](const std::string& to, const std::string& x,
                           std::vector<std::int32_t> shape) {
    return b.add("reshape", to, {{"x", x}, {"shape", integers(std::move(shape))}});
  };
  // Channels are heads of d_head, so [1, n d_head, T, 1] is [1, n, d_head, T] without a move; tokens
  // come before d_head only by a transpose. (To reshape straight to [1, n, T, d_head] mixes tokens
  // with channels, which no test with one token sees.)
  const auto by_token = [&](const std::string& to, const std::string& x) {
    return b.add("transpose", to, {{"x", x}, {"perm", integers({0, 1, 3, 2})}});
  };
  const std::vector<std::string> parts =
      b.add_many("split", name + "_qk_v",
                 {{"x", qkv},
                  {"split_sizes", integers({(heads + kv_heads) * d_head, kv_heads * d_head})},
                  {"axis", integer(1)}});
  const std::string qk_heads =
      reshape(name + "_qk_heads", parts[0], {1, heads + kv_heads, d_head, tokens_});
  const std::string rotated = by_token(name + "_qk_rows", rotate(name + "_rope", qk_heads));
  const std::vector<std::string> q_and_k = b.add_many(
      "split", name + "_q_k",
      {{"x", rotated}, {"split_sizes", integers({heads, kv_heads})}, {"axis", integer(1)}});
  const std::string v_rows = by_token(
      name + "_v_rows", reshape(name + "_v_heads", parts[1], {1, kv_heads, d_head, tokens_}));

  const std::string keys = update_cache(k_state, name + "_keys", q_and_k[1]);
  const std::string values = update_cache(v_state, name + "_values", v_rows);

  // Scaled before the product, which so stays further from fp16's end.
  const float scale = 1 / std::sqrt(static_cast<float>(d_head));
  const std::string q_scaled =
      b.add("mul", name + "_q_scaled", {{"x", q_and_k[0]}, {"y", half(scale)}});
  const int group_rows = heads / kv_heads * tokens_;
  const std::string q = reshape(name + "_q", q_scaled, {1, kv_heads, group_rows, d_head});
  const std::string scores =
      b.add("matmul", name + "_scores",
            {{"x", q}, {"y", keys}, {"transpose_x", truth(false)}, {"transpose_y", truth(true)}});
  const std::string masked = b.add("add", name + "_masked", {{"x", scores}, {"y", mask_}});
  const std::string weights =
      b.add("softmax", name + "_softmax", {{"x", masked}, {"axis", integer(-1)}});
  const std::string mixed = b.add("matmul", name + "_mixed",
                                  {{"x", weights},
                                   {"y", values},
                                   {"transpose_x", truth(false)},
                                   {"transpose_y", truth(false)}});
  const std::string by_head = reshape(name + "_by_head", mixed, {1, heads, tokens_, d_head});
  return reshape(name + "_out", by_token(name + "_columns", by_head),
                 {1, heads * d_head, tokens_, 1});
}

void DecoderGraph::add_layer(const LayerWeights& weights) {
  ProgramBuilder& b = builder_;
  const std::string name = fmt::format("layers_{}_", added_);
  const std::string attention_norm =
      add_norm(b, name + "attention_norm", x_, weights.attention_norm, contract_.rms_norm_eps);
  const std::string qkv = add_convolution(b, name + "qkv", attention_norm, weights.qkv);
  const std::string attention = attend(name + "attention", qkv, added_);
  const std::string output = add_convolution(b, name + "o", attention, weights.attention_output);
  x_ = b.add("add", name + "attention_residual", {{"x", x_}, {"y", output}});

  const std::string feed_forward_norm = add_norm(b, name + "feed_forward_norm", x_,
                                                 weights.feed_forward_norm, contract_.rms_norm_eps);
  const std::string gate_up =
      add_convolution(b, name + "gate_up", feed_forward_norm, weights.gate_up);
  const std::vector<std::string> halves =
      b.add_many("split", name + "gate_and_up",
                 {{"x", gate_up}, {"num_splits", integer(2)}, {"axis", integer(1)}});
  const std::string gate = b.add("silu", name + "silu", {{"x", halves[0]}});
  const std::string inner = b.add("mul", name + "inner", {{"x", gate}, {"y", halves[1]}});
  const std::string down = add_convolution(b, name + "down", inner, weights.down);
  ++added_;
  const std::string residual = name + "residual";
  x_ = b.add("add", residual, {{"x", x_}, {"y", down}}, added_ == layers_ ? "hidden" : residual);
}

Program DecoderGraph::finish() && {
  FUSESWEEP_CHECK(added_ == layers_);
  return std::move(builder_).finish({x_});
}

Program head_graph(const Contract& contract, int tokens, const Value& norm,
                   const EncodedMatrix& rows) {
  ProgramBuilder builder{std::string(kOpset)};
  const std::string hidden =
      builder.input("hidden", fp16({1, size_of(contract.d_model), size_of(tokens), 1}));
  const std::string normalized = add_norm(builder, "norm", hidden, norm, contract.rms_norm_eps);
  const std::string logits = add_convolution(builder, "logits", normalized, rows);
  return std::move(builder).finish({logits});
}

}  // namespace fusesweep
