// Reruns of baselines in a store, which keeps them beside its sweeps.
#pragma once

#include <optional>
#include <string_view>

#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/rerun.h"
#include "results/store.h"

namespace fusesweep {

struct StoredRerun {
  Uuid id;
  RerunReport report;
};

// The rerun whose id begins so. Absent: what begins so is something else, or more than one thing, which
// read_sweep() says.  Errors: it has no answer yet, or one that is none.
Result<std::optional<StoredRerun>> find_rerun(const Store& store, std::string_view beginning);

// Of one that is at hand, with its answer.  Errors: the answer is none.
Result<StoredRerun> stored_rerun(const StoredSweep& stored);

}  // namespace fusesweep
