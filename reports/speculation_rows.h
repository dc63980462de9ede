// Speculative decodings in a store, which keeps them beside its sweeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/base/result.h"
#include "harness/core/speculation_report.h"
#include "results/store.h"

namespace fusesweep {

struct SpeculationRows {
  Uuid id;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;
  RunRow run;  // that began it, with provenance
  SpeculationReport report;
};

// The one whose id begins so. Absent: what begins so is something else, or more than one thing, which
// read_sweep() says.  Errors: it has no answer yet, or one that is none.
Result<std::optional<SpeculationRows>> find_speculation(const Store& store,
                                                        std::string_view beginning);

// The same for those who ask for nothing else; without an id the newest that has ended.
// Errors: also none such, and what begins so is something else.
Result<SpeculationRows> read_speculation(const Store& store,
                                         std::optional<std::string_view> beginning = std::nullopt);

// Of one that is at hand, with its answer.  Errors: the answer is none.
Result<SpeculationRows> speculation_rows(const Store& store, const StoredSweep& stored);

}  // namespace fusesweep
