// What a store keeps beside its sweeps, each kind with an answer of its own: searches, selfchecks, reruns,
// speculations.
#pragma once

#include <optional>
#include <string_view>

#include "harness/base/result.h"
#include "results/store.h"

namespace fusesweep {

// The one of this kind ("optimize") whose id begins so, with its answer. Absent: what begins so is something
// else, or more than one thing, which read_sweep() says.  Errors: it has no answer yet.
Result<std::optional<StoredSweep>> find_answered(const Store& store, std::string_view kind,
                                                 std::string_view beginning);

// The same for those who ask for nothing else; without an id the newest that has ended.
// Errors: also none such, and what begins so is something else.
Result<StoredSweep> read_answered(const Store& store, std::string_view kind,
                                  std::optional<std::string_view> beginning = std::nullopt);

}  // namespace fusesweep
