// A folder beside a file, for nobody else to look into, removed with what is in it. A process that is
// killed leaves it behind: NAME.tmp-XXXXXX, which may be deleted. Only results/ includes this.
#pragma once

#include <filesystem>

#include "harness/base/result.h"

namespace fusesweep {

class PrivateFolder {
 public:
  static Result<PrivateFolder> create_beside(const std::filesystem::path& file);
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateFolder(std::filesystem::path path);
  std::filesystem::path path_;
};

// Copies a store's file, with its log, to `to`. The file itself is only read, and SQLite never sees it:
// so no index appears beside it and no log is folded into it. Links, and anything but regular files,
// are refused; so is a rollback journal beside it, and a file that somebody writes meanwhile.
Result<void> copy_store_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Whether both are the same file.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other);

// Gives a whole file its name, durably; unlike a renaming this never replaces one.
Result<void> link_new_file(const std::filesystem::path& whole, const std::filesystem::path& name);

}  // namespace fusesweep
