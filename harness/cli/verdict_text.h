// Verdicts of gates for people, as they stand in a store or a baseline: anybody may have written them.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/verdict.h"

namespace fusesweep {

// "golden: fail: REASON", and a line for each figure that begins with the indentation:
// "relative_l2 0.1, want at most 0.05".
std::string verdict_text(const GateVerdict& verdict, std::string_view indentation);

}  // namespace fusesweep
