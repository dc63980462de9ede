// Recorded facts as rows of the store: how `fusesweep runs import recorded:NAME` takes them in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "results/rows.h"
#include "results/store.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

// Midnight UTC of a day such as "2026-04-28"; absent for what is no day of the calendar.
std::optional<std::int64_t> unix_ms_of_date(std::string_view date);

// All runs of a record, in its order.
std::vector<RecordedRunRow> recorded_rows(const RecordedFacts& facts);

// Gives how many were not there before.
Result<int> import_recorded(Store& store, const Uuid& run, const RecordedFacts& facts);

}  // namespace fusesweep
