// GgufFile: a model file in the GGUF format, versions 2 and 3 (ggml's docs/gguf.md), as views into
// its mapped bytes: what it says about itself and which tensors it holds. Files are taken for
// hostile: every count, length and offset is checked against the bytes that are there before
// anything is believed or allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/base/mapped_file.h"
#include "harness/base/result.h"

namespace fusesweep {

// Numbers as in the file.
enum class GgufType : std::uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

// An array stays in the file: its elements are walked once to find their end, and never copied.
struct GgufArray {
  GgufType element = GgufType::kUint8;
  std::uint64_t count = 0;
  std::span<const std::byte> bytes;  // the elements as they lie in the file
};

// Integers and floats of every width are widened; strings and arrays are views into the file.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

// A value as it may stand in a message: one short line.
std::string to_text(const GgufValue& value);

// The types that we read or write, by their numbers in the file.
enum class GgmlId : std::uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kBF16 = 30,
};

// How a tensor's elements are stored: blocks of so many elements in so many bytes. Numbers as in
// the file.
struct GgmlType {
  std::uint32_t id = 0;
  std::string_view name;
  std::uint64_t block_elements = 0;
  std::uint64_t block_bytes = 0;
};

// nullptr for a number that we do not know.
const GgmlType* ggml_type(std::uint32_t id);

struct GgufTensor {
  std::string_view name;
  std::vector<std::uint64_t> shape;  // ggml's order: the first dimension is contiguous
  std::uint32_t type_id = 0;
  const GgmlType* type =
      nullptr;  // absent for a type that we do not know; then there are no bytes either
  std::span<const std::byte> bytes;
};

class GgufFile {
 public:
  // Errors name the file, and the offset or the key or tensor that is wrong.
  static Result<GgufFile> open(const std::filesystem::path& path);

  // The same from bytes in memory, which must outlive the result; `where` begins the message of an
  // error.
  static Result<GgufFile> parse(std::span<const std::byte> bytes, std::string_view where);

  std::uint32_t version() const { return version_; }
  const std::string& where() const { return where_; }
  const std::map<std::string_view, GgufValue>& metadata() const { return metadata_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }

  const GgufValue* find(std::string_view key) const;           // nullptr when it is not there
  const GgufTensor* find_tensor(std::string_view name) const;  // nullptr when it is not there

 private:
  friend class GgufParser;
  GgufFile() = default;

  std::optional<MappedFile> file_;  // absent after parse()
  std::string where_;
  std::uint32_t version_ = 0;
  std::map<std::string_view, GgufValue> metadata_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string_view, std::size_t> tensor_by_name_;
};

}  // namespace fusesweep
