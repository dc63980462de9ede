// The residency gate, strict: every operation that computes runs on the target device, not only the
// convolutions. A head with its one convolution resident and two other operations on the CPU is not.
#pragma once

#include <optional>

#include "harness/core/placement.h"
#include "harness/core/verdict.h"

namespace fusesweep {

// `plan` is what a compiler or loader intends, `run` what was seen to run, where there is such
// evidence; where the two disagree the gate fails and says so. A record's own word counts where it
// gives no figures.
GateVerdict judge_residency(const std::optional<Placement>& plan,
                            const std::optional<Placement>& run);

// Adds how fast the weights were read in a call, and a warning where that is below the floor: a shard
// that fell back silently is slow. Only a warning, because it is a timing.
void warn_of_slowness(GateVerdict& residency, double weights_gb_per_s, double floor_gb_per_s);

}  // namespace fusesweep
