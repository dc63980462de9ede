#include "runners/model/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <utility>

#include "harness/base/parallel.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_weights.h"

namespace fusesweep {
namespace {

std::size_t size_of(int count) { return static_cast<std::size_t>(count); }

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

// Eight sums side by side, which a compiler can hold in a vector, added up at the end: always in
// this order.
float dot(std::span<const float> a, std::span<const float> b) {
  std::array<float, 8> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= a.size(); i += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < a.size(); ++i) sums[i % sums.size()] += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

void add(std::span<float> to, std::span<const float> what) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += what[i];
}

void softmax(std::span<float> scores) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  float sum = 0;
  for (float& score : scores) {
    score = std::exp(score - largest);
    sum += score;
  }
  for (float& score : scores) score /= sum;
}

}  // namespace

int greedy_id(std::span<const float> logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

Reference::Reference(const GgufFile& file, const ReferenceOptions& options, Contract contract)
    : file_(file), options_(options), contract_(std::move(contract)) {}

Result<Reference> Reference::open(const GgufFile& file, const ReferenceOptions& options) {
  Result<Contract> contract = read_contract(file);
  if (!contract) return fail(std::move(contract).error());
  if (options.context < 1 || options.context > contract->max_seq_len) {
    return invalid_input(
        fmt::format("context: found {}, want an integer from 1 to {} as the model has it",
                    options.context, contract->max_seq_len));
  }
  if (options.head_shards < 1 || options.head_shards > contract->vocab_size) {
    return invalid_input(fmt::format("head shards: found {}, want an integer from 1 to {}",
                                     options.head_shards, contract->vocab_size));
  }
  Reference reference(file, options, *std::move(contract));
  if (Result<void> found = reference.find_tensors(); !found) return fail(std::move(found).error());
  reference.find_rotation();
  return reference;
}

Result<void> Reference::find_tensors() {
  const Contract& c = contract_;
  Result<void> found;  // the first error is kept
  const auto keep = [&](auto& to, auto result) {
    if (result) {
      to = *std::move(result);
    } else {
      found = fail(std::move(result).error());
    }
  };
  // All rows share a scale, if they share one, unless it is said otherwise.
  const auto matrix = [&](ReferenceMatrix& to, std::string_view name, int rows, int columns,
                          ReferenceWeights weights, int rows_per_scale) {
    if (!found) return;
    const MatrixPart whole{.tensor = name,
                           .rows = size_of(rows),
                           .columns = size_of(columns),
                           .begin = 0,
                           .end = size_of(rows)};
    keep(to,
         ReferenceMatrix::open(file_, whole, weights, size_of(rows_per_scale), options_.threads));
  };
  const auto rounded = [&](ReferenceMatrix& to, std::string_view name, int rows, int columns) {
    matrix(to, name, rows, columns, options_.weights, rows);
  };
  const auto vector = [&](std::vector<float>& to, std::string_view name) {
    if (found) keep(to, read_reference_vector(file_, name, size_of(c.d_model), options_.weights));
  };

  const int d_attention = c.n_heads * c.d_head;
  const int d_qkv = d_attention + 2 * c.n_kv_heads * c.d_head;
  const std::size_t cache = size_of(options_.context) * size_of(c.n_kv_heads) * size_of(c.d_head);
  layers_.resize(size_of(c.n_layers));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const std::string blk = fmt::format("blk.{}.", i);
    vector(layer.attention_norm, blk + "attn_norm.weight");
    rounded(layer.qkv, blk + "attn_qkv.weight", d_qkv, c.d_model);
    rounded(layer.attention_output, blk + "attn_output.weight", c.d_model, d_attention);
    vector(layer.feed_forward_norm, blk + "ffn_norm.weight");
    rounded(layer.gate_up, blk + "ffn_up.weight", 2 * c.d_ff, c.d_model);
    rounded(layer.down, blk + "ffn_down.weight", c.d_model, c.d_ff);
    layer.keys.resize(cache);
    layer.values.resize(cache);
  }
  const bool is_original = options_.weights == ReferenceWeights::kOriginal;
  matrix(embedding_, "token_embd.weight", c.vocab_size, c.d_model,
         is_original ? ReferenceWeights::kOriginal : ReferenceWeights::kFp16, c.vocab_size);
  const int slice = (c.vocab_size + options_.head_shards - 1) / options_.head_shards;
  matrix(head_, c.tied_embeddings ? "token_embd.weight" : "output.weight", c.vocab_size, c.d_model,
         options_.weights, slice);
  vector(output_norm_, "output_norm.weight");
  return found;
}

void Reference::find_rotation() {
  const RopeScaling* scaling = contract_.rope_scaling ? &*contract_.rope_scaling : nullptr;
  const std::size_t pairs = size_of(contract_.rope_dim) / 2;
  for (int position = 0; position < options_.context; ++position) {
    for (std::size_t i = 0; i < pairs; ++i) {
      double frequency = std::pow(static_cast<double>(contract_.rope_freq_base),
                                  -static_cast<double>(i) / static_cast<double>(pairs));
      double length = 1;
      if (scaling != nullptr) {
        const bool is_long = options_.context > scaling->original_max_seq_len;
        frequency /= (is_long ? scaling->long_factors : scaling->short_factors)[i];
        length = scaling->attention_factor;
      }
      cosines_.push_back(static_cast<float>(length * std::cos(position * frequency)));
      sines_.push_back(static_cast<float>(length * std::sin(position * frequency)));
    }
  }
}

// x [n, columns] -> [n, rows].
Result<std::vector<float>> Reference::multiply(const ReferenceMatrix& matrix,
                                               std::span<const float> x) const {
  const std::size_t n = x.size() / matrix.columns();
  std::vector<float> y(n * matrix.rows());
  std::atomic<bool> finite{true};
  parallel_for(matrix.rows(), options_.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> row(matrix.columns());
    for (std::size_t r = begin; r < end; ++r) {
      matrix.read_row(r, row);
      if (!all_finite(row)) finite = false;
      for (std::size_t t = 0; t < n; ++t) {
        y[t * matrix.rows() + r] = dot(row, x.subspan(t * matrix.columns(), matrix.columns()));
      }
    }
  });
  if (!finite) return not_finite(file_, matrix.tensor());
  return y;
}

// RMSNorm of each row: x / sqrt(mean(x^2) + eps) * weight.
std::vector<float> Reference::normalize(std::span<const float> x,
                                        std::span<const float> weight) const {
  std::vector<float> y(x.begin(), x.end());
  for (std::size_t begin = 0; begin < y.size(); begin += weight.size()) {
    const auto row = std::span(y).subspan(begin, weight.size());
    const float mean = dot(row, row) / static_cast<float>(row.size());
    const float factor = 1 / std::sqrt(mean + contract_.rms_norm_eps);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = row[i] * factor * weight[i];
  }
  return y;
}

// Turns element i against element i + rope_dim / 2, for the first rope_dim elements of a head.
void Reference::rotate(std::span<float> head, std::size_t position) const {
  const std::size_t pairs = size_of(contract_.rope_dim) / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    const float cosine = cosines_[position * pairs + i];
    const float sine = sines_[position * pairs + i];
    const float low = head[i];
    const float high = head[i + pairs];
    head[i] = low * cosine - high * sine;
    head[i + pairs] = low * sine + high * cosine;
  }
}

// qkv [n, all queries | all keys | all values] -> [n, n_heads d_head]; query head h attends to the
// keys and values of head h / (n_heads / n_kv_heads).
std::vector<float> Reference::attend(Layer& layer, std::span<float> qkv, std::size_t n) const {
  const std::size_t d_head = size_of(contract_.d_head);
  const std::size_t heads = size_of(contract_.n_heads);
  const std::size_t kv_heads = size_of(contract_.n_kv_heads);
  const std::size_t width = (heads + 2 * kv_heads) * d_head;
  const auto cached = [&](std::vector<float>& cache, std::size_t position, std::size_t kv_head) {
    return std::span(cache).subspan((position * kv_heads + kv_head) * d_head, d_head);
  };
  for (std::size_t t = 0; t < n; ++t) {
    const std::size_t position = position_ + t;
    const auto row = qkv.subspan(t * width, width);
    for (std::size_t h = 0; h < heads + kv_heads; ++h)
      rotate(row.subspan(h * d_head, d_head), position);
    for (std::size_t h = 0; h < kv_heads; ++h) {
      const auto key = row.subspan((heads + h) * d_head, d_head);
      const auto value = row.subspan((heads + kv_heads + h) * d_head, d_head);
      std::copy(key.begin(), key.end(), cached(layer.keys, position, h).begin());
      std::copy(value.begin(), value.end(), cached(layer.values, position, h).begin());
    }
  }

  const float scale = 1 / std::sqrt(static_cast<float>(d_head));
  std::vector<float> out(n * heads * d_head);
  parallel_for(n * heads, options_.threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t t = i / heads;
      const std::size_t h = i % heads;
      const std::size_t kv_head = h / (heads / kv_heads);
      const auto query = qkv.subspan(t * width + h * d_head, d_head);
      std::vector<float> scores(position_ + t + 1);
      for (std::size_t s = 0; s < scores.size(); ++s)
        scores[s] = scale * dot(query, cached(layer.keys, s, kv_head));
      softmax(scores);
      const auto to = std::span(out).subspan(i * d_head, d_head);
      for (std::size_t s = 0; s < scores.size(); ++s) {
        const auto value = cached(layer.values, s, kv_head);
        for (std::size_t d = 0; d < d_head; ++d) to[d] += scores[s] * value[d];
      }
    }
  });
  return out;
}

Result<void> Reference::run_layer(Layer& layer, std::vector<float>& x, std::size_t n) const {
  Result<std::vector<float>> qkv = multiply(layer.qkv, normalize(x, layer.attention_norm));
  if (!qkv) return fail(std::move(qkv).error());
  const Result<std::vector<float>> attention =
      multiply(layer.attention_output, attend(layer, *qkv, n));
  if (!attention) return fail(attention.error());
  add(x, *attention);

  const Result<std::vector<float>> gate_up =
      multiply(layer.gate_up, normalize(x, layer.feed_forward_norm));
  if (!gate_up) return fail(gate_up.error());
  const std::size_t d_ff = size_of(contract_.d_ff);
  std::vector<float> inner(n * d_ff);
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t i = 0; i < d_ff; ++i) {
      const float gate = (*gate_up)[t * 2 * d_ff + i];
      const float up = (*gate_up)[t * 2 * d_ff + d_ff + i];
      inner[t * d_ff + i] = gate / (1 + std::exp(-gate)) * up;  // silu(gate) * up
    }
  }
  const Result<std::vector<float>> down = multiply(layer.down, inner);
  if (!down) return fail(down.error());
  add(x, *down);
  return {};
}

Result<ReferenceOutput> Reference::run(std::span<const int> ids) {
  const std::size_t n = ids.size();
  if (n == 0 || n > size_of(options_.context) - position_) {
    return invalid_input(
        fmt::format("found {} ids, want 1 to {}: the context has {} positions, {} of them used", n,
                    size_of(options_.context) - position_, options_.context, position_));
  }
  std::vector<float> x(n * size_of(contract_.d_model));
  for (std::size_t t = 0; t < n; ++t) {
    if (ids[t] < 0 || ids[t] >= contract_.vocab_size) {
      return invalid_input(fmt::format("found the id {}, want an integer from 0 to {}", ids[t],
                                       contract_.vocab_size - 1));
    }
    embedding_.read_row(size_of(ids[t]),
                        std::span(x).subspan(t * embedding_.columns(), embedding_.columns()));
  }
  if (!all_finite(x)) return not_finite(file_, embedding_.tensor());
  ReferenceOutput output;
  output.hidden.push_back(x);
  for (Layer& layer : layers_) {
    if (Result<void> done = run_layer(layer, x, n); !done) return fail(std::move(done).error());
    output.hidden.push_back(x);
  }
  Result<std::vector<float>> logits = multiply(head_, normalize(x, output_norm_));
  if (!logits) return fail(std::move(logits).error());
  output.logits = *std::move(logits);
  position_ += n;
  return output;
}

}  // namespace fusesweep
