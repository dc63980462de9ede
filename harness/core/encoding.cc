#include "harness/core/encoding.h"

#include <fmt/format.h>

#include <array>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr auto kEncodings =
    std::to_array<Encoding>({Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                             Encoding::kShiftScaleChannel, Encoding::kFp16});

}  // namespace

std::string_view to_text(Encoding encoding) {
  switch (encoding) {
    case Encoding::kInt8:
      return "int8";
    case Encoding::kUint8:
      return "uint8";
    case Encoding::kShiftScaleTensor:
      return "shift-scale-tensor";
    case Encoding::kShiftScaleChannel:
      return "shift-scale-channel";
    case Encoding::kFp16:
      return "fp16";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<Encoding> parse_encoding(std::string_view text) {
  std::string known;
  for (const Encoding encoding : kEncodings) {
    if (to_text(encoding) == text) return encoding;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", to_text(encoding));
  }
  return invalid_input(fmt::format("found {}, want one of {}", quote(text), known));
}

std::uint64_t bytes_per_weight(Encoding encoding) {
  switch (encoding) {
    case Encoding::kInt8:
    case Encoding::kUint8:
    case Encoding::kShiftScaleTensor:
    case Encoding::kShiftScaleChannel:
      return 1;
    case Encoding::kFp16:
      return 2;
  }
  FUSESWEEP_UNREACHABLE();
}

}  // namespace fusesweep
