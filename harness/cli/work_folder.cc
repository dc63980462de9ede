#include "harness/cli/work_folder.h"

#include <cstdlib>

namespace fusesweep {

std::filesystem::path work_folder(const std::optional<std::string>& typed) {
  if (typed) return *typed;
  const char* variable = std::getenv("FUSESWEEP_WORK");
  return variable != nullptr && *variable != '\0' ? variable : "fusesweep-work";
}

std::filesystem::path artifacts_folder(const std::optional<std::string>& typed_work) {
  return work_folder(typed_work) / "artifacts";
}

}  // namespace fusesweep
