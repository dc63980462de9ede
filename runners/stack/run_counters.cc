#include "runners/stack/run_counters.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace fusesweep {
namespace {

using Count = std::optional<std::int64_t>;

Count difference(const Count& before, const Count& after) {
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

#ifdef __linux__
// The eighth figure of the line "cpu ..." in /proc/stat, in clock ticks.
Count steal() {
  std::ifstream file("/proc/stat");
  std::string word;
  file >> word;
  std::int64_t ticks = 0;
  for (int i = 0; i < 8; ++i) file >> ticks;
  const long per_second = ::sysconf(_SC_CLK_TCK);
  if (!file || word != "cpu" || per_second <= 0) return std::nullopt;
  return ticks * (1'000'000'000 / per_second);
}

// Summed over this process's threads, where the kernel was built to tell.
Count migrations() {
  std::error_code error;
  Count sum;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream file(task.path() / "sched");
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("se.nr_migrations")) continue;
      std::istringstream figure(line.substr(line.find(':') + 1));
      std::int64_t count = 0;
      if (figure >> count) sum = sum.value_or(0) + count;
    }
  }
  return sum;
}

Count frequency() {
  std::ifstream file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq");
  std::int64_t khz = 0;
  if (!(file >> khz)) return std::nullopt;
  return khz * 1000;
}
Count anonymous_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kName = "RssAnon:";
    if (!line.starts_with(kName)) continue;
    std::istringstream figure(line.substr(kName.size()));
    std::int64_t kib = 0;
    if (figure >> kib) return kib * 1024;
  }
  return std::nullopt;
}
#else
Count anonymous_bytes() { return std::nullopt; }
Count steal() { return std::nullopt; }
Count migrations() { return std::nullopt; }
Count frequency() { return std::nullopt; }
#endif

}  // namespace

RunCounters read_counters() {
  RunCounters counters{.migrations = migrations(),
                       .steal_ns = steal(),
                       .frequency_hz = frequency(),
                       .anonymous_bytes = anonymous_bytes()};
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    counters.involuntary_switches = usage.ru_nivcsw;
    counters.minor_faults = usage.ru_minflt;
    counters.major_faults = usage.ru_majflt;
  }
  return counters;
}

RunCounters counted_between(const RunCounters& before, const RunCounters& after) {
  return {
      .involuntary_switches = difference(before.involuntary_switches, after.involuntary_switches),
      .minor_faults = difference(before.minor_faults, after.minor_faults),
      .major_faults = difference(before.major_faults, after.major_faults),
      .migrations = difference(before.migrations, after.migrations),
      .steal_ns = difference(before.steal_ns, after.steal_ns),
      .frequency_hz = after.frequency_hz,
      .anonymous_bytes = after.anonymous_bytes,
      .thermal_state = after.thermal_state,
      .low_power_mode = after.low_power_mode};
}

}  // namespace fusesweep
