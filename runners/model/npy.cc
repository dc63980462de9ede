#include "runners/model/npy.h"

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/new_file.h"

namespace fusesweep {
namespace {

// Magic, version, header length, and a Python dictionary padded so that the data begins at a
// multiple of 64.
std::string npy_header(const std::vector<std::size_t>& shape) {
  std::string dimensions;
  for (const std::size_t dimension : shape) dimensions += fmt::format("{},", dimension);
  std::string text =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", dimensions);
  constexpr std::size_t kPrefixBytes = 10;
  const std::size_t unpadded = kPrefixBytes + text.size() + 1;
  text.append((64 - unpadded % 64) % 64, ' ');
  text += '\n';
  const auto length = static_cast<std::uint16_t>(text.size());
  std::string header = "\x93NUMPY";
  header += {'\x01', '\x00', static_cast<char>(length & 0xFFU), static_cast<char>(length >> 8U)};
  return header + text;
}

}  // namespace

Result<void> write_npy(const std::filesystem::path& path, const std::vector<std::size_t>& shape,
                       std::span<const float> values) {
  FUSESWEEP_CHECK(std::accumulate(shape.begin(), shape.end(), std::size_t{1},
                                  std::multiplies<>()) == values.size());
  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  file->write(npy_header(shape));
  file->write(std::as_bytes(values));
  return std::move(*file).commit();
}

}  // namespace fusesweep
