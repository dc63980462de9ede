// Steps that a sweep has in common with a search for the best of all splits (optimize.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/core/cliff.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_blocks.h"

namespace fusesweep {

struct FoundCliff {
  std::optional<CliffResult> result;  // absent: it was interrupted
  int asked = 0;                      // probes that the store did not know
};

// Of shards of this form. Errors: as CliffProber has them.
Result<FoundCliff> find_cliff_of(const SweepSetup& setup, const ShardIdentity& shape,
                                 const SweepPlace& place);

// How a candidate goes through the gates.
GateSetup gate_setup_of(const SweepSetup& setup, const Candidate& candidate);

// Built where it is not there yet, and ready to be measured.
Result<TrialArm> prepare_candidate(const SweepSetup& setup, const Candidate& candidate,
                                   std::string name, const SweepPlace& place);

// That all processes of a block may have together: three quarters of what there is, where nothing was said.
std::uint64_t memory_of_block(const SweepSetup& setup);

}  // namespace fusesweep
