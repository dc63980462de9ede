// A rerun of a baseline as a report, before it is HTML or Markdown, and as JSON: what `fusesweep rerun` answers
// and CI systems show. Pure functions.
#pragma once

#include "harness/base/json.h"
#include "harness/core/rerun.h"
#include "reports/document.h"

namespace fusesweep {

// markdown_page() of it is a summary for CI.
Document rerun_document(const RerunReport& report);

// {"schema_version", "outcome", "headline", ...}: the rest is to_json(report).
Json rerun_json(const RerunReport& report);

}  // namespace fusesweep
