#include "runners/mlprogram/weight_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "weight files are little-endian");

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kSentinel = 0xDEADBEEF;

struct Header {
  std::uint32_t records = 0;
  std::uint32_t version = kVersion;
  std::uint8_t zeros[56] = {};
};
static_assert(sizeof(Header) == kAlignment);

struct Metadata {
  std::uint32_t sentinel = kSentinel;
  std::uint32_t type = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  // of the elements, from the start of the file
  std::uint64_t unused_bits = 0;
  std::uint8_t zeros[32] = {};
};
static_assert(sizeof(Metadata) == kAlignment);

// The file's own numbers, which are not those of the program.
std::optional<std::uint32_t> blob_type(DataType type) {
  switch (type) {
    case DataType::kFp16:
      return 1;
    case DataType::kFp32:
      return 2;
    case DataType::kUint8:
      return 3;
    case DataType::kInt8:
      return 4;
    case DataType::kInt16:
      return 6;
    case DataType::kUint16:
      return 7;
    case DataType::kInt32:
      return 14;
    case DataType::kBool:
    case DataType::kString:
      return std::nullopt;
  }
  FUSESWEEP_UNREACHABLE();
}

}  // namespace

Result<WeightFileWriter> WeightFileWriter::create(const std::filesystem::path& path) {
  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  return WeightFileWriter(*std::move(file));
}

BlobReference WeightFileWriter::add(DataType type, std::uint64_t bytes) {
  const std::optional<std::uint32_t> number = blob_type(type);
  FUSESWEEP_CHECK(number && bytes > 0);
  const BlobReference blob{end_};
  const Metadata metadata{.type = *number, .bytes = bytes, .offset = blob.offset + kAlignment};
  file_.write_at(blob.offset, std::as_bytes(std::span(&metadata, 1)));
  end_ = (metadata.offset + bytes + kAlignment - 1) / kAlignment * kAlignment;
  ++records_;
  return blob;
}

void WeightFileWriter::write(BlobReference blob, std::uint64_t offset,
                             std::span<const std::byte> bytes) {
  file_.write_at(blob.offset + kAlignment + offset, bytes);
}

Result<void> WeightFileWriter::commit() && {
  const Header header{.records = records_};
  file_.write_at(0, std::as_bytes(std::span(&header, 1)));
  return std::move(file_).commit();
}

Result<WeightFile> WeightFile::open(const std::filesystem::path& path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return fail(std::move(file).error());
  Result<WeightFile> weights = parse(file->bytes(), one_line(path.string()));
  if (weights) weights->file_ = *std::move(file);
  return weights;
}

Result<WeightFile> WeightFile::parse(std::span<const std::byte> bytes, std::string where) {
  Header header{.version = 0};
  if (bytes.size() >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version != kVersion) {
    return invalid_input(
        fmt::format("{}: found {} bytes of version {}, want a weight file of "
                    "version {}",
                    where, bytes.size(), header.version, kVersion));
  }
  return WeightFile(bytes, std::move(where));
}

Result<std::span<const std::byte>> WeightFile::find(const Value& value) const {
  const std::uint64_t offset = std::get<BlobReference>(value.content).offset;
  const auto no = [&](const std::string& found, const std::string& wanted) {
    return invalid_input(
        fmt::format("{}: record at {}: found {}, want {}", where_, offset, found, wanted));
  };
  const std::span<const std::byte> file = bytes_;
  if (offset % kAlignment != 0 || offset > file.size() || file.size() - offset < sizeof(Metadata)) {
    return no("an offset that is misaligned or past the end", "one of a record");
  }
  Metadata metadata;
  std::memcpy(&metadata, file.data() + offset, sizeof metadata);
  const std::optional<std::uint32_t> number = blob_type(value.type.element);
  if (metadata.sentinel != kSentinel || !number || metadata.type != *number ||
      metadata.unused_bits != 0) {
    return no(fmt::format("a record of type {}", metadata.type),
              fmt::format("one of {}", to_text(value.type.element)));
  }
  const std::uint64_t bytes = element_count(value.type.shape) * element_bytes(value.type.element);
  if (metadata.bytes != bytes)
    return no(fmt::format("{} bytes", metadata.bytes), fmt::format("{}", bytes));
  if (metadata.offset % kAlignment != 0 || metadata.offset > file.size() ||
      file.size() - metadata.offset < bytes) {
    return no("elements that are misaligned or past the end", "all of them in the file");
  }
  return file.subspan(metadata.offset, bytes);
}

}  // namespace fusesweep
