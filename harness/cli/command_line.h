// The command `fusesweep`: finds the sub-command that was asked for, hands it its arguments, and
// turns what comes back into output and an exit code.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/exit_code.h"

namespace fusesweep {

// Results go to out, errors (one line each) to err.
struct Streams {
  std::FILE* out = nullptr;
  std::FILE* err = nullptr;
};

// `arguments` are those after the program's name; own_program is where that program lies, to be
// started again as a runner (empty: it cannot be). Does not throw for anything that a user can get
// wrong.
ExitCode run_command_line(std::vector<std::string> arguments, const Streams& streams,
                          const std::filesystem::path& own_program = {});

}  // namespace fusesweep
