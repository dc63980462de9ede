// FolderLock: says who is at work in a folder. Any number hold it shared, or one alone. It goes when its
// holder does, however that ends. Programs that are started do not inherit it. It binds only who asks for
// it, on one machine, and leaves nothing in the folder: the lock is the folder's own.
#pragma once

#include <filesystem>

#include "harness/base/result.h"

namespace fusesweep {

class FolderLock {
 public:
  // Waits for whoever holds it alone. Errors name the folder, which must be there, and the system's reason.
  static Result<FolderLock> share(const std::filesystem::path& folder);

  // Does not wait: that somebody else holds it is an error (kUnavailable).
  static Result<FolderLock> hold_alone(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  static Result<FolderLock> take(const std::filesystem::path& folder, int operation);

  int fd_ = -1;  // of the folder
};

}  // namespace fusesweep
