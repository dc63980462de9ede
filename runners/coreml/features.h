// A loaded model's features as CoreML describes them, turned into the ports of a shard, and memory for
// these ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/stack/shard_executor.h"

namespace fusesweep {

// The element type of an MLMultiArrayDataType; nothing for one that no shard has.
std::optional<DataType> element_of(std::int64_t multi_array_type);

enum class FeatureRole { kInput, kOutput, kState };

struct Feature {
  FeatureRole role = FeatureRole::kInput;
  std::string name;
  // Of a multi-array or a state; absent: it is something else, an image say.
  std::optional<std::int64_t> multi_array_type;
  std::vector<std::int64_t> shape;
};

// By name, for CoreML gives them in no order. Errors name the feature: a type or a size that no shard
// has.
Result<ShardPorts> ports_of(std::vector<Feature> features);

// Elements from one element to the next along each dimension of a row-major array.
std::vector<std::int64_t> row_major_strides(const std::vector<std::uint64_t>& shape);

// Copies an array whose elements lie `strides` elements apart, which CoreML's outputs often do, into
// row-major order. The error says that the strides reach beyond `from`, or that sizes differ.
Result<void> copy_row_major(std::span<const std::byte> from, const TensorType& type,
                            const std::vector<std::int64_t>& strides, std::span<std::byte> to);

// Zeroed memory for inputs and outputs, each on pages of its own, as the Neural Engine likes it.
class PortBuffers {
 public:
  explicit PortBuffers(const ShardPorts& ports);

  // REQUIRES: it is one of them.
  std::span<std::byte> port(std::string_view name) const;

 private:
  struct Freed {
    void operator()(std::byte* bytes) const;
  };
  struct Buffer {
    std::unique_ptr<std::byte, Freed> bytes;
    std::size_t size = 0;
  };
  std::map<std::string, Buffer, std::less<>> buffers_;
};

}  // namespace fusesweep
