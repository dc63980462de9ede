// Any text either is refused in one line or is a family whose splits have the model's layers, first
// and last.
#include <cstdint>
#include <string_view>

#include "harness/base/check.h"
#include "topologies/family.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr int kLayers = 40;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const fusesweep::Result<fusesweep::Family> family = fusesweep::parse_family(text, kLayers);
  if (!family) {
    FUSESWEEP_CHECK(family.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const fusesweep::BigCount splits = fusesweep::count(*family);
  if (splits == 0) return 0;
  FUSESWEEP_CHECK(fusesweep::split_at(*family, 0).n_layers() == kLayers);
  FUSESWEEP_CHECK(fusesweep::split_at(*family, splits - 1).n_layers() == kLayers);
  return 0;
}
