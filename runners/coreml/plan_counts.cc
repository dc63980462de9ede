#include "runners/coreml/plan_counts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "harness/base/text.h"
#include "runners/stack/placement_sum.h"

namespace fusesweep {
namespace {

constexpr const char* kUndetermined = "undetermined";

// "conv" of "ios18.conv".
std::string type_of(std::string_view operator_name) {
  const std::size_t dot = operator_name.rfind('.');
  return one_line(dot == std::string_view::npos ? operator_name : operator_name.substr(dot + 1));
}

bool is_compute(std::string_view type) { return type != "const" && !type.starts_with("constexpr"); }

std::string why_elsewhere(const PlannedOperation& operation, std::string_view target) {
  if (!operation.preferred) return "the plan does not say where it runs";
  const auto& supported = operation.supported;
  if (std::find(supported.begin(), supported.end(), target) != supported.end())
    return fmt::format("{} can run it, but the plan prefers {}", target, *operation.preferred);
  return fmt::format("only {} can run it", supported.empty()
                                               ? *operation.preferred
                                               : fmt::format("{}", fmt::join(supported, ", ")));
}

struct CostShare {
  double resident = 0;
  double all = 0;
};

}  // namespace

std::string place_of_device(std::string_view class_name) {
  if (class_name == "MLNeuralEngineComputeDevice") return "ane";
  if (class_name == "MLGPUComputeDevice") return "gpu";
  if (class_name == "MLCPUComputeDevice") return "cpu";
  return one_line(class_name);
}

Placement count_plan(const std::vector<PlannedOperation>& operations, std::string_view target) {
  PlacementSum sum;
  CostShare cost;
  std::map<std::string, std::uint64_t> undetermined;
  for (const PlannedOperation& operation : operations) {
    const std::string type = type_of(operation.operator_name);
    if (!is_compute(type)) continue;
    const bool is_resident = operation.preferred == target;
    if (operation.cost) {
      cost.all += *operation.cost;
      cost.resident += is_resident ? *operation.cost : 0;
    }
    if (!operation.preferred && type != "conv") {
      ++undetermined[type];
      continue;
    }
    sum.add({.name = one_line(operation.name),
             .type = type,
             .place = operation.preferred.value_or(kUndetermined),
             .implementation = {},
             .is_resident = is_resident},
            why_elsewhere(operation, target));
  }
  Placement placement = sum.placement(PlacementEvidence::kPlan);
  std::uint64_t not_told = 0;
  for (const auto& [type, count] : undetermined) {
    placement.kinds.push_back({type, kUndetermined, {}, count});
    not_told += count;
  }
  if (not_told > 0) {
    placement.notes.push_back(
        fmt::format("{} {} of which the plan does not say where they run are not counted", not_told,
                    not_told == 1 ? "operation" : "operations"));
  }
  if (cost.all > 0) {
    placement.notes.push_back(fmt::format("{:.4g} of the cost that the plan estimates is on {}",
                                          cost.resident / cost.all, target));
  }
  return placement;
}

}  // namespace fusesweep
