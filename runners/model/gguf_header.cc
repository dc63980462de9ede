#include "runners/model/gguf_header.h"

#include <cstring>
#include <string_view>

#include "harness/base/check.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {
namespace {

constexpr std::uint32_t kVersion = 3;

template <typename T>
void append(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void append_string(std::string& out, std::string_view text) {
  append(out, static_cast<std::uint64_t>(text.size()));
  out += text;
}

void append_value(std::string& out, const GgufHeader::Value& value) {
  if (const auto* number = std::get_if<std::uint32_t>(&value)) {
    append(out, GgufType::kUint32);
    append(out, *number);
  } else if (const auto* real = std::get_if<float>(&value)) {
    append(out, GgufType::kFloat32);
    append(out, *real);
  } else {
    append(out, GgufType::kString);
    append_string(out, std::get<std::string>(value));
  }
}

std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment;
}

}  // namespace

std::uint64_t stored_bytes(const GgufHeader::Tensor& tensor) {
  const GgmlType* type = ggml_type(tensor.type_id);
  FUSESWEEP_CHECK(type != nullptr && !tensor.shape.empty() &&
                  tensor.shape[0] % type->block_elements == 0);
  std::uint64_t blocks = tensor.shape[0] / type->block_elements;
  for (std::size_t i = 1; i < tensor.shape.size(); ++i) blocks *= tensor.shape[i];
  return blocks * type->block_bytes;
}

std::string encode(const GgufHeader& header) {
  std::string out = "GGUF";
  append(out, kVersion);
  append(out, static_cast<std::uint64_t>(header.tensors.size()));
  append(out, static_cast<std::uint64_t>(header.metadata.size()));
  for (const auto& [key, value] : header.metadata) {
    append_string(out, key);
    append_value(out, value);
  }
  std::uint64_t offset = 0;
  for (const GgufHeader::Tensor& tensor : header.tensors) {
    append_string(out, tensor.name);
    append(out, static_cast<std::uint32_t>(tensor.shape.size()));
    for (const std::uint64_t dimension : tensor.shape) append(out, dimension);
    append(out, tensor.type_id);
    append(out, offset);
    offset += padded(stored_bytes(tensor));
  }
  out.resize(padded(out.size()));
  return out;
}

}  // namespace fusesweep
