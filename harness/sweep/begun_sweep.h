// A question and the store: a sweep that asked the same is found again and gone on with, or read.
#pragma once

#include <optional>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "results/store.h"

namespace fusesweep {

struct BegunSweep {
  Uuid id{};
  std::optional<StoredSweep> ended = std::nullopt;  // with its answer; absent: it goes on
};

// The run's newest sweep with this question, of this machine; a new one where there is none, or a fresh
// one is wanted. The question, an object, is known by its hash.  Errors: the store.
Result<BegunSweep> begin_or_go_on(Store& store, const Uuid& run, Json question, bool is_fresh);

}  // namespace fusesweep
