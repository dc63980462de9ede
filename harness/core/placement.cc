#include "harness/core/placement.h"

#include <fmt/format.h>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {

std::string_view to_text(PlacementEvidence evidence) {
  switch (evidence) {
    case PlacementEvidence::kPlan:
      return "plan";
    case PlacementEvidence::kRun:
      return "run";
    case PlacementEvidence::kRecorded:
      return "recorded";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<PlacementEvidence> parse_placement_evidence(std::string_view text) {
  using enum PlacementEvidence;
  for (const PlacementEvidence evidence : {kPlan, kRun, kRecorded}) {
    if (text == to_text(evidence)) return evidence;
  }
  return invalid_input(fmt::format("found {}, want plan, run or recorded", quote(text)));
}

std::optional<bool> strictly_resident(const Placement& placement) {
  if (!placement.compute || !placement.conv) return std::nullopt;
  return placement.compute->resident == placement.compute->total && placement.conv->total > 0;
}

}  // namespace fusesweep
