// Whatever the system's files hold, reading them ends, and what is read is within bounds.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/base/check.h"
#include "harness/measure/system_text.h"

namespace fusesweep {
namespace {

void read_as_everything(std::string_view text) {
  const ProcessorText processor = parse_cpuinfo(text);
  FUSESWEEP_CHECK(processor.frequency_hz.value_or(1) > 0);
  FUSESWEEP_CHECK(parse_meminfo(text).total_bytes.value_or(0) % 1024 == 0);
  const auto ticks = parse_ticks(text).value_or(ProcessorTicks{});
  FUSESWEEP_CHECK(ticks.stolen <= ticks.wanted);
  FUSESWEEP_CHECK(!parse_choice(text).value_or("a").empty());
  FUSESWEEP_CHECK(!parse_cpu_list(text).value_or(std::vector<int>{0}).empty());
  FUSESWEEP_CHECK(parse_cpu_max(text).value_or(1) > 0);
  FUSESWEEP_CHECK(parse_count(text) == parse_count(text));
  FUSESWEEP_CHECK(parse_load_average(text).value_or(0) >= 0);
  FUSESWEEP_CHECK(parse_cgroup_path(text).value_or("/").starts_with('/'));
}

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fusesweep::read_as_everything({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
