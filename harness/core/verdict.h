// What a gate says of a shard, a split or a model. A gate that was not run is not a pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"

namespace fusesweep {

enum class GateOutcome { kPass, kFail, kNotRun, kNotEnoughData };

std::string_view to_text(GateOutcome outcome);  // "pass", "fail", "not run", "not enough data"

// A figure that was looked at, and the limit that it was held to, if there is one.
struct GateFigure {
  std::string name;             // a metric's id, see metric.h
  std::optional<double> value;  // absent: it cannot be told
  std::optional<double> at_least;
  std::optional<double> at_most;

  bool operator==(const GateFigure&) const = default;
};

struct GateVerdict {
  std::string gate;  // "residency"
  GateOutcome outcome = GateOutcome::kNotRun;
  std::string reason;  // one line that a person can act on
  std::vector<GateFigure> figures;

  bool operator==(const GateVerdict&) const = default;
};

// {"gate", "outcome", "reason", "figures": [{"metric", "value", "at_least", "at_most"}]}; what is
// absent is null.
Json to_json(const GateVerdict& verdict);

// Of what to_json gave; an error stands in the reader.
GateVerdict read_gate_verdict(const JsonField& field);

}  // namespace fusesweep
