#include "harness/measure/noise_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A machine of which nothing can be complained about.
MachineFacts quiet() {
  return {.cpus_online = 8,
          .cpus_usable = 8,
          .smt = false,
          .hypervisor = false,
          .memory_bytes = 1 << 30,
          .memory_available_bytes = 1 << 29,
          .swap_bytes = 0,
          .swap_used_bytes = 0,
          .huge_page_setting = "madvise",
          .governors = {"performance"},
          .boost = false,
          .boost_file = "/sys/devices/system/cpu/cpufreq/boost",
          .load_average = 0.1,
          .steal_since_boot_rel = 0.001,
          .cpu_quota = 8};
}

TEST(NoiseSources, NothingIsSaidOfAQuietMachineOrAnUnknownOne) {
  EXPECT_THAT(noise_sources(quiet(), {.steal_rel = 0, .read_spread_rel = 0.02}), IsEmpty());
  EXPECT_THAT(noise_sources({}, {}), IsEmpty());
}

TEST(NoiseSources, EachHasItsFix) {
  const struct {
    const char* name;
    void (*change)(MachineFacts& facts, SeenAtWork& seen);
    const char* what;
    const char* fix;
  } rows[] = {
      {"steal", [](MachineFacts& facts, SeenAtWork&) { facts.steal_since_boot_rel = 0.03; },
       "took 3.0 % of the processor time that was wanted since boot", "dedicated host"},
      {"steal", [](MachineFacts&, SeenAtWork& seen) { seen.steal_rel = 0.251; },
       "took 25.1 % of the processor time that was wanted just now", "dedicated host"},
      {"reading", [](MachineFacts&, SeenAtWork& seen) { seen.read_spread_rel = 0.12; },
       "12 % slower in the median pass", "end other programs"},
      {"quota", [](MachineFacts& facts, SeenAtWork&) { facts.cpu_quota = 1.5; },
       "may use 1.50 processors", "without a CPU quota"},
      {"load", [](MachineFacts& facts, SeenAtWork&) { facts.load_average = 0.77; },
       "load average is 0.77", "top"},
      {"governor", [](MachineFacts& facts, SeenAtWork&) { facts.governors = {"powersave"}; },
       "frequency governor is powersave", "sudo cpupower frequency-set -g performance"},
      {"governor",
       [](MachineFacts& facts, SeenAtWork&) {
         facts.governors = {"performance", "powersave"};
       },
       "frequency governor is performance and powersave", "cpupower"},
      {"boost", [](MachineFacts& facts, SeenAtWork&) { facts.boost = true; }, "boost is on",
       "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"},
      {"boost",
       [](MachineFacts& facts, SeenAtWork&) {
         facts.boost = true;
         facts.boost_file = "/sys/devices/system/cpu/intel_pstate/no_turbo";
       },
       "boost is on", "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"},
      {"smt", [](MachineFacts& facts, SeenAtWork&) { facts.smt = true; }, "share one core",
       "smt/control"},
      {"swap", [](MachineFacts& facts, SeenAtWork&) { facts.swap_used_bytes = 200 << 20; },
       "200.00 MiB are swapped out", "swapoff"},
      {"memory", [](MachineFacts& facts, SeenAtWork&) { facts.memory_available_bytes = 1 << 20; },
       "only 1.00 MiB of 1.00 GiB", "ps -eo"},
      {"huge-pages", [](MachineFacts& facts, SeenAtWork&) { facts.huge_page_setting = "never"; },
       "huge pages are off", "echo madvise"},
      {"hypervisor", [](MachineFacts& facts, SeenAtWork&) { facts.hypervisor = true; },
       "a virtual machine", "measured together"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    MachineFacts facts = quiet();
    SeenAtWork seen;
    row.change(facts, seen);
    const std::vector<NoiseSource> found = noise_sources(facts, seen);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].name, row.name);
    EXPECT_THAT(found[0].what, HasSubstr(row.what));
    EXPECT_THAT(found[0].fix, HasSubstr(row.fix));
    EXPECT_EQ((found[0].what + found[0].fix).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace fusesweep
