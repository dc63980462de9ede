// Where what a user makes is kept: --work DIR, else $FUSESWEEP_WORK, else fusesweep-work.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace fusesweep {

std::filesystem::path work_folder(const std::optional<std::string>& typed);

// The folder of artifacts in it.
std::filesystem::path artifacts_folder(const std::optional<std::string>& typed_work);

}  // namespace fusesweep
