#include "harness/measure/system_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace fusesweep {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(SystemText, CpuinfoOfX86) {
  const ProcessorText processor = parse_cpuinfo(
      "processor\t: 0\nmodel name\t: AMD EPYC\ncpu MHz\t\t: 2596.122\nfpu\t\t: yes\n"
      "flags\t\t: fpu avx2 hypervisor\n\nprocessor\t: 1\nmodel name\t: other\n"
      "cpu MHz\t\t: 3000.5\nflags\t\t: fpu\n");
  EXPECT_EQ(processor.model, "AMD EPYC");
  EXPECT_THAT(processor.flags, ElementsAre("fpu", "avx2", "hypervisor"));
  EXPECT_EQ(processor.frequency_hz, 3000500000);
}

TEST(SystemText, CpuinfoOfArmHasFeaturesAndNoName) {
  const ProcessorText processor =
      parse_cpuinfo("processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd i8mm\n");
  EXPECT_EQ(processor.model, std::nullopt);
  EXPECT_THAT(processor.flags, ElementsAre("fp", "asimd", "i8mm"));
  EXPECT_EQ(processor.frequency_hz, std::nullopt);
}

TEST(SystemText, CpuinfoThatIsNone) {
  for (const char* text : {"", "\n\n", "model name", "model name :", "cpu MHz : -1\nflags:",
                           "cpu MHz : nan", "cpu MHz : 1e300", ":::"}) {
    SCOPED_TRACE(text);
    const ProcessorText processor = parse_cpuinfo(text);
    EXPECT_EQ(processor.model, std::nullopt);
    EXPECT_EQ(processor.frequency_hz, std::nullopt);
    EXPECT_THAT(processor.flags, IsEmpty());
  }
}

TEST(SystemText, MeminfoInBytes) {
  const MemoryText memory = parse_meminfo(
      "MemTotal:       24684092 kB\nMemAvailable:   23654280 kB\nSwapTotal:             8 kB\n"
      "SwapFree:              0 kB\nHugePages_Free:        3\nHugepagesize:       2048 kB\n");
  EXPECT_EQ(memory.total_bytes, 24684092ULL * 1024);
  EXPECT_EQ(memory.available_bytes, 23654280ULL * 1024);
  EXPECT_EQ(memory.swap_total_bytes, 8192U);
  EXPECT_EQ(memory.swap_free_bytes, 0U);
  EXPECT_EQ(memory.huge_pages_free, 3);
  EXPECT_EQ(memory.huge_page_bytes, 2097152U);
}

TEST(SystemText, MeminfoThatIsNone) {
  for (const char* text : {"", "MemTotal:", "MemTotal: 5", "MemTotal: 5 MB", "MemTotal: -5 kB",
                           "MemTotal: 18446744073709551615 kB", "MemTotalX: 5 kB",
                           "XMemTotal: 5 kB", "MemTotal: 5 kB kB"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_meminfo(text).total_bytes, std::nullopt);
  }
}

TEST(SystemText, TicksAreWantedOrStolen) {
  const struct {
    const char* name;
    const char* text;
    std::optional<ProcessorTicks> want;
  } rows[] = {
      {"a kernel's", "cpu  10 1 5 1000 7 2 3 4 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n",
       ProcessorTicks{25, 4}},
      {"without guests", "cpu  10 1 5 1000 7 2 3 4", ProcessorTicks{25, 4}},
      {"too old for steal", "cpu  10 1 5 1000 7 2 3", std::nullopt},
      {"one processor's", "cpu0 10 1 5 1000 7 2 3 4", std::nullopt},
      {"negative", "cpu  10 1 5 1000 7 2 3 -4", std::nullopt},
      {"beyond 64 bits", "cpu  10 1 5 1000 7 2 3 99999999999999999999", std::nullopt},
      {"sums beyond 64 bits", "cpu  18446744073709551615 1 5 1000 7 2 3 4", std::nullopt},
      {"nothing", "", std::nullopt},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(parse_ticks(row.text), row.want);
  }
}

TEST(SystemText, StealIsAShareOfWhatWasWanted) {
  EXPECT_THAT(steal_rel({}, {200, 3}), Optional(DoubleEq(0.015)));
  EXPECT_THAT(steal_rel({100, 1}, {200, 3}), Optional(DoubleEq(0.02)));
  EXPECT_EQ(steal_rel({100, 1}, {100, 1}), std::nullopt);  // nothing was wanted
  EXPECT_EQ(steal_rel({100, 3}, {200, 1}), std::nullopt);  // went back
  EXPECT_EQ(steal_rel({200, 1}, {100, 1}), std::nullopt);
}

TEST(SystemText, ChoiceIsTheWordInBrackets) {
  EXPECT_EQ(parse_choice("always [madvise] never\n"), "madvise");
  EXPECT_EQ(parse_choice("[always] madvise never\n"), "always");
  for (const char* text : {"", "always", "[]", "[", "] [", "[a b]"})
    EXPECT_EQ(parse_choice(text), std::nullopt) << text;
}

TEST(SystemText, CpuLists) {
  EXPECT_THAT(parse_cpu_list("0-1\n"), Optional(ElementsAre(0, 1)));
  EXPECT_THAT(parse_cpu_list("0,2-3,8"), Optional(ElementsAre(0, 2, 3, 8)));
  for (const char* text : {"", "a", "1-", "-1", "3-1", "0-99999999", "0,0", "2,1", "0,,1", "0-1-2",
                           "0-9999999999999999999999"})
    EXPECT_EQ(parse_cpu_list(text), std::nullopt) << text;
}

TEST(SystemText, LimitsOfControlGroups) {
  EXPECT_THAT(parse_cpu_max("150000 100000\n"), Optional(DoubleEq(1.5)));
  for (const char* text : {"", "max 100000", "100000", "100000 0", "0 100000", "-1 100000", "1 2 3",
                           "inf 1", "1e300 1e-300", "1e-300 1e300"})
    EXPECT_EQ(parse_cpu_max(text), std::nullopt) << text;
  EXPECT_EQ(parse_count("1073741824\n"), 1073741824U);
  EXPECT_EQ(parse_count("max\n"), std::nullopt);
  EXPECT_EQ(parse_cgroup_path("9:cpu:/x\n0::/user.slice/a\n"), "/user.slice/a");
  for (const char* text : {"", "9:cpu:/x\n", "0::", "0::relative", "0::/../outside"})
    EXPECT_EQ(parse_cgroup_path(text), std::nullopt) << text;
}

TEST(SystemText, LoadAverage) {
  EXPECT_THAT(parse_load_average("0.77 0.87 1.02 3/93 762\n"), Optional(DoubleEq(0.77)));
  for (const char* text : {"", "x", "-1 0 0", "nan 0 0", "inf", ".", "1.2.3", "0x1"})
    EXPECT_EQ(parse_load_average(text), std::nullopt) << text;
}

TEST(SystemText, FieldsWithColonsAndWithQuotes) {
  EXPECT_EQ(parse_field("A:\t1\nCpus_allowed_list:\t0-1\n", "Cpus_allowed_list"), "0-1");
  EXPECT_EQ(parse_field("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n", "PRETTY_NAME"),
            "Debian GNU/Linux 12");
  for (const char* text : {"", "PRETTY_NAME", "PRETTY_NAME=", "PRETTY_NAME=\"\"", " PRETTY_NAME=x"})
    EXPECT_EQ(parse_field(text, "PRETTY_NAME"), std::nullopt) << text;
}

}  // namespace
}  // namespace fusesweep
