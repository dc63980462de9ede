// GGUF files made byte by byte for tests: right ones, and wrong ones that no writer of ours would
// make.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusesweep {

class GgufBytes {
 public:
  template <typename T>
  GgufBytes& raw(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    bytes_.append(bytes, sizeof(T));
    return *this;
  }
  GgufBytes& raw_text(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  GgufBytes& string(std::string_view text) {
    return raw<std::uint64_t>(text.size()).raw_text(text);
  }

  GgufBytes& header(std::uint64_t tensors, std::uint64_t entries, std::uint32_t version = 3) {
    return raw_text("GGUF").raw(version).raw(tensors).raw(entries);
  }
  GgufBytes& entry_u32(std::string_view key, std::uint32_t value) {
    return string(key).raw<std::uint32_t>(4).raw(value);
  }
  GgufBytes& entry_f32(std::string_view key, float value) {
    return string(key).raw<std::uint32_t>(6).raw(value);
  }
  GgufBytes& entry_string(std::string_view key, std::string_view value) {
    return string(key).raw<std::uint32_t>(8).string(value);
  }
  GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                    std::uint32_t type, std::uint64_t offset) {
    string(name).raw(static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t dimension : shape) raw(dimension);
    return raw(type).raw(offset);
  }
  GgufBytes& pad(std::size_t alignment = 32) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  GgufBytes& zeros(std::size_t count) {
    bytes_.append(count, '\0');
    return *this;
  }

  const std::string& text() const { return bytes_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  std::string bytes_;
};

// The nano shape as a GGUF file says it, with a matrix that has rows but (to stay small) one
// column.
struct Stated {
  std::string architecture = "phi3";
  bool rope_dim = true;
  std::uint32_t n_heads = 6;
  bool output = false;
  bool long_factors = false;
  bool short_factors = false;
};

inline GgufBytes file_that_states(const Stated& stated) {
  std::vector<std::pair<std::string_view, std::vector<std::uint64_t>>> tensors = {
      {"token_embd.weight", {1, 4096}}};
  if (stated.output) tensors.push_back({"output.weight", {1, 4096}});
  if (stated.long_factors) tensors.push_back({"rope_factors_long.weight", {24}});
  if (stated.short_factors) tensors.push_back({"rope_factors_short.weight", {24}});
  GgufBytes file;
  file.header(tensors.size(), stated.rope_dim ? 12 : 11);
  file.entry_string("general.architecture", stated.architecture);
  file.entry_u32("phi3.block_count", 32);
  file.entry_u32("phi3.embedding_length", 384);
  file.entry_u32("phi3.attention.head_count", stated.n_heads);
  file.entry_u32("phi3.attention.head_count_kv", 2);
  file.entry_u32("phi3.feed_forward_length", 1024);
  file.entry_u32("phi3.context_length", 512);
  file.entry_f32("phi3.rope.freq_base", 10000);
  file.entry_f32("phi3.attention.layer_norm_rms_epsilon", 0.5F);
  file.entry_u32("phi3.rope.scaling.original_context_length", 256);
  file.entry_f32("phi3.rope.scaling.attn_factor", 1.25F);
  if (stated.rope_dim) file.entry_u32("phi3.rope.dimension_count", 48);
  std::uint64_t offset = 0;
  for (const auto& [name, shape] : tensors) {
    file.tensor(name, shape, 0, offset);
    offset += 16384;
  }
  // Every element is 1.
  file.pad();
  for (std::uint64_t i = 0; i < offset / 4; ++i) file.raw(1.0F);
  return file;
}

}  // namespace fusesweep
