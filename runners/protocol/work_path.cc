#include "runners/protocol/work_path.h"

#include <algorithm>
#include <system_error>

namespace fusesweep {

bool lies_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path outer = std::filesystem::weakly_canonical(folder, error);
  if (error) return false;
  const std::filesystem::path inner = std::filesystem::weakly_canonical(outer / path, error);
  if (error) return false;
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace fusesweep
