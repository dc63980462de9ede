// ReadySegments: builds segments and takes them through the gates of a shard: only what passes is ever timed.
#pragma once

#include <variant>

#include "harness/base/result.h"
#include "harness/core/segment.h"
#include "harness/plan/optimizer.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/segment_trial.h"
#include "harness/sweep/shard_gates.h"

namespace fusesweep {

class ReadySegments {
 public:
  // The workbench must outlive it.
  explicit ReadySegments(GateWorkbench& bench) : bench_(bench), gates_(bench) {}

  // A segment is out where a gate of it has failed or could not be asked; as one that has lost its residency
  // where that is what was seen, or follows from a shorter one. Errors: as ShardGates has them.
  Result<std::variant<ReadySegment, SegmentFailure>> get(const Segment& segment);

  // That it could not be timed: it is not tried again, as any shard that failed.
  Result<void> keep_fault(const FaultySegment& fault);

 private:
  Result<SegmentFailure> failure_of(const Segment& segment, const GateVerdict& verdict);

  GateWorkbench& bench_;
  ShardGates gates_;
};

}  // namespace fusesweep
