// Reads what Linux says in /proc, /sys and /etc. Pure functions over the text of one file each:
// what is not there, or is not what the kernel writes, is absent. machine.h knows where the files
// are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusesweep {

struct ProcessorText {
  std::optional<std::string> model;          // most ARM kernels name none
  std::vector<std::string> flags;            // of the first processor, as the kernel spells them
  std::optional<std::int64_t> frequency_hz;  // of the fastest at this moment
};

ProcessorText parse_cpuinfo(std::string_view text);

struct MemoryText {
  std::optional<std::uint64_t> total_bytes;
  std::optional<std::uint64_t> available_bytes;
  std::optional<std::uint64_t> swap_total_bytes;
  std::optional<std::uint64_t> swap_free_bytes;
  std::optional<std::uint64_t> huge_page_bytes;
  std::optional<std::int64_t> huge_pages_free;  // of those that were reserved
};

MemoryText parse_meminfo(std::string_view text);

// Time since boot, summed over processors, in the kernel's ticks.
struct ProcessorTicks {
  std::uint64_t wanted = 0;  // busy, or stolen
  std::uint64_t stolen = 0;  // a processor was wanted, and the hypervisor ran something else

  bool operator==(const ProcessorTicks&) const = default;
};

// From /proc/stat.
std::optional<ProcessorTicks> parse_ticks(std::string_view text);

// Of the time that was wanted in between, the share that was stolen: 0.02 is 2 %. Absent where
// nothing was wanted, or the counters went back.
std::optional<double> steal_rel(const ProcessorTicks& before, const ProcessorTicks& after);

// "madvise" of "always [madvise] never".
std::optional<std::string> parse_choice(std::string_view text);

// The processors of "0-3,8", in order.
std::optional<std::vector<int>> parse_cpu_list(std::string_view text);

// How many processors a control group may use: 1.5 of "150000 100000"; absent for "max".
std::optional<double> parse_cpu_max(std::string_view text);

// The whole text as a number that is not negative; absent for "max".
std::optional<std::uint64_t> parse_count(std::string_view text);

// The first of the three load averages.
std::optional<double> parse_load_average(std::string_view text);

// The path of this process' control group (version 2), as /proc/self/cgroup has it: "/user.slice".
std::optional<std::string> parse_cgroup_path(std::string_view text);

// The value of a "NAME: value" or NAME="value" line: of /proc/self/status, of /etc/os-release.
std::optional<std::string> parse_field(std::string_view text, std::string_view name);

}  // namespace fusesweep
