// The limits that gates hold figures to. They are the gates' own: no runner loosens them, only a
// person who writes other ones down. harness/docs/GATES.md says where each comes from.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "harness/gate/golden_gate.h"

namespace fusesweep {

struct FullStackLimits {
  double cosine_at_least =
      0.99;  // of teacher-forced logits over the prompt set, and of calibration
  // A top token may flip where the reference's own margin is below so many rms errors of a logit, as
  // calibration found it.
  double margin_per_rmse = 6;

  bool operator==(const FullStackLimits&) const = default;
};

struct GateLimits {
  GoldenLimits fidelity{.relative_l2_at_most = 5e-3};
  GoldenLimits quality{
      .cosine_at_least = 0.995, .per_token_cosine_at_least = 0.98, .relative_l2_at_most = 0.15};
  GoldenLimits block_parity{.relative_l2_at_most = 1e-6};
  FullStackLimits full_stack;
  // Of the quantization, for packages that are not ours: one, and what two roundings to fp16 of 127
  // steps may add (2 x 127 / 2048).
  double foreign_weight_steps = 1.125;
  // GB/s of weights that a resident shard is read with at least; absent: calls are not timed.
  std::optional<double> floor_gb_per_s;
  // Gates that a person does without where they cannot be run: for other tools, of which not everything
  // can be asked. One that was run counts as ever. Never build, residency or full-stack.
  std::set<std::string, std::less<>> accept_not_run;

  bool operator==(const GateLimits&) const = default;
};

// The defaults for a device: "ane" sums in fp16, and everything else is held to what floats give.
GateLimits default_limits(std::string_view device_kind);

// Whether the verdict keeps what it is about from being believed: it is no pass, and not accepted either.
bool hinders(const GateVerdict& verdict, const GateLimits& limits);

// Every limit by its name, as a document says it and as it may be read.
Json to_json(const GateLimits& limits);

// The limits with those that the document has in place of them: {"fidelity": {"relative_l2_at_most":
// 0.01}}; null takes a limit away. Errors go to the field's reader.
GateLimits read_gate_limits(const JsonField& field, const GateLimits& defaults);

}  // namespace fusesweep
