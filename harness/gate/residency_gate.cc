#include "harness/gate/residency_gate.h"

#include <fmt/format.h>

#include <string>

namespace fusesweep {
namespace {

constexpr const char* kGate = "residency";

std::optional<bool> says(const Placement& placement) {
  const std::optional<bool> counted = strictly_resident(placement);
  if (counted) return counted;
  // Half of the figures may be enough for a no, and a yes is what the record says.
  if (placement.compute && placement.compute->resident < placement.compute->total) return false;
  if (placement.conv && placement.conv->resident < placement.conv->total) return false;
  // Only of a record: who sees where operations run can count them.
  return placement.evidence == PlacementEvidence::kRecorded ? placement.stated_resident
                                                            : std::nullopt;
}

std::string shares(const Placement& placement) {
  std::string text;
  const auto add = [&](const char* what, const std::optional<ResidentCount>& count) {
    if (!count) return;
    text +=
        fmt::format("{}{} of {} {}", text.empty() ? "" : ", ", count->resident, count->total, what);
  };
  add("operations resident", placement.compute);
  add("convolutions", placement.conv);
  return text.empty() ? "stated by the record" : text;
}

std::string why_not(const Placement& placement) {
  if (placement.compute && placement.compute->total > 0 && placement.conv &&
      placement.conv->total == 0)
    return "no convolution in it, so that its residency says nothing";
  if (placement.non_resident.empty()) return shares(placement);
  const NonResident& first = placement.non_resident.front();
  return fmt::format("{}; first {} '{}' on {}{}", shares(placement), first.type, first.operation,
                     first.place, first.reason.empty() ? "" : ": " + first.reason);
}

void add_figures(const std::optional<Placement>& placement, std::vector<GateFigure>& figures) {
  if (!placement) return;
  const std::string evidence(to_text(placement->evidence));
  const auto add = [&](const char* what, const std::optional<ResidentCount>& count) {
    if (!count) return;
    const auto total = static_cast<double>(count->total);
    figures.push_back({.name = fmt::format("{}_resident_{}", what, evidence),
                       .value = static_cast<double>(count->resident),
                       .at_least = total,
                       .at_most = std::nullopt});
  };
  add("compute", placement->compute);
  add("conv", placement->conv);
}

}  // namespace

GateVerdict judge_residency(const std::optional<Placement>& plan,
                            const std::optional<Placement>& run) {
  GateVerdict verdict{.gate = kGate};
  add_figures(plan, verdict.figures);
  add_figures(run, verdict.figures);
  if (!plan && !run) {
    verdict.reason = "no placement was asked for";
    return verdict;
  }
  const std::optional<bool> planned = plan ? says(*plan) : std::nullopt;
  const std::optional<bool> ran = run ? says(*run) : std::nullopt;
  if (!planned && !ran) {
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = "the placement that there is gives neither counts nor a verdict";
    return verdict;
  }
  if (planned && ran && *planned != *ran) {
    verdict.outcome = GateOutcome::kFail;
    verdict.reason = fmt::format("plan and run disagree: by the plan {}, in the run {}",
                                 shares(*plan), shares(*run));
    return verdict;
  }
  const bool is_resident = ran.value_or(planned.value_or(false));
  const Placement& placement = ran ? *run : *plan;
  verdict.outcome = is_resident ? GateOutcome::kPass : GateOutcome::kFail;
  verdict.reason = is_resident ? shares(placement) : why_not(placement);
  return verdict;
}

void warn_of_slowness(GateVerdict& residency, double weights_gb_per_s, double floor_gb_per_s) {
  residency.figures.push_back({.name = "weights_gb_per_s",
                               .value = weights_gb_per_s,
                               .at_least = std::nullopt,
                               .at_most = std::nullopt});
  if (weights_gb_per_s >= floor_gb_per_s) return;
  residency.reason +=
      fmt::format("; warning: its weights are read at {:.3g} GB/s, below the floor of {:.3g}",
                  weights_gb_per_s, floor_gb_per_s);
}

}  // namespace fusesweep
