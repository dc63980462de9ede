#include "harness/base/file.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "harness/base/text.h"

namespace fusesweep {

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return invalid_input(fmt::format("{}: found no such file", one_line(path.string())));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return invalid_input(
        fmt::format("{}: found no regular file, want one", one_line(path.string())));
  }
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return invalid_input(fmt::format("{}: {}", one_line(path.string()), error.message()));
  if (size > max_bytes) {
    return invalid_input(fmt::format("{}: found {} bytes, want at most {}", one_line(path.string()),
                                     size, max_bytes));
  }
  std::ifstream in(path, std::ios::binary);
  std::string content(size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(size));
  if (!in || static_cast<std::uint64_t>(in.gcount()) != size) {
    return invalid_input(fmt::format("{}: could not be read whole", one_line(path.string())));
  }
  return content;
}

}  // namespace fusesweep
