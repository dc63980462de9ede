#include "runners/model/npy.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/mapped_file.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMaxRank = 8;

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

// What stands after a key of the header's dictionary, up to the comma or bracket that ends it.
std::optional<std::string_view> value_after(std::string_view header, std::string_view key) {
  const std::string quoted = fmt::format("'{}':", key);
  std::size_t begin = header.find(quoted);
  if (begin == std::string_view::npos) return std::nullopt;
  begin = header.find_first_not_of(' ', begin + quoted.size());
  if (begin == std::string_view::npos) return std::nullopt;
  const char last = header[begin] == '(' ? ')' : ',';
  const std::size_t end = header.find(last, begin);
  if (end == std::string_view::npos) return std::nullopt;
  return header.substr(begin, end - begin + (last == ')' ? 1 : 0));
}

// "(2, 3)", "(5,)" or "()".
std::optional<std::vector<std::size_t>> parse_shape(std::string_view text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
  std::vector<std::size_t> shape;
  for (std::string_view item : split_text(text.substr(1, text.size() - 2), ',')) {
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.empty()) continue;
    const Result<std::int64_t> size =
        parse_integer(item, 0, std::numeric_limits<std::int32_t>::max());
    if (!size || shape.size() == kMaxRank) return std::nullopt;
    shape.push_back(static_cast<std::size_t>(*size));
  }
  return shape;
}

// The header's text and where the elements begin, or nothing when this is no .npy file.
struct Header {
  std::string_view text;
  std::size_t end = 0;
};

std::optional<Header> find_header(std::string_view file) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (!file.starts_with(kMagic) || file.size() < 12) return std::nullopt;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(file[i]));
  };
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) return std::nullopt;
  std::size_t length = byte(8) | byte(9) << 8U;
  if (version > 1) length |= byte(10) << 16U | byte(11) << 24U;
  const std::size_t begin = version == 1 ? 10 : 12;
  if (length > file.size() - begin) return std::nullopt;
  return Header{file.substr(begin, length), begin + length};
}

}  // namespace

Result<NpyArray> read_npy(const std::filesystem::path& path) {
  const Result<MappedFile> mapped = MappedFile::open(path);
  if (!mapped) return fail(mapped.error());
  const std::string_view file(reinterpret_cast<const char*>(mapped->bytes().data()),
                              mapped->bytes().size());
  const auto no = [&](const std::string& found, std::string_view wanted) {
    return invalid_input(
        fmt::format("{}: found {}, want {}", one_line(path.string()), found, wanted));
  };
  const std::optional<Header> header = find_header(file);
  if (!header) return no("no .npy header", "a .npy file");
  const std::optional<std::string_view> type = value_after(header->text, "descr");
  if (!type || *type != "'<f4'")
    return no(type ? quote(*type) : "no type", "'<f4', little-endian float32");
  if (const auto order = value_after(header->text, "fortran_order"); !order || *order != "False")
    return no("column-major order", "row-major");
  const std::optional<std::string_view> stated = value_after(header->text, "shape");
  std::optional<std::vector<std::size_t>> shape = stated ? parse_shape(*stated) : std::nullopt;
  if (!shape) return no(stated ? quote(*stated) : "no shape", "a shape of at most 8 dimensions");

  const std::size_t elements = (file.size() - header->end) / sizeof(float);
  std::size_t count = 1;
  for (const std::size_t size : *shape) {
    // Beyond what the file holds it no longer matters by how much.
    count = size != 0 && count > elements / size ? elements + 1 : count * size;
  }
  if (count != elements || (file.size() - header->end) % sizeof(float) != 0) {
    return no(fmt::format("{} bytes of elements", file.size() - header->end),
              fmt::format("the shape {}", *stated));
  }
  NpyArray array{.shape = *std::move(shape), .values = std::vector<float>(count)};
  if (count != 0)
    std::memcpy(array.values.data(), file.data() + header->end, count * sizeof(float));
  return array;
}

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
