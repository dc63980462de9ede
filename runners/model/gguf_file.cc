#include "runners/model/gguf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

static_assert(std::endian::native == std::endian::little,
              "GGUF is little-endian, and so is all of this reader");

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint32_t kOldestVersion = 2;
constexpr std::uint32_t kNewestVersion = 3;
constexpr std::string_view kAlignmentKey = "general.alignment";
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint64_t kMaxAlignment = 1U << 20U;
constexpr std::uint64_t kMaxNameBytes =
    65535;  // what the format allows for keys; tensor names are far shorter
constexpr std::uint32_t kMaxDimensions = 4;
constexpr int kMaxArrayDepth = 4;

constexpr auto kGgmlTypes = std::to_array<GgmlType>({
    {0, "F32", 1, 4},       {1, "F16", 1, 2},       {2, "Q4_0", 32, 18},    {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},    {7, "Q5_1", 32, 24},    {8, "Q8_0", 32, 34},    {9, "Q8_1", 32, 36},
    {10, "Q2_K", 256, 84},  {11, "Q3_K", 256, 110}, {12, "Q4_K", 256, 144}, {13, "Q5_K", 256, 176},
    {14, "Q6_K", 256, 210}, {15, "Q8_K", 256, 292}, {24, "I8", 1, 1},       {25, "I16", 1, 2},
    {26, "I32", 1, 4},      {27, "I64", 1, 8},      {28, "F64", 1, 8},      {30, "BF16", 1, 2},
});

// Bytes of one value of a fixed width, 0 for strings, arrays and unknown types.
std::uint64_t fixed_width(GgufType type) {
  switch (type) {
    case GgufType::kUint8:
    case GgufType::kInt8:
    case GgufType::kBool:
      return 1;
    case GgufType::kUint16:
    case GgufType::kInt16:
      return 2;
    case GgufType::kUint32:
    case GgufType::kInt32:
    case GgufType::kFloat32:
      return 4;
    case GgufType::kUint64:
    case GgufType::kInt64:
    case GgufType::kFloat64:
      return 8;
    case GgufType::kString:
    case GgufType::kArray:
      return 0;
  }
  return 0;
}

}  // namespace

const GgmlType* ggml_type(std::uint32_t id) {
  const auto* found = std::find_if(kGgmlTypes.begin(), kGgmlTypes.end(),
                                   [id](const GgmlType& t) { return t.id == id; });
  return found == kGgmlTypes.end() ? nullptr : found;
}

std::string to_text(const GgufValue& value) {
  if (const auto* n = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *n);
  if (const auto* n = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *n);
  if (const auto* x = std::get_if<double>(&value)) return fmt::format("the float {}", *x);
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const auto* text = std::get_if<std::string_view>(&value)) return quote(*text);
  return "an array";
}

// Reads from front to back. The first thing that does not fit is kept, and from then on every read
// answers with an empty value; loops end at the first error, so a count of 2^64 costs nothing.
class GgufParser {
 public:
  GgufParser(std::span<const std::byte> bytes, std::string_view where) : bytes_(bytes) {
    file_.where_ = where;
  }

  Result<GgufFile> parse() {
    const std::string_view magic = take_text(kMagic.size());
    if (ok() && magic != kMagic) {
      return invalid_input(fmt::format("{}: offset 0: found {}, want {}", file_.where_,
                                       quote(magic), quote(kMagic)));
    }
    file_.version_ = take<std::uint32_t>();
    if (ok() && (file_.version_ < kOldestVersion || file_.version_ > kNewestVersion)) {
      const bool swapped = (file_.version_ & 0xFFFFU) == 0;
      return invalid_input(fmt::format(
          "{}: offset 4: found {}, want 2 or 3", file_.where_,
          swapped ? std::string("a big-endian file") : fmt::format("version {}", file_.version_)));
    }
    const auto tensors = take<std::uint64_t>();
    const auto entries = take<std::uint64_t>();
    for (std::uint64_t i = 0; i < entries && ok(); ++i) take_entry();
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < tensors && ok(); ++i) offsets.push_back(take_tensor());
    if (ok()) bind_tensors(offsets);
    if (!ok()) return invalid_input(fmt::format("{}: {}", file_.where_, *error_));
    return std::move(file_);
  }

 private:
  bool ok() const { return !error_; }

  void reject(std::string message) {
    if (!error_) error_ = std::move(message);
  }
  void reject_here(std::string_view found, std::string_view wanted) {
    reject(fmt::format("offset {}: found {}, want {}", last_, found, wanted));
  }

  std::uint64_t left() const { return bytes_.size() - at_; }

  std::span<const std::byte> take_bytes(std::uint64_t size) {
    if (!ok()) return {};
    last_ = at_;
    if (size > left()) {
      reject_here(fmt::format("{} bytes left in the file", left()), fmt::format("{}", size));
      return {};
    }
    const auto taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }

  std::string_view take_text(std::uint64_t size) {
    const auto taken = take_bytes(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  template <typename T>
  T take() {
    T value{};
    const auto taken = take_bytes(sizeof(T));
    if (!taken.empty()) std::memcpy(&value, taken.data(), sizeof(T));
    return value;
  }

  std::string_view take_string() { return take_text(take<std::uint64_t>()); }

  std::string_view take_name(std::string_view of) {
    const auto size = take<std::uint64_t>();
    if (ok() && (size == 0 || size > kMaxNameBytes)) {
      reject_here(fmt::format("a {} of {} bytes", of, size), fmt::format("1 to {}", kMaxNameBytes));
    }
    return take_text(size);
  }

  GgufType take_type() {
    const auto number = take<std::uint32_t>();
    if (number > static_cast<std::uint32_t>(GgufType::kFloat64)) {
      reject_here(fmt::format("metadata type {}", number), "0 to 12");
      return GgufType::kUint8;
    }
    return static_cast<GgufType>(number);
  }

  // Steps over count elements.
  void skip_elements(GgufType element, std::uint64_t count, int depth) {
    const std::uint64_t width = fixed_width(element);
    if (width != 0) {
      if (count > left() / width) {
        reject_here(fmt::format("an array of {} elements of {} bytes", count, width),
                    fmt::format("at most the {} bytes left", left()));
        return;
      }
      take_bytes(count * width);
      return;
    }
    for (std::uint64_t i = 0; i < count && ok(); ++i) {
      if (element == GgufType::kString) {
        take_string();
      } else {
        take_array(depth + 1);
      }
    }
  }

  GgufArray take_array(int depth) {
    if (depth > kMaxArrayDepth) {
      reject_here("arrays nested deeper", fmt::format("at most {} levels", kMaxArrayDepth));
      return {};
    }
    GgufArray array{.element = take_type(), .count = take<std::uint64_t>()};
    const std::uint64_t begin = at_;
    if (ok()) skip_elements(array.element, array.count, depth);
    array.bytes = bytes_.subspan(begin, at_ - begin);
    return array;
  }

  bool take_bool() {
    const auto byte = take<std::uint8_t>();
    if (byte > 1) reject_here(fmt::format("a boolean of {}", byte), "0 or 1");
    return byte == 1;
  }

  GgufValue take_value(GgufType type) {
    switch (type) {
      case GgufType::kUint8:
        return std::uint64_t{take<std::uint8_t>()};
      case GgufType::kInt8:
        return std::int64_t{take<std::int8_t>()};
      case GgufType::kUint16:
        return std::uint64_t{take<std::uint16_t>()};
      case GgufType::kInt16:
        return std::int64_t{take<std::int16_t>()};
      case GgufType::kUint32:
        return std::uint64_t{take<std::uint32_t>()};
      case GgufType::kInt32:
        return std::int64_t{take<std::int32_t>()};
      case GgufType::kFloat32:
        return double{take<float>()};
      case GgufType::kBool:
        return take_bool();
      case GgufType::kString:
        return take_string();
      case GgufType::kArray:
        return take_array(1);
      case GgufType::kUint64:
        return take<std::uint64_t>();
      case GgufType::kInt64:
        return take<std::int64_t>();
      case GgufType::kFloat64:
        return take<double>();
    }
    return std::uint64_t{0};  // take_type lets nothing else through
  }

  void take_entry() {
    const std::string_view key = take_name("key");
    const GgufType type = take_type();
    const GgufValue value = take_value(type);
    if (ok() && !file_.metadata_.emplace(key, value).second)
      reject(fmt::format("{}: found twice, want it once", quote(key)));
  }

  // The tensor as the table describes it, without its bytes. Returns where the table says that they
  // begin.
  std::uint64_t take_tensor() {
    GgufTensor tensor{.name = take_name("tensor name")};
    const auto dimensions = take<std::uint32_t>();
    if (ok() && (dimensions == 0 || dimensions > kMaxDimensions)) {
      reject_tensor(tensor, fmt::format("{} dimensions", dimensions),
                    fmt::format("1 to {}", kMaxDimensions));
    }
    for (std::uint32_t i = 0; i < dimensions && ok(); ++i)
      tensor.shape.push_back(take<std::uint64_t>());
    tensor.type_id = take<std::uint32_t>();
    tensor.type = ggml_type(tensor.type_id);
    const auto offset = take<std::uint64_t>();
    if (ok() && !file_.tensor_by_name_.emplace(tensor.name, file_.tensors_.size()).second) {
      reject_tensor(tensor, "its name twice", "it once");
    }
    if (ok()) file_.tensors_.push_back(std::move(tensor));
    return offset;
  }

  void reject_tensor(const GgufTensor& tensor, std::string_view found, std::string_view wanted) {
    reject(fmt::format("tensor {}: found {}, want {}", quote(tensor.name), found, wanted));
  }

  std::uint64_t alignment() {
    const GgufValue* value = file_.find(kAlignmentKey);
    if (value == nullptr) return kDefaultAlignment;
    const auto* number = std::get_if<std::uint64_t>(value);
    if (number != nullptr && std::has_single_bit(*number) && *number >= 8 &&
        *number <= kMaxAlignment)
      return *number;
    reject(fmt::format("{}: found {}, want a power of two from 8 to {}", kAlignmentKey,
                       to_text(*value), kMaxAlignment));
    return kDefaultAlignment;
  }

  // The size of a tensor in bytes, or 0 after an error.
  std::uint64_t size_of(const GgufTensor& tensor) {
    std::uint64_t elements = 1;
    for (const std::uint64_t dimension : tensor.shape) {
      if (dimension == 0 || elements > std::numeric_limits<std::uint64_t>::max() / dimension) {
        reject_tensor(tensor, fmt::format("the shape {}", fmt::join(tensor.shape, "x")),
                      "a product that fits 64 bits");
        return 0;
      }
      elements *= dimension;
    }
    if (tensor.shape[0] % tensor.type->block_elements != 0) {
      reject_tensor(tensor, fmt::format("rows of {} elements", tensor.shape[0]),
                    fmt::format("a multiple of {} as {} has it", tensor.type->block_elements,
                                tensor.type->name));
      return 0;
    }
    const std::uint64_t blocks = elements / tensor.type->block_elements;
    if (blocks > left() / tensor.type->block_bytes) {
      reject_tensor(tensor, fmt::format("{} blocks of {} bytes", blocks, tensor.type->block_bytes),
                    fmt::format("at most the {} bytes left", left()));
      return 0;
    }
    return blocks * tensor.type->block_bytes;
  }

  void bind_tensors(const std::vector<std::uint64_t>& offsets) {
    const std::uint64_t align = alignment();
    const std::uint64_t padding = (align - at_ % align) % align;
    if (file_.tensors_.empty()) return;
    take_bytes(padding);
    if (!ok()) return;
    const auto data = bytes_.subspan(at_);
    std::vector<std::pair<std::uint64_t, const GgufTensor*>> in_order;
    for (std::size_t i = 0; i < offsets.size() && ok(); ++i) {
      GgufTensor& tensor = file_.tensors_[i];
      if (offsets[i] % align != 0) {
        reject_tensor(tensor, fmt::format("the offset {}", offsets[i]),
                      fmt::format("a multiple of {}", align));
      }
      if (tensor.type == nullptr) continue;
      const std::uint64_t size = size_of(tensor);
      if (ok() && (offsets[i] > data.size() || size > data.size() - offsets[i])) {
        reject_tensor(tensor,
                      fmt::format("{} bytes at offset {} of {}", size, offsets[i], data.size()),
                      "them inside the file");
      }
      if (!ok()) return;
      tensor.bytes = data.subspan(offsets[i], size);
      in_order.emplace_back(offsets[i], &tensor);
    }
    std::sort(in_order.begin(), in_order.end());
    for (std::size_t i = 1; i < in_order.size() && ok(); ++i) {
      const GgufTensor& before = *in_order[i - 1].second;
      if (in_order[i - 1].first + before.bytes.size() > in_order[i].first) {
        reject_tensor(*in_order[i].second,
                      fmt::format("its bytes inside those of {}", quote(before.name)),
                      "bytes of its own");
      }
    }
  }

  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;    // of the next byte
  std::uint64_t last_ = 0;  // of the value that was taken last
  std::optional<std::string> error_;
  GgufFile file_;
};

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes, std::string_view where) {
  return GgufParser(bytes, where).parse();
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
  Result<MappedFile> mapped = MappedFile::open(path);
  if (!mapped) return fail(std::move(mapped).error());
  Result<GgufFile> file = parse(mapped->bytes(), one_line(path.string()));
  if (file) file->file_ = *std::move(mapped);
  return file;
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

const GgufTensor* GgufFile::find_tensor(std::string_view name) const {
  const auto found = tensor_by_name_.find(name);
  return found == tensor_by_name_.end() ? nullptr : &tensors_[found->second];
}

}  // namespace fusesweep
