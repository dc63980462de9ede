// The work folder rule: what a runner writes, and what it reads besides the model, lies in the work
// folder. Used by both ends, each of which takes the other for hostile.
#pragma once

#include <filesystem>

namespace fusesweep {

// Whether the path (a relative one starts at the folder) leads into the folder or is the folder
// itself, once links and ".." are followed. It need not be there.
bool lies_inside(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace fusesweep
