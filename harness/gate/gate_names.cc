#include "harness/gate/gate_names.h"

#include <fmt/format.h>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr GateName kGates[] = {
    {"contract", "the model is the profile's, and the artifact the model's"},
    {"build", "the artifact was finished, and its bytes are those that were built"},
    {"weights", "every weight is the reference's own rounding of the model's"},
    {"residency", "every operation runs on the target device, by plan and by run"},
    {"golden-fidelity", "outputs against the reference on weights rounded the same way"},
    {"golden-quality", "outputs against the reference on the original weights"},
    {"block-parity", "one call of T tokens against T calls of one"},
    {"error-budget", "the chain of shards: own error and inherited one"},
    {"full-stack", "teacher-forced logits and top tokens over a prompt set"}};

}  // namespace

std::span<const GateName> all_gates() { return kGates; }

Result<std::set<std::string, std::less<>>> parse_gates(std::string_view text) {
  std::set<std::string, std::less<>> gates;
  for (const std::string_view asked : split_text(text, ',')) {
    std::string known;
    bool is_known = false;
    for (const GateName& gate : kGates) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", gate.name);
      const bool is_part = asked == "golden" && gate.name.starts_with("golden-");
      if (gate.name != asked && !is_part) continue;
      gates.emplace(gate.name);
      is_known = true;
    }
    if (!is_known)
      return invalid_input(fmt::format("found {}, want some of {}, golden", quote(asked), known));
  }
  return gates;
}

}  // namespace fusesweep
