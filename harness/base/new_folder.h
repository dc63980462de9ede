// NewFolder: a folder that appears under its name only when everything in it is whole. It is filled
// under a temporary name beside it, ".NAME.new"; what a killed process left there is cleared away by
// the next one that makes the same folder.
#pragma once

#include <filesystem>

#include "harness/base/result.h"

namespace fusesweep {

// When another process is making the same folder: an error, or wait until it is done or gone.
enum class WhenBusy { kFail, kWait };

class NewFolder {
 public:
  // Makes the folders above it where they are missing. Errors name the folder and the system's
  // reason; another process that is making the same one is such an error (kUnavailable), or is waited
  // for: then look again, for what was to be made may be there.
  static Result<NewFolder> create(const std::filesystem::path& path,
                                  WhenBusy when_busy = WhenBusy::kFail);

  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&& other) noexcept;
  ~NewFolder();  // removes what there is unless commit() succeeded

  // Where to put things meanwhile.
  const std::filesystem::path& path() const { return temporary_; }

  // Gives it its name, in place of a folder that had it.
  Result<void> commit() &&;

 private:
  NewFolder(std::filesystem::path path, std::filesystem::path temporary, int fd);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;  // of the temporary folder; holds its lock
};

}  // namespace fusesweep
