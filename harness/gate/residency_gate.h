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

}  // namespace fusesweep
