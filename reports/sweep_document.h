// The report of a sweep, before it is HTML or Markdown. A pure function.
#pragma once

#include <cstdint>

#include "reports/document.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

Document sweep_document(const SweepRows& sweep, std::int64_t created_unix_ms);

// What kind of evidence it is, what is emulated in it, and whether it is dirty.
std::vector<DocumentBadge> badges_of(const SweepRows& sweep);

}  // namespace fusesweep
