// How what a report shows came about, as every report says it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/document.h"
#include "results/rows.h"

namespace fusesweep {

// A text that a store may lack, shown: "not known" then.
std::string known_text(const std::optional<std::string>& text);

// The program, how it was built, the machine and its system.
std::vector<DocumentFact> provenance_facts(const Provenance& made);

}  // namespace fusesweep
