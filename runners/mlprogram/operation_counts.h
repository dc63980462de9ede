// How many operations a program computes: what residency is counted in. const and constexpr
// operations are none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runners/mlprogram/program.h"

namespace fusesweep {

struct OperationCounts {
  std::uint64_t compute_total = 0;
  std::uint64_t conv_total = 0;
  std::map<std::string, std::uint64_t> kinds;  // of compute operations, by type

  bool operator==(const OperationCounts&) const = default;
};

OperationCounts count_operations(const Program& program);

// The same for each layer: operations called layers_<i>_..., as our builder calls them. Empty for a
// program that has none of these.
std::vector<OperationCounts> count_layers(const Program& program);

}  // namespace fusesweep
