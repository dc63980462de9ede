// From the rows of a compute plan to a placement: which operations count, and which of them are
// resident. The plan is what CoreML intends, not what ran.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/placement.h"

namespace fusesweep {

// "ane", "gpu", "cpu" by the class of a device; a class that is not known by its own name.
std::string place_of_device(std::string_view class_name);

struct PlannedOperation {
  std::string name;  // of its first output; empty for one that has none, such as write_state
  std::string operator_name;             // as the plan has it, with the opset: "ios18.conv"
  std::optional<std::string> preferred;  // place; absent: CoreML does not say
  std::vector<std::string> supported;    // places
  std::optional<double> cost;  // share of the whole model's, 0 to 1; absent: not estimated

  bool operator==(const PlannedOperation&) const = default;
};

// Resident is what the plan prefers to run on the target ("ane"). const and constexpr operations are
// not counted. One that the plan says nothing about is not counted either, but named in kinds with the
// place "undetermined" and in a note; a convolution of that kind counts as not resident.
Placement count_plan(const std::vector<PlannedOperation>& operations, std::string_view target);

}  // namespace fusesweep
