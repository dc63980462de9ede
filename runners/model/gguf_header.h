// The front of a GGUF file to be: metadata and the table of tensors, as bytes. Who writes the file
// appends the tensors' bytes, each padded to kGgufAlignment.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fusesweep {

inline constexpr std::uint64_t kGgufAlignment = 32;

struct GgufHeader {
  using Value = std::variant<std::uint32_t, float, std::string>;
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> shape;  // ggml's order: the first dimension is contiguous
    std::uint32_t type_id = 0;         // of a type that ggml_type() knows
  };

  std::vector<std::pair<std::string, Value>> metadata;
  std::vector<Tensor> tensors;
};

// REQUIRES: rows of whole blocks.
std::uint64_t stored_bytes(const GgufHeader::Tensor& tensor);

// Version 3, padded to the alignment: the first tensor's bytes come next, in the order of the
// table.
std::string encode(const GgufHeader& header);

}  // namespace fusesweep
