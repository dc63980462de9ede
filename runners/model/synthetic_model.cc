#include "runners/model/synthetic_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "harness/base/hash.h"
#include "harness/base/new_file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "runners/model/gguf_file.h"
#include "runners/model/gguf_header.h"

namespace fusesweep {
namespace {

constexpr auto kF32 = static_cast<std::uint32_t>(GgmlId::kF32);
constexpr auto kF16 = static_cast<std::uint32_t>(GgmlId::kF16);
constexpr auto kQ8_0 = static_cast<std::uint32_t>(GgmlId::kQ8_0);
constexpr std::uint64_t kQ8Block = 32;
constexpr std::uint64_t kChunkBytes = 16 << 20;  // written, and shared among the threads, at a time

// A sequence of random numbers that can be entered anywhere (SplitMix64: Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t start) : state_(start) {}

  // Nearly normal with mean 0 and variance 1, within +-3.47: the sum of four uniform 16-bit
  // numbers. Only integers and one product, so that every machine gives the same bits (a logarithm
  // would not).
  float next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
    z ^= z >> 31U;
    const auto sum =
        static_cast<int>((z & 0xFFFF) + ((z >> 16U) & 0xFFFF) + ((z >> 32U) & 0xFFFF) + (z >> 48U));
    return static_cast<float>(sum - kMean) * kScale;
  }

 private:
  static constexpr int kMean = 4 * 65535 / 2;
  static constexpr float kScale = 1.0F / 37837.227F;  // sqrt(4 (65536^2 - 1) / 12)

  std::uint64_t state_;
};

// A tensor and how its elements are drawn: mean + deviation * random; or given one by one.
struct Drawn {
  GgufHeader::Tensor tensor;
  float mean = 0;
  float deviation = 0;
  std::vector<float> given;
};

std::uint32_t type_id(SyntheticType type) {
  switch (type) {
    case SyntheticType::kF32:
      return kF32;
    case SyntheticType::kF16:
      return kF16;
    case SyntheticType::kQ8_0:
      return kQ8_0;
  }
  FUSESWEEP_UNREACHABLE();
}

std::uint64_t dimension(int value) { return static_cast<std::uint64_t>(value); }

// The tensors of a phi3 model in the order in which the file holds them. Deviations, with a
// unit-variance input to every matrix: queries, keys, values, gate and up come out with variance 1;
// a layer adds about 0.25 through attention and 0.25 through its feed-forward part to the variance
// of the residual stream, 16 after 32 layers.
std::vector<Drawn> tensors_of(const SyntheticModel& model) {
  const Contract& c = model.contract;
  const std::uint32_t matrix_type = type_id(model.type);
  std::vector<Drawn> drawn;
  const auto matrix = [&](std::string name, int columns, int rows, float deviation) {
    drawn.push_back(
        {{std::move(name), {dimension(columns), dimension(rows)}, matrix_type}, 0, deviation, {}});
  };
  const auto gained = [](float gain, int columns) {
    return gain / std::sqrt(static_cast<float>(columns));
  };
  const auto norm = [&](std::string name) {
    drawn.push_back({{std::move(name), {dimension(c.d_model)}, kF32}, 1, 0.1F, {}});
  };
  const auto factors = [&](std::string name, const std::vector<float>& values) {
    drawn.push_back({{std::move(name), {values.size()}, kF32}, 0, 0, values});
  };
  const float embedding = model.echoes ? 1 : 0.05F;

  matrix("token_embd.weight", c.d_model, c.vocab_size, embedding);
  if (c.rope_scaling) {
    factors("rope_factors_long.weight", c.rope_scaling->long_factors);
    factors("rope_factors_short.weight", c.rope_scaling->short_factors);
  }
  const int d_attention = c.n_heads * c.d_head;
  for (int layer = 0; layer < c.n_layers; ++layer) {
    const std::string blk = fmt::format("blk.{}.", layer);
    norm(blk + "attn_norm.weight");
    matrix(blk + "attn_qkv.weight", c.d_model, d_attention + 2 * c.n_kv_heads * c.d_head,
           gained(1, c.d_model));
    matrix(blk + "attn_output.weight", d_attention, c.d_model, gained(0.5F, d_attention));
    norm(blk + "ffn_norm.weight");
    matrix(blk + "ffn_up.weight", c.d_model, 2 * c.d_ff, gained(1, c.d_model));
    matrix(blk + "ffn_down.weight", c.d_ff, c.d_model, gained(1.4F, c.d_ff));
  }
  norm("output_norm.weight");
  if (!c.tied_embeddings) matrix("output.weight", c.d_model, c.vocab_size, embedding);
  return drawn;
}

GgufHeader header_of(const SyntheticModel& model, const std::vector<Drawn>& drawn) {
  const Contract& c = model.contract;
  const auto u32 = [](int value) { return GgufHeader::Value(static_cast<std::uint32_t>(value)); };
  constexpr std::array<std::uint32_t, 3> kFileTypes = {
      0, 1, 7};  // llama.cpp's numbers for all F32, mostly F16, mostly Q8_0
  GgufHeader header;
  header.metadata = {
      {"general.architecture", "phi3"},
      {"general.name", model.name},
      {"general.file_type", kFileTypes.at(static_cast<std::size_t>(model.type))},
      {"general.quantization_version", std::uint32_t{2}},
      {"phi3.context_length", u32(c.max_seq_len)},
      {"phi3.embedding_length", u32(c.d_model)},
      {"phi3.feed_forward_length", u32(c.d_ff)},
      {"phi3.block_count", u32(c.n_layers)},
      {"phi3.attention.head_count", u32(c.n_heads)},
      {"phi3.attention.head_count_kv", u32(c.n_kv_heads)},
      {"phi3.attention.key_length", u32(c.d_head)},
      {"phi3.attention.value_length", u32(c.d_head)},
      {"phi3.attention.layer_norm_rms_epsilon", c.rms_norm_eps},
      {"phi3.rope.dimension_count", u32(c.rope_dim)},
      {"phi3.rope.freq_base", c.rope_freq_base},
      {"phi3.vocab_size", u32(c.vocab_size)},
      // A vocabulary of ids without texts.
      {"tokenizer.ggml.model", "none"},
  };
  if (c.bos_token_id)
    header.metadata.emplace_back("tokenizer.ggml.bos_token_id", u32(*c.bos_token_id));
  if (c.eos_token_id)
    header.metadata.emplace_back("tokenizer.ggml.eos_token_id", u32(*c.eos_token_id));
  if (c.rope_scaling) {
    header.metadata.emplace_back("phi3.rope.scaling.original_context_length",
                                 u32(c.rope_scaling->original_max_seq_len));
    header.metadata.emplace_back("phi3.rope.scaling.attn_factor", c.rope_scaling->attention_factor);
  }
  for (const Drawn& each : drawn) header.tensors.push_back(each.tensor);
  return header;
}

void put(std::byte*& at, const void* from, std::size_t size) {
  std::memcpy(at, from, size);
  at += size;
}

// ggml's rounding: half d = max|x| / 127, int8 q = x / d to nearest.
void store_q8_0(std::span<const float> row, std::byte* at) {
  for (std::size_t begin = 0; begin < row.size(); begin += kQ8Block) {
    const auto block = row.subspan(begin, kQ8Block);
    float largest = 0;
    for (const float x : block) largest = std::max(largest, std::abs(x));
    const float d = largest / 127;
    const float inverse = d > 0 ? 1 / d : 0;
    const std::uint16_t stored_d = float_to_fp16(d);
    put(at, &stored_d, sizeof(stored_d));
    for (const float x : block) {
      const float scaled = x * inverse;
      const auto q = static_cast<std::int8_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
      put(at, &q, sizeof(q));
    }
  }
}

void store(std::uint32_t type, std::span<const float> row, std::byte* at) {
  if (type == kQ8_0) {
    store_q8_0(row, at);
  } else if (type == kF16) {
    for (const float x : row) {
      const std::uint16_t half = float_to_fp16(x);
      put(at, &half, sizeof(half));
    }
  } else {
    put(at, row.data(), row.size_bytes());
  }
}

// Writes the tensor's rows in order, several at a time; each row has its own random sequence, so
// that it does not matter which thread draws it.
void write_tensor(const Drawn& drawn, const SyntheticModel& model, NewFile& file,
                  Progress& progress) {
  const GgufHeader::Tensor& tensor = drawn.tensor;
  const std::uint64_t columns = tensor.shape[0];
  const std::uint64_t rows = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
  const std::uint64_t row_bytes = stored_bytes(tensor) / rows;
  const std::uint64_t seed = hash64(fmt::format("{} {}", model.seed, tensor.name));
  const std::uint64_t chunk_rows = std::max<std::uint64_t>(1, kChunkBytes / row_bytes);
  std::vector<std::byte> chunk;
  for (std::uint64_t first = 0; first < rows && !file.failed(); first += chunk_rows) {
    const std::uint64_t count = std::min(chunk_rows, rows - first);
    chunk.resize(count * row_bytes);
    parallel_for(count, model.threads, [&](std::size_t begin, std::size_t end) {
      std::vector<float> row = drawn.given;
      row.resize(columns);
      for (std::size_t i = begin; i < end; ++i) {
        // Rows lie 2^40 steps of the sequence apart.
        Random random(seed + ((first + i) << 40U) * 0x9E3779B97F4A7C15);
        if (drawn.given.empty()) {
          for (float& x : row) x = drawn.mean + drawn.deviation * random.next();
        }
        store(tensor.type_id, row, chunk.data() + i * row_bytes);
      }
    });
    file.write(chunk);
    progress.advance(chunk.size());
  }
  const std::uint64_t padding = (kGgufAlignment - file.size() % kGgufAlignment) % kGgufAlignment;
  file.write(std::string(padding, '\0'));
}

Result<void> check_rows(const std::vector<Drawn>& drawn) {
  for (const Drawn& each : drawn) {
    const GgmlType& type = *ggml_type(each.tensor.type_id);
    if (each.tensor.shape[0] % type.block_elements != 0) {
      return invalid_input(fmt::format("{}: found rows of {}, want a multiple of {} for {}",
                                       each.tensor.name, each.tensor.shape[0], type.block_elements,
                                       type.name));
    }
  }
  return {};
}

}  // namespace

Result<SyntheticType> parse_synthetic_type(std::string_view text) {
  if (text == "f32") return SyntheticType::kF32;
  if (text == "f16") return SyntheticType::kF16;
  if (text == "q8_0") return SyntheticType::kQ8_0;
  return invalid_input(fmt::format("found {}, want f32, f16 or q8_0", quote(text)));
}

Result<void> write_synthetic_model(const SyntheticModel& model, const std::filesystem::path& path,
                                   Progress& progress) {
  if (const Result<void> checked = check_contract(model.contract); !checked)
    return fail(checked.error());
  const std::vector<Drawn> drawn = tensors_of(model);
  if (const Result<void> checked = check_rows(drawn); !checked) return fail(checked.error());

  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  std::uint64_t total = 0;
  for (const Drawn& each : drawn) total += stored_bytes(each.tensor);
  progress.begin_stage(fmt::format("writing {}", one_line(path.filename().string())), total);
  file->write(encode(header_of(model, drawn)));
  for (const Drawn& each : drawn) {
    if (file->failed()) break;
    progress.set_item(each.tensor.name);
    write_tensor(each, model, *file, progress);
  }
  return std::move(*file).commit();
}

}  // namespace fusesweep
