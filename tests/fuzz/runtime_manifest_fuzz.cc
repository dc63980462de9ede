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
  const auto check_layers = [&](const std::vector<fusesweep::ManifestShard>& shards) {
    int next = 0;
    for (const fusesweep::ManifestShard& shard : shards) {
      const auto& segment = std::get<fusesweep::Segment>(shard.kind);
      FUSESWEEP_CHECK(segment.begin == next && segment.end > next);
      next = segment.end;
    }
    FUSESWEEP_CHECK(next == manifest->contract.n_layers);
  };
  check_layers(manifest->layers);
  if (manifest->verifier) check_layers(manifest->verifier->layers);
  return 0;
}
