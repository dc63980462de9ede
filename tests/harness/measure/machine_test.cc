#include "harness/measure/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Machine : public testing::Test {
 protected:
  void plant(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  MachineFacts read() const { return read_machine(folder_.path(), folder_.path() / "a/b/work"); }

  const TemporaryFolder folder_;
};

TEST_F(Machine, OfWhichNothingIsToldHasNoFacts) {
#ifdef __APPLE__
  GTEST_SKIP() << "sysctl tells all the same";
#endif
  MachineFacts facts = read();
  EXPECT_TRUE(facts.disk_free_bytes);  // of the folder above the one that is not there yet
  facts.disk_free_bytes.reset();
  EXPECT_EQ(facts, MachineFacts{});
}

TEST_F(Machine, OnLinuxIsReadFromItsFiles) {
#ifdef __APPLE__
  GTEST_SKIP() << "sysctl tells otherwise";
#endif
  plant("proc/cpuinfo", "model name : Xeon\ncpu MHz : 1000\nflags : fpu avx2 avx512f sse\n");
  plant("proc/self/status", "Name: x\nCpus_allowed_list:\t1-7\n");
  plant("proc/meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\nSwapTotal: 9 kB\nSwapFree: 4 kB\n");
  plant("proc/loadavg", "1.25 0 0 1/2 3\n");
  plant("proc/stat", "cpu  70 0 20 1000 0 0 0 10 0 0\n");
  plant("proc/sys/kernel/osrelease", "6.1.0\n");
  plant("etc/os-release", "PRETTY_NAME=\"Debian 12\"\n");
  plant("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  const std::string cpu = "sys/devices/system/cpu/";
  plant(cpu + "online", "0-2\n");
  plant(cpu + "smt/active", "1\n");
  plant(cpu + "intel_pstate/no_turbo", "0\n");
  plant(cpu + "cpu0/cpufreq/scaling_governor", "ondemand\n");  // not ours to use
  plant(cpu + "cpu1/cpufreq/scaling_governor", "powersave\n");
  plant(cpu + "cpu2/cpufreq/scaling_governor", "performance\n");
  plant(cpu + "cpu1/cpufreq/scaling_cur_freq", "800000\n");
  plant(cpu + "cpu2/cpufreq/scaling_cur_freq", "3100000\n");
  plant(cpu + "cpu2/cpufreq/cpuinfo_max_freq", "4000000\n");

  const MachineFacts facts = read();
  EXPECT_EQ(facts.cpu_model, "Xeon");
  EXPECT_THAT(facts.instruction_sets, ElementsAre("avx2", "avx512f"));
  EXPECT_EQ(facts.cpus_online, 3);
  EXPECT_EQ(facts.cpus_usable, 2);
  EXPECT_EQ(facts.smt, true);
  EXPECT_EQ(facts.hypervisor, false);
  EXPECT_EQ(facts.memory_bytes, 102400U);
  EXPECT_EQ(facts.swap_used_bytes, 5120U);
  EXPECT_EQ(facts.huge_page_setting, "never");
  EXPECT_THAT(facts.governors, ElementsAre("powersave", "performance"));
  EXPECT_EQ(facts.frequency_hz, 3100000000);
  EXPECT_EQ(facts.frequency_max_hz, 4000000000);
  EXPECT_EQ(facts.boost, true);
  EXPECT_EQ(facts.boost_file, "/sys/devices/system/cpu/intel_pstate/no_turbo");
  EXPECT_EQ(facts.load_average, 1.25);
  EXPECT_EQ(facts.steal_since_boot_rel, 0.1);
  EXPECT_EQ(facts.kernel, "Linux 6.1.0");
  EXPECT_EQ(facts.os, "Debian 12");
  EXPECT_EQ(facts.cpu_quota, std::nullopt);
}

TEST_F(Machine, LeastLimitOnTheWayUpCounts) {
  const std::string top = "sys/fs/cgroup/";
  plant("proc/self/cgroup", "0::/slice/unit\n");
  plant(top + "slice/cpu.max", "150000 100000\n");
  plant(top + "slice/unit/cpu.max", "max 100000\n");
  plant(top + "slice/memory.max", "4096\n");
  plant(top + "slice/unit/memory.max", "8192\n");
  EXPECT_EQ(read().cpu_quota, 1.5);
  EXPECT_EQ(read().memory_limit_bytes, 4096U);

  plant("proc/self/cgroup", "0::/\n");  // inside a container
  plant(top + "cpu.max", "50000 100000\n");
  EXPECT_EQ(read().cpu_quota, 0.5);
  EXPECT_EQ(read().memory_limit_bytes, std::nullopt);
}

TEST_F(Machine, OfAmdHasItsBoostElsewhere) {
  plant("sys/devices/system/cpu/cpufreq/boost", "0\n");
  EXPECT_EQ(read().boost, false);
  EXPECT_EQ(read().boost_file, "/sys/devices/system/cpu/cpufreq/boost");
}

TEST_F(Machine, NonsenseInItsFilesIsNoFact) {
#ifdef __APPLE__
  GTEST_SKIP() << "sysctl tells all the same";
#endif
  for (const char* path :
       {"proc/cpuinfo", "proc/self/status", "proc/meminfo", "proc/loadavg", "proc/stat",
        "proc/self/cgroup", "etc/os-release", "sys/kernel/mm/transparent_hugepage/enabled",
        "sys/devices/system/cpu/online", "sys/devices/system/cpu/cpufreq/boost",
        "sys/fs/cgroup/cpu.max", "sys/fs/cgroup/memory.max"})
    plant(path, std::string("\0\xff -9 : = [ \n\n 0-", 17));
  MachineFacts facts = read();
  facts.disk_free_bytes.reset();
  EXPECT_EQ(facts, MachineFacts{});
}

TEST(ThisMachine, ToldWhatEverySystemTells) {
  const MachineFacts facts = read_machine("/", ".");
  EXPECT_GT(facts.memory_bytes, 1U << 20);
  EXPECT_GE(facts.cpus_usable, 1);
  EXPECT_TRUE(facts.kernel);
  EXPECT_THAT(read_machine("/no/such/root", "/").governors, IsEmpty());
}

}  // namespace
}  // namespace fusesweep
