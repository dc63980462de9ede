// Any bytes as a baseline's document: refused in one line, or read, and then it comes back from writing
// as it was.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "results/baseline.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const fusesweep::Result<fusesweep::Baseline> baseline = fusesweep::parse_baseline(text, "input");
  if (!baseline) {
    FUSESWEEP_CHECK(baseline.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto again =
      fusesweep::parse_baseline(fusesweep::to_text(fusesweep::to_json(*baseline)), "written");
  FUSESWEEP_CHECK(again && *again == *baseline);
  return 0;
}
