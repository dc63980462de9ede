#include "harness/base/program_path.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "harness/base/text.h"

namespace fusesweep {

std::optional<std::string> find_on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split_text(path == nullptr ? "" : path, ':')) {
    if (!folder.starts_with('/')) continue;
    const std::filesystem::path file = std::filesystem::path(folder) / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0)
      return file.string();
  }
  return std::nullopt;
}

}  // namespace fusesweep
