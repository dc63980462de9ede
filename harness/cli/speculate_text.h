// What speculative decoding came to, for people.
#pragma once

#include <string>

#include "harness/base/json.h"
#include "harness/core/speculation_report.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

// A table of the verifiers, what their drafts came to by the length of the n-gram, and why any of them
// has no speed.
std::string speculation_table(const SpeculationReport& report);

// What a record has of speculative decoding, an observation a line: nothing of it is measured here.
std::string recorded_speculation_text(const RecordedFacts& facts);
Json recorded_speculation_json(const RecordedFacts& facts);

}  // namespace fusesweep
