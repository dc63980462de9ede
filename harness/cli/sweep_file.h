// A sweep asked for by a file: {"splits": "16+8+6+2,20+4+6+2", "kv": "slice", "budget-s": 600}. Its
// members are the flags of `fusesweep sweep` without their dashes.
#pragma once

#include <filesystem>

#include "harness/base/result.h"
#include "harness/cli/sweep_command.h"

namespace fusesweep {

// Fills in what the file names; values are texts as they would be typed, numbers, or lists of these, and
// true or false. Errors name file and member, or line and column.
Result<void> read_sweep_file(const std::filesystem::path& file, SweepArguments& arguments);

}  // namespace fusesweep
