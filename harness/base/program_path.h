// Where a program lies that $PATH leads to.
#pragma once

#include <optional>
#include <string>

namespace fusesweep {

// The first file of that name in a folder of $PATH that may be run. Entries that stand for the working
// folder are passed over: it is nowhere to start programs from.
std::optional<std::string> find_on_path(const std::string& name);

}  // namespace fusesweep
