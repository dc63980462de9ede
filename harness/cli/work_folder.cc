#include "harness/cli/work_folder.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {

std::filesystem::path work_folder(const std::optional<std::string>& typed) {
  if (typed) return *typed;
  const char* variable = std::getenv("FUSESWEEP_WORK");
  return variable != nullptr && *variable != '\0' ? variable : "fusesweep-work";
}

Result<FolderLock> enter_work_folder(const std::filesystem::path& work) {
  std::error_code error;
  std::filesystem::create_directories(work, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(work.string()), error.message()));
  return FolderLock::share(work);
}

Result<std::optional<FolderLock>> enter_existing_work_folder(const std::filesystem::path& work) {
  std::error_code error;
  if (!std::filesystem::exists(work, error)) return std::nullopt;
  Result<FolderLock> lock = FolderLock::share(work);
  if (!lock) return fail(std::move(lock).error());
  return std::optional(*std::move(lock));
}

std::filesystem::path artifacts_folder(const std::optional<std::string>& typed_work) {
  return work_folder(typed_work) / "artifacts";
}

}  // namespace fusesweep
