// Programs of others that may be installed here: where they are, and what version they say they are.
#pragma once

#include <optional>
#include <string>

namespace fusesweep {

struct InstalledProgram {
  std::string path;
  std::optional<std::string> version;  // the first line that it answers with
};

// Looks the name up on $PATH and starts it with --version, without a shell. A program that does not
// answer within seconds is ended and has no version. Absent: there is no such program.
std::optional<InstalledProgram> find_program(const std::string& name);

}  // namespace fusesweep
