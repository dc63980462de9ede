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

// What a store keeps beside its sweeps and has a page: a search, a rerun, a speculation.
struct OtherReading {
  Uuid id;
  std::string kind;  // "optimize"
  std::int64_t started_unix_ms = 0;
  std::string model;  // empty: not known
  std::string runner;
  Result<std::string> headline;  // or why it cannot be read: it has no page then
};

// Of an oldest first list, newest first. Links lead to a file of each that is named by its id and `extension` (".html").
Document sweep_index(std::span<const SweepReading> sweeps, const std::string& extension,
                     std::int64_t created_unix_ms, std::span<const OtherReading> others = {});

}  // namespace fusesweep
