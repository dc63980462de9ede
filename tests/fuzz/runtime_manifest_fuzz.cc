// Any text either is refused in one line or is a manifest that covers the model.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "topologies/runtime_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto manifest = fusesweep::parse_runtime_manifest(text, "input");
  if (!manifest) {
    FUSESWEEP_CHECK(manifest.error().message.find('\n') == std::string::npos);
    return 0;
  }
  FUSESWEEP_CHECK(fusesweep::check_contract(manifest->contract));
  int next = 0;
  for (const fusesweep::ManifestShard& shard : manifest->layers) {
    const auto& segment = std::get<fusesweep::Segment>(shard.kind);
    FUSESWEEP_CHECK(segment.begin == next && segment.end > next);
    next = segment.end;
  }
  FUSESWEEP_CHECK(next == manifest->contract.n_layers);
  return 0;
}
