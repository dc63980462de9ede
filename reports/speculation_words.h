// What speculative decoding comes to, in words that a person reads in five seconds. Pure functions; texts
// from models, runners and stores are shown as one line each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/speculation_report.h"

namespace fusesweep {

// One short sentence, without its full stop: "tiled prompt: T=4 is 1.93 times as fast as greedy decoding
// (faster)".
std::string headline(const SpeculationReport& report);

// How sure that is, which verifiers are out, and what the prompt was: a paragraph each.
std::vector<std::string> lead(const SpeculationReport& report);

// The verifier with the largest speed-up; null: none was measured.
const SpeculativeArm* fastest_arm(const SpeculationReport& report);

// Absent without passes.
std::optional<double> tokens_per_pass(const SpeculativeArm& arm);
// The same of the log of greedy ids; absent where it was not simulated.
std::optional<double> simulated_tokens_per_pass(const SpeculationReport& report,
                                                const SpeculativeArm& arm);

}  // namespace fusesweep
