#include "runners/coreml/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <new>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::align_val_t kPage{16384};  // of Apple's processors
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 32;

std::string_view to_text(FeatureRole role) {
  switch (role) {
    case FeatureRole::kInput:
      return "input";
    case FeatureRole::kOutput:
      return "output";
    case FeatureRole::kState:
      return "state";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<TensorType> type_of(const Feature& feature) {
  const auto reject = [&](const std::string& found, std::string_view wanted) {
    return invalid_input(fmt::format("{} {}: found {}, want {}", to_text(feature.role),
                                     quote(feature.name), found, wanted));
  };
  const std::optional<DataType> element =
      feature.multi_array_type ? element_of(*feature.multi_array_type) : std::nullopt;
  if (!element) {
    return reject(
        feature.multi_array_type ? fmt::format("type {}", *feature.multi_array_type) : "no array",
        "an array of fp16, fp32 or int32");
  }
  TensorType type{.element = *element, .shape = {}};
  std::uint64_t elements = 1;
  for (const std::int64_t size : feature.shape) {
    if (size < 1 || static_cast<std::uint64_t>(size) > kMostElements / elements)
      return reject(fmt::format("[{}]", fmt::join(feature.shape, ",")),
                    fmt::format("sizes above 0, of at most {} elements", kMostElements));
    elements *= static_cast<std::uint64_t>(size);
    type.shape.push_back(static_cast<std::uint64_t>(size));
  }
  return type;
}

}  // namespace

std::optional<DataType> element_of(std::int64_t multi_array_type) {
  switch (multi_array_type) {
    case 0x10000 | 16:
      return DataType::kFp16;
    case 0x10000 | 32:
      return DataType::kFp32;
    case 0x20000 | 32:
      return DataType::kInt32;
    default:
      return std::nullopt;
  }
}

Result<ShardPorts> ports_of(std::vector<Feature> features) {
  std::sort(features.begin(), features.end(),
            [](const Feature& a, const Feature& b) { return a.name < b.name; });
  ShardPorts ports;
  for (const Feature& feature : features) {
    Result<TensorType> type = type_of(feature);
    if (!type) return fail(std::move(type).error());
    auto& list = feature.role == FeatureRole::kInput    ? ports.inputs
                 : feature.role == FeatureRole::kOutput ? ports.outputs
                                                        : ports.states;
    list.push_back({feature.name, *std::move(type)});
  }
  return ports;
}

std::vector<std::int64_t> row_major_strides(const std::vector<std::uint64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= static_cast<std::int64_t>(shape[i]);
  }
  return strides;
}

Result<void> copy_row_major(std::span<const std::byte> from, const TensorType& type,
                            const std::vector<std::int64_t>& strides, std::span<std::byte> to) {
  const std::size_t bytes = element_bytes(type.element);
  const std::size_t rank = type.shape.size();
  // The last element lies farthest away, if none is negative.
  std::uint64_t farthest = 0;
  bool fits = strides.size() == rank && to.size() == stored_bytes(type);
  for (std::size_t i = 0; fits && i < rank; ++i) {
    const std::uint64_t steps = type.shape[i] - 1;
    fits = strides[i] >= 0 && (steps == 0 || static_cast<std::uint64_t>(strides[i]) <=
                                                 (from.size() - farthest) / steps);
    farthest += fits ? steps * static_cast<std::uint64_t>(strides[i]) : 0;
    fits = fits && farthest < from.size();
  }
  if (!fits || from.size() / bytes < farthest + 1) {
    return invalid_input(fmt::format("found an output of {} bytes with strides [{}], want {}",
                                     from.size(), fmt::join(strides, ","),
                                     fusesweep::to_text(type)));
  }
  std::vector<std::uint64_t> at(rank);
  std::uint64_t source = 0;  // in elements
  const std::uint64_t run = rank > 0 && strides.back() == 1 ? type.shape.back() : 1;
  for (std::size_t written = 0; written < to.size(); written += run * bytes) {
    std::memcpy(&to[written], &from[source * bytes], run * bytes);
    std::size_t d = run > 1 ? rank - 1 : rank;
    while (d-- > 0) {
      const auto stride = static_cast<std::uint64_t>(strides[d]);
      source += stride;
      if (++at[d] < type.shape[d]) break;
      source -= stride * type.shape[d];
      at[d] = 0;
    }
  }
  return {};
}

void PortBuffers::Freed::operator()(std::byte* bytes) const { ::operator delete(bytes, kPage); }

PortBuffers::PortBuffers(const ShardPorts& ports) {
  for (const auto* list : {&ports.inputs, &ports.outputs}) {
    for (const auto& [name, type] : *list) {
      const std::size_t size = stored_bytes(type);
      Buffer buffer{.bytes = nullptr, .size = size};
      buffer.bytes.reset(static_cast<std::byte*>(::operator new(size, kPage)));
      std::memset(buffer.bytes.get(), 0, size);
      buffers_.emplace(name, std::move(buffer));
    }
  }
}

std::span<std::byte> PortBuffers::port(std::string_view name) const {
  const auto found = buffers_.find(name);
  FUSESWEEP_CHECK(found != buffers_.end());
  return {found->second.bytes.get(), found->second.size};
}

}  // namespace fusesweep
