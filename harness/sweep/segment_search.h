// The part of a search for the fastest split that builds and measures segments, until the optimizer has no more
// questions, and a few whole splits for the cost of a boundary. Used by optimize.h, which verifies what it found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/cliff.h"
#include "harness/plan/optimizer.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/optimize.h"
#include "harness/sweep/optimize_figures.h"
#include "topologies/shortest_path.h"
#include "topologies/split.h"

namespace fusesweep {

// Which splits are looked at, before anything is built: what was asked for, and a cliff that is confirmed and
// contradicts nothing. Costs count nothing, bytes are those of weights.
SegmentTable usable_segments(const OptimizeSetup& setup, const std::optional<CliffResult>& cliff);
PathLimits path_limits(const OptimizeSetup& setup);

struct SearchOutcome {
  Optimizer optimizer;
  std::optional<Split> control;  // that was in all trials, where it is a whole split
  std::optional<BoundaryFit> boundary;
  double seconds = 0;  // of all blocks
  int work_done = 0;   // blocks and whole splits that were gated, of this call
  bool is_interrupted = false;
  std::vector<std::string> notes;
};

// The blocks are stored as those of that search. Errors: as run_optimize has them; segments of the control that
// cannot be timed any more.
Result<SearchOutcome> search_segments(const OptimizeSetup& setup, const SweepPlace& place,
                                      const Uuid& search, GateWorkbench& bench,
                                      const std::optional<CliffResult>& cliff);

// Of a token of a split that was measured whole: what is not in the groups of its segments.
double rest_of(const ArmFigures& figures, const Split& split);

}  // namespace fusesweep
