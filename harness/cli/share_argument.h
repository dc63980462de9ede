// A share as it is typed after a flag, the same for every command that takes one.
#pragma once

#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// "0.01" or "1%": above 0 and below 1. Errors name the flag.
Result<double> read_share(const std::string& typed, const char* flag);

}  // namespace fusesweep
