#include "harness/base/file.h"

#include <fmt/format.h>

#include "harness/base/mapped_file.h"
#include "harness/base/text.h"

namespace fusesweep {

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const Result<MappedFile> file = MappedFile::open(path);
  if (!file) return fail(file.error());
  const std::span<const std::byte> bytes = file->bytes();
  if (bytes.size() > max_bytes) {
    return invalid_input(fmt::format("{}: found {} bytes, want at most {}", one_line(path.string()),
                                     bytes.size(), max_bytes));
  }
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace fusesweep
