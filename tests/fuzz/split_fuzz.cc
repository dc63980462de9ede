// Any text either is refused in one line or is a split whose text reads back as itself.
#include <cstdint>
#include <string_view>

#include "harness/base/check.h"
#include "topologies/split.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const fusesweep::Result<fusesweep::Split> split = fusesweep::parse_split(text);
  if (split) {
    FUSESWEEP_CHECK(fusesweep::parse_split(fusesweep::to_text(*split), split->n_layers()) == split);
  } else {
    FUSESWEEP_CHECK(split.error().message.find('\n') == std::string::npos);
  }
  return 0;
}
