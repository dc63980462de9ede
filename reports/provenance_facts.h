// How what a report shows came about, as every report says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/uuid.h"
#include "reports/document.h"
#include "results/rows.h"

namespace fusesweep {

// A text that a store may lack, shown: "not known" then.
std::string known_text(const std::optional<std::string>& text);

// The program, how it was built, the machine and its system.
std::vector<DocumentFact> provenance_facts(const Provenance& made);

// Something that a run asked for and that has an answer.
struct Origin {
  std::string_view what;  // "Search"
  const Uuid& id;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;
  const std::string& model;  // names; empty: not known
  const std::string& runner;
  const RunRow& run;  // that began it
};

// A section of its own, with those facts and what was typed.
DocumentSection provenance_section(const Origin& origin);

}  // namespace fusesweep
