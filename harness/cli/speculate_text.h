// What speculative decoding came to, for people.
#pragma once

#include <string>

#include "harness/core/speculation_report.h"

namespace fusesweep {

// A table of the verifiers, what their drafts came to by the length of the n-gram, and why any of them
// has no speed.
std::string speculation_table(const SpeculationReport& report);

}  // namespace fusesweep
