// The list of all sweeps of a store, before it is HTML or Markdown. A pure function.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "reports/document.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// A sweep of a store, or why it cannot be read.
struct SweepReading {
  Uuid id;
  Result<SweepRows> rows;
};

// Of an oldest first list, newest first. Links lead to a file of each that is named by its id and `extension` (".html").
Document sweep_index(std::span<const SweepReading> sweeps, const std::string& extension,
                     std::int64_t created_unix_ms);

}  // namespace fusesweep
