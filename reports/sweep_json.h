// A sweep's report for programs. A pure function.
#pragma once

#include <cstdint>

#include "harness/base/json.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// schema_version first. Everything that the page says and what it is made from; texts as they are.
Json sweep_json(const SweepRows& sweep, std::int64_t created_unix_ms);

}  // namespace fusesweep
