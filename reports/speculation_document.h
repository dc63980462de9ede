// Speculative decoding as a report, before it is HTML or Markdown, and as JSON. Pure functions.
#pragma once

#include <cstdint>

#include "harness/base/json.h"
#include "reports/document.h"
#include "reports/speculation_rows.h"

namespace fusesweep {

Document speculation_document(const SpeculationRows& rows, std::int64_t created_unix_ms);

// {"schema_version", "id", "headline", ...}: the rest is to_json(report).
Json speculation_json(const SpeculationRows& rows);

}  // namespace fusesweep
