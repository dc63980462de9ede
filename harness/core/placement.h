// Placement: where each compute operation of a shard runs, as a runner tells it. const and constexpr
// operations are not compute and not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// How the placement is known: from the plan of a compiler or loader, from what ran, or because
// somebody else wrote it down.
enum class PlacementEvidence { kPlan, kRun, kRecorded };

std::string_view to_text(PlacementEvidence evidence);  // "plan", "run", "recorded"
Result<PlacementEvidence> parse_placement_evidence(std::string_view text);

// Operations, and how many of them run on the target device.
struct ResidentCount {
  std::uint64_t total = 0;
  std::uint64_t resident = 0;

  bool operator==(const ResidentCount&) const = default;
};

// Operations of one type in one place.
struct PlacedKind {
  std::string type;            // "conv"
  std::string place;           // "ane", "cpu", "vector", "ref": the runner's own word
  std::string implementation;  // "int8_conv.avx3"; empty where the runner does not tell
  std::uint64_t count = 0;

  bool operator==(const PlacedKind&) const = default;
};

struct NonResident {
  std::string operation;  // its name in the program
  std::string type;
  std::string place;
  std::string reason;

  bool operator==(const NonResident&) const = default;
};

struct Placement {
  PlacementEvidence evidence = PlacementEvidence::kPlan;
  std::optional<ResidentCount> conv;     // absent only where a record does not state it
  std::optional<ResidentCount> compute;  // the same
  std::optional<bool> stated_resident;   // a record's own word, where it gives one
  std::vector<PlacedKind> kinds;
  std::vector<NonResident> non_resident;  // all of them, or the first of very many
  std::vector<std::string> notes;         // what a reader of a record should know

  bool operator==(const Placement&) const = default;
};

// compute_resident == compute_total and conv_total > 0. Nothing where the figures are not there.
std::optional<bool> strictly_resident(const Placement& placement);

}  // namespace fusesweep
