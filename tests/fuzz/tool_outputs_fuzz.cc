// What a user's tools print, and the file that names them, from anybody's bytes: no reader may do more than refuse.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/base/check.h"
#include "runners/toolchain/tool_outputs.h"
#include "runners/toolchain/toolchain_config.h"

namespace fusesweep {
namespace {

template <typename T>
void check(const Result<T>& result) {
  if (!result) FUSESWEEP_CHECK(result.error().message.find('\n') == std::string::npos);
}

void read_as_everything(std::string_view text) {
  check(parse_residency_report(text, "fuzz"));
  check(parse_residency_lines(text, "fuzz"));
  const Result<RecordedComparison> golden = parse_golden_lines(text, "fuzz");
  check(golden);
  if (golden && golden->cosine) FUSESWEEP_CHECK(*golden->cosine >= -1 && *golden->cosine <= 1);
  const Result<DecodeResult> once = parse_one_shot(text, "fuzz");
  check(once);
  if (once && once->sum) FUSESWEEP_CHECK(once->sum->tokens > 0 && once->sum->ns > 0);
  check(parse_ready(text, "fuzz"));
  check(parse_resident_answer(text, "fuzz"));
  check(parse_toolchain(text, "fuzz", "/"));
}

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fusesweep::read_as_everything({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
