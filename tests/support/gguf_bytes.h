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

// The nano shape as a GGUF file states it, with a vocabulary of 64 to keep it small, and what a test
// changes about it.
struct Stated {
  std::string architecture = "phi3";
  std::uint32_t n_heads = 6;
  std::uint32_t embedding_columns = 384;
  std::string without;  // a key that is left out
  std::vector<std::pair<std::string, std::uint32_t>> also;
  bool output = false;
  bool long_factors = false;
  bool short_factors = false;
};

inline GgufBytes file_that_states(const Stated& stated) {
  std::vector<std::pair<std::string_view, std::vector<std::uint64_t>>> tensors = {
      {"token_embd.weight", {stated.embedding_columns, 64}}};
  if (stated.output) tensors.push_back({"output.weight", {384, 64}});
  if (stated.long_factors) tensors.push_back({"rope_factors_long.weight", {24}});
  if (stated.short_factors) tensors.push_back({"rope_factors_short.weight", {24}});

  std::vector<std::pair<std::string, std::uint32_t>> integers = {
      {"phi3.block_count", 32},
      {"phi3.embedding_length", 384},
      {"phi3.attention.head_count", stated.n_heads},
      {"phi3.attention.head_count_kv", 2},
      {"phi3.feed_forward_length", 1024},
      {"phi3.context_length", 512},
      {"phi3.rope.dimension_count", 48},
      {"phi3.rope.scaling.original_context_length", 256}};
  integers.insert(integers.end(), stated.also.begin(), stated.also.end());
  std::vector<std::pair<std::string, float>> floats = {
      {"phi3.rope.freq_base", 20000.0F},
      {"phi3.attention.layer_norm_rms_epsilon", 0.5F},
      {"phi3.rope.scaling.attn_factor", 1.25F}};
  const auto left_out = [&](const auto& entry) { return entry.first == stated.without; };
  std::erase_if(integers, left_out);
  std::erase_if(floats, left_out);

  GgufBytes file;
  file.header(tensors.size(), 1 + integers.size() + floats.size());
  file.entry_string("general.architecture", stated.architecture);
  for (const auto& [key, value] : integers) file.entry_u32(key, value);
  for (const auto& [key, value] : floats) file.entry_f32(key, value);
  constexpr std::uint64_t kTensorBytes = 131072;  // room for the largest
  std::uint64_t offset = 0;
  for (const auto& [name, shape] : tensors) {
    file.tensor(name, shape, 0, offset);
    offset += kTensorBytes;
  }
  // Every element is 1.
  file.pad();
  for (std::uint64_t i = 0; i < offset / 4; ++i) file.raw(1.0F);
  return file;
}

}  // namespace fusesweep
