// Where what a user makes is kept: --work DIR, else $FUSESWEEP_WORK, else fusesweep-work.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/folder_lock.h"
#include "harness/base/result.h"

namespace fusesweep {

std::filesystem::path work_folder(const std::optional<std::string>& typed);

// Makes it where it is missing. For as long as somebody holds the lock, gc removes nothing there; where gc is
// at work, this waits until it is done.
Result<FolderLock> enter_work_folder(const std::filesystem::path& work);

// The same for who makes nothing in vain: one that is not there stays so, without a lock, and has nothing for gc
// to remove.
Result<std::optional<FolderLock>> enter_existing_work_folder(const std::filesystem::path& work);

// The folder of artifacts in it.
std::filesystem::path artifacts_folder(const std::optional<std::string>& typed_work);

}  // namespace fusesweep
