// Any text either is refused in one line or is a set of facts whose parts refer to what is there.
#include <cstdint>
#include <string_view>

#include "harness/base/check.h"
#include "topologies/recorded_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const fusesweep::Result<fusesweep::RecordedFacts> facts =
      fusesweep::parse_recorded_facts(text, "input");
  if (!facts) {
    FUSESWEEP_CHECK(facts.error().message.find('\n') == std::string::npos);
    return 0;
  }
  for (const fusesweep::RecordedShard& shard : facts->shards) {
    FUSESWEEP_CHECK(0 <= shard.segment.begin && shard.segment.begin < shard.segment.end &&
                    shard.segment.end <= facts->n_layers);
  }
  for (const fusesweep::RecordedSplit& split : facts->splits) {
    FUSESWEEP_CHECK(split.split.n_layers() == facts->n_layers);
  }
  return 0;
}
