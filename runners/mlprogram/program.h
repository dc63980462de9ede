// An ML Program as plain values: what the builder makes, what a package holds, and what an executor
// runs. How it is written to a file is package.h's; what its operations mean is operations.h's.
//
// One function, "main", without control flow; all shapes are fixed. That is what shards are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fusesweep {

// Numbers as in the file.
enum class DataType : int {
  kBool = 1,
  kString = 2,
  kFp16 = 10,
  kFp32 = 11,
  kInt8 = 21,
  kInt16 = 22,
  kInt32 = 23,
  kUint8 = 31,
  kUint16 = 32,
};

std::string_view to_text(DataType type);  // "fp16"

// Bytes of an element in a blob or an array; bool 1.  REQUIRES: not kString.
std::size_t element_bytes(DataType type);

// Row-major, the last dimension fastest; no dimension at all is a scalar.
struct TensorType {
  DataType element = DataType::kFp16;
  std::vector<std::uint64_t> shape;

  bool operator==(const TensorType&) const = default;
};

std::string to_text(const TensorType& type);  // "fp16[1,384,1,1]"

// Elements of a shape.  REQUIRES: the product fits 64 bits, which read_package has tested.
std::uint64_t element_count(std::span<const std::uint64_t> shape);

// Bytes of all elements in a blob or an array.  REQUIRES: as both above.
std::uint64_t stored_bytes(const TensorType& type);

// A record of the weight file, by the offset of its metadata.
struct BlobReference {
  std::uint64_t offset = 0;
  bool operator==(const BlobReference&) const = default;
};

// A constant. Its elements stand in the program by their kind, or in the weight file.
struct Value {
  TensorType type;
  std::variant<std::vector<std::int32_t>,  // bool (0 or 1), int16, int32, uint16
               std::vector<float>,         // fp32
               std::vector<std::string>,   // string
               std::string,                // the bytes of fp16, int8, uint8 elements, little-endian
               BlobReference>
      content;

  bool operator==(const Value&) const = default;
};

// What an operation gets under one parameter name: what it is called, or a constant on the spot.
using Argument = std::variant<std::string, Value>;

struct NamedType {
  std::string name;
  TensorType type;

  bool operator==(const NamedType&) const = default;
};

struct Operation {
  std::string type;  // "conv"
  std::string name;  // the attribute "name", which people see in tools
  std::map<std::string, std::vector<Argument>> inputs;
  std::map<std::string, Value> attributes;  // but "name"
  std::vector<NamedType> outputs;

  bool operator==(const Operation&) const = default;
};

// const and constexpr operations are done before the program runs: they are not compute.
bool is_compute(const Operation& operation);

struct Program {
  std::string opset;
  std::vector<NamedType> inputs;
  std::vector<NamedType> states;
  std::vector<NamedType> outputs;     // of operations, in order
  std::vector<Operation> operations;  // each after those whose outputs it uses

  bool operator==(const Program&) const = default;
};

}  // namespace fusesweep
