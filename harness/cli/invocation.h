// How this program was called: what commands need that start it again, or store what they did.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fusesweep {

struct Invocation {
  std::filesystem::path own_program;  // empty: it is not known where it lies
  std::vector<std::string> words;     // after its name, as they were typed
};

}  // namespace fusesweep
