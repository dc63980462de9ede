#include "runners/mlprogram/operation_counts.h"

#include <cstddef>
#include <optional>
#include <string_view>

#include "harness/base/text.h"
#include "harness/core/segment.h"

namespace fusesweep {
namespace {

void count(const Operation& operation, OperationCounts& counts) {
  ++counts.compute_total;
  if (operation.type == "conv") ++counts.conv_total;
  ++counts.kinds[operation.type];
}

std::optional<std::size_t> layer_of(std::string_view name) {
  constexpr std::string_view kPrefix = "layers_";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const Result<std::int64_t> layer =
      parse_integer(name.substr(0, name.find('_')), 0, kMaxLayers - 1);
  if (!layer) return std::nullopt;
  return static_cast<std::size_t>(*layer);
}

}  // namespace

OperationCounts count_operations(const Program& program) {
  OperationCounts counts;
  for (const Operation& operation : program.operations) {
    if (is_compute(operation)) count(operation, counts);
  }
  return counts;
}

std::vector<OperationCounts> count_layers(const Program& program) {
  std::vector<OperationCounts> layers;
  for (const Operation& operation : program.operations) {
    const std::optional<std::size_t> layer = layer_of(operation.name);
    if (!layer || !is_compute(operation)) continue;
    if (*layer >= layers.size()) layers.resize(*layer + 1);
    count(operation, layers[*layer]);
  }
  return layers;
}

}  // namespace fusesweep
