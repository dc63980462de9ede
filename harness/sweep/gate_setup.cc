#include "harness/sweep/gate_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fusesweep {

std::vector<std::string_view> gates_of(const ShardIdentity& shard) {
  std::vector<std::string_view> gates = {"build",     "contract",        "weights",
                                         "residency", "golden-fidelity", "golden-quality"};
  if (shard.tokens > 1) gates.emplace_back("block-parity");
  return gates;
}

GateVerdict not_run(std::string_view gate, std::string reason) {
  return {.gate = std::string(gate),
          .outcome = GateOutcome::kNotRun,
          .reason = std::move(reason),
          .figures = {}};
}

Result<void> add_gated(std::vector<Gated>& all, Result<Gated> gated) {
  if (!gated) return fail(std::move(gated).error());
  if (!gated->verdicts.empty()) all.push_back(*std::move(gated));
  return {};
}

const GateVerdict* first_failure(const Gated& gated) {
  const auto found = std::find_if(
      gated.verdicts.begin(), gated.verdicts.end(),
      [](const GateVerdict& verdict) { return verdict.outcome == GateOutcome::kFail; });
  return found == gated.verdicts.end() ? nullptr : &*found;
}

const GateVerdict* first_hindrance(const Gated& gated) {
  if (const GateVerdict* failure = first_failure(gated)) return failure;
  const auto found = std::find_if(
      gated.verdicts.begin(), gated.verdicts.end(),
      [](const GateVerdict& verdict) { return verdict.outcome != GateOutcome::kPass; });
  return found == gated.verdicts.end() ? nullptr : &*found;
}

// The words are ShardGates::gate_unless_hopeless's.
bool is_beyond_cliff(const GateVerdict& verdict) {
  return verdict.gate == "residency" && verdict.outcome == GateOutcome::kNotRun &&
         verdict.reason.starts_with("beyond the cliff");
}

std::optional<std::string> disqualification(const std::vector<Gated>& gated) {
  for (const Gated& one : gated) {
    if (const GateVerdict* failure = first_failure(one))
      return fmt::format("{} of {}: {}", failure->gate, one.subject.text, failure->reason);
  }
  return std::nullopt;
}

}  // namespace fusesweep
