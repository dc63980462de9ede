// A search for the fastest split as a report, before it is HTML or Markdown, and as JSON. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/json.h"
#include "reports/document.h"
#include "reports/optimize_rows.h"

namespace fusesweep {

// The verification's page is named by its id and `extension` (".html"), beside this one.
Document optimize_document(const OptimizeRows& rows, const std::string& extension,
                           std::int64_t created_unix_ms);

// {"schema_version", "id", "headline", ...}: the rest is to_json(report).
Json optimize_json(const OptimizeRows& rows);

}  // namespace fusesweep
