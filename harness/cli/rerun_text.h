// What a rerun of a baseline comes to, for people at a terminal. Pages and files for CI are reports/'s.
#pragma once

#include <string>

#include "harness/core/rerun.h"

namespace fusesweep {

// The headline first, then how it was compared, what has changed, a table of at most 120 columns, dirt and
// the likely cause.
std::string rerun_text(const RerunReport& report);

}  // namespace fusesweep
