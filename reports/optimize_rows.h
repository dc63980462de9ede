// Searches for the fastest split in a store, which keeps them beside its sweeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/base/result.h"
#include "harness/core/optimize.h"
#include "reports/sweep_rows.h"
#include "results/store.h"

namespace fusesweep {

struct OptimizeRows {
  Uuid id;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;
  RunRow run;  // that began it, with provenance
  Json spec;   // an object: what was asked for
  OptimizeReport report;
  // The sweep in which the best were measured whole. Absent: none was, or it is not in this store.
  std::optional<SweepRows> verification;
};

// The search whose id begins so. Absent: what begins so is something else, or more than one thing, which
// read_sweep() says.  Errors: it has no answer yet, or one that is none.
Result<std::optional<OptimizeRows>> find_optimize(const Store& store, std::string_view beginning);

// The same for those who ask for nothing else; without an id the newest that has ended.
// Errors: also none such, and what begins so is something else.
Result<OptimizeRows> read_optimize(const Store& store,
                                   std::optional<std::string_view> beginning = std::nullopt);

// Of one that is at hand, with its answer.  Errors: the answer is none.
Result<OptimizeRows> optimize_rows(const Store& store, const StoredSweep& stored);

}  // namespace fusesweep
