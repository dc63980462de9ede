// Removing folders with everything in them, without ever following a link: whatever somebody put there,
// nothing outside is reached. And so that a process which is killed in the middle leaves nothing that
// looks whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

// What removing a file or folder would give back: the sizes of all files in it that have no other name.
// Links count nothing.  Errors name the place.
Result<std::uint64_t> bytes_of_removal(const std::filesystem::path& path);

// What a folder is called while it is being removed: ".NAME.gone".
std::string name_while_removed(std::string_view name);

// Whether a name is one that only a killed process leaves behind: of a folder that was being removed, and of
// what NewFolder and NewFile were making: ".NAME.gone", ".NAME.gone-XXXXXX", ".NAME.new", "NAME.tmp-XXXXXX".
bool is_left_behind(std::string_view name);

// Removes root/place. A folder first gets the name name_while_removed() beside it, unless its own begins with
// a dot: so under its own name it is there whole or not at all. `after_step`, where there is one, is called
// after each change in the file system.
// Errors: it is not there; a link on the way to it; the system's reason.
// REQUIRES: `place` is relative, and neither empty nor with "..".
Result<void> remove_within(const std::filesystem::path& root, const std::filesystem::path& place,
                           const std::function<void()>& after_step = {});

}  // namespace fusesweep
