// What a selfcheck found, for people.
#pragma once

#include <string>

#include "harness/core/selfcheck.h"

namespace fusesweep {

// Tables of banks and trials, and what they say in sentences.
std::string selfcheck_table(const SelfcheckFigures& figures);

}  // namespace fusesweep
