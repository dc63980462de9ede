// Moves the rows of one database of the newest schema into another, one by one, each looked at before
// it is believed. Only results/ includes this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "results/database.h"
#include "results/merge_report.h"

namespace fusesweep {

struct CopyLimits {
  // Ids that claim to be made later are refused: every id that is made here must be greater.
  std::optional<std::int64_t> newest_id_unix_ms;
  // A JSON list of ids of runs, in upper-case hexadecimal; absent: everything.
  std::optional<std::string> runs;
};

// REQUIRES: within a transaction of `to` that writes, to be rolled back after an error. What is wrong
// with a row of `from` is said of `from`; what SQLite throws is about `to`.
Result<MergeReport> copy_rows(Database& from, Database& to, const CopyLimits& limits);

// Whether every row refers to rows that are there: the message names table and column.
Result<void> check_references(Database& database);

}  // namespace fusesweep
