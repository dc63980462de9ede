// What a search for the fastest split comes to, for people: lines on the terminal.
#pragma once

#include <string>

#include "harness/cli/sweep_text.h"
#include "harness/sweep/optimize.h"

namespace fusesweep {

std::string optimize_text(const OptimizeAnswer& answer, const SweepTitle& title);

}  // namespace fusesweep
