// Which fusesweep this is, and how it was built.
#pragma once

#include <optional>
#include <string_view>

namespace fusesweep {

// The released version, such as "0.1.0"; stated once, in CMakeLists.txt.
std::string_view version();

struct BuildFacts {
  std::optional<std::string_view> git_revision;  // absent: not built from a checkout with git
  std::optional<bool> git_dirty;                 // whether files that git tracks were changed
  std::string_view compiler;                     // "GNU 12.2.0"
  std::string_view compiler_flags;               // of the whole build; warnings are not in it
  std::string_view build_type;                   // "Release"; empty where none was asked for
};

BuildFacts build_facts();

}  // namespace fusesweep
