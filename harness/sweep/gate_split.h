// Takes a whole split through the gates: the model, every shard, the chain of its shards, and all of
// it together as a manifest.
#pragma once

#include <vector>

#include "harness/base/result.h"
#include "harness/sweep/gate_workbench.h"
#include "topologies/split.h"

namespace fusesweep {

// The model against the profile of the setup.
Result<Gated> gate_model(GateWorkbench& bench);

// In the order in which they were gated: the model, segments, slices of the head, chains, and last the
// split itself, which is gated only when nothing before it failed. Errors as ShardGates has them.
Result<std::vector<Gated>> gate_split(GateWorkbench& bench, const Split& split);

// The same before it is measured, since a wrong answer is never timed.  Errors: those, and unavailable,
// with the reason, where the split fails a gate.
Result<void> require_gates(GateWorkbench& bench, const Split& split);

}  // namespace fusesweep
