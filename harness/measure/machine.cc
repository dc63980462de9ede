#include "harness/measure/machine.h"

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

namespace fusesweep {
namespace {

constexpr std::size_t kMaxBytes = 16 << 20;  // /proc/cpuinfo of 1024 processors has 2 MiB

// The kernel's files say that they are of size 0, so they are read to their end.
std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() < kMaxBytes && (file.read(piece.data(), piece.size()), file.gcount() > 0))
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  return text;
}

// What kernels of ours, or of CoreML's CPU path, choose among.
std::vector<std::string> known_sets(const std::vector<std::string>& flags) {
  constexpr std::string_view kKnown[] = {
      "sse4_2",      "avx2",        "fma",         "f16c",     "avx_vnni", "avx512f", "avx512bw",
      "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_int8", "amx_bf16", "asimd",   "asimdhp",
      "asimddp",     "i8mm",        "bf16",        "sve",      "sve2",     "sme"};
  std::vector<std::string> sets;
  for (const std::string_view set : kKnown) {
    if (std::find(flags.begin(), flags.end(), set) != flags.end()) sets.emplace_back(set);
  }
  return sets;
}

// The smaller, where both or one are there.
template <typename T>
void lower(std::optional<T>& to, const std::optional<T>& value) {
  if (value && (!to || *value < *to)) to = value;
}

void read_processor(const std::filesystem::path& root, MachineFacts& facts) {
  const ProcessorText processor = parse_cpuinfo(read_text(root / "proc/cpuinfo"));
  facts.cpu_model = processor.model;
  facts.instruction_sets = known_sets(processor.flags);
  facts.frequency_hz = processor.frequency_hz;
  // x86 kernels have the flag; of others nothing is known.
  const auto has = [&](std::string_view flag) {
    return std::find(processor.flags.begin(), processor.flags.end(), flag) != processor.flags.end();
  };
  if (has("fpu")) facts.hypervisor = has("hypervisor");
}

std::vector<int> read_processors(const std::filesystem::path& root, MachineFacts& facts) {
  const auto online = parse_cpu_list(read_text(root / "sys/devices/system/cpu/online"));
  const auto allowed = parse_cpu_list(
      parse_field(read_text(root / "proc/self/status"), "Cpus_allowed_list").value_or(""));
  std::vector<int> usable;
  if (online) facts.cpus_online = static_cast<int>(online->size());
  if (online && allowed) {
    std::set_intersection(online->begin(), online->end(), allowed->begin(), allowed->end(),
                          std::back_inserter(usable));
    facts.cpus_usable = static_cast<int>(usable.size());
  }
  if (const auto smt = parse_count(read_text(root / "sys/devices/system/cpu/smt/active")))
    facts.smt = *smt != 0;
  return usable;
}

void read_frequency(const std::filesystem::path& root, const std::vector<int>& processors,
                    MachineFacts& facts) {
  const std::filesystem::path folder = root / "sys/devices/system/cpu";
  std::optional<std::int64_t> now_hz;
  for (const int processor : processors) {
    const std::filesystem::path of_one = folder / fmt::format("cpu{}/cpufreq", processor);
    const auto read_hz = [&](std::string_view name) -> std::optional<std::int64_t> {
      const auto khz = parse_count(read_text(of_one / name));
      if (!khz || *khz == 0 || *khz > 1'000'000'000) return std::nullopt;
      return static_cast<std::int64_t>(*khz) * 1000;
    };
    // std::optional: nothing is less than anything.
    now_hz = std::max(now_hz, read_hz("scaling_cur_freq"));
    facts.frequency_max_hz = std::max(facts.frequency_max_hz, read_hz("cpuinfo_max_freq"));
    std::string governor = read_text(of_one / "scaling_governor");
    governor.erase(governor.find_last_not_of(" \n") + 1);
    if (!governor.empty() && std::find(facts.governors.begin(), facts.governors.end(), governor) ==
                                 facts.governors.end())
      facts.governors.push_back(std::move(governor));
  }
  if (now_hz) facts.frequency_hz = now_hz;
  for (const char* name : {"intel_pstate/no_turbo", "cpufreq/boost"}) {
    const auto value = parse_count(read_text(folder / name));
    if (!value) continue;
    facts.boost = std::string_view(name).ends_with("no_turbo") == (*value == 0);
    facts.boost_file = fmt::format("/sys/devices/system/cpu/{}", name);
    break;
  }
}

void read_memory(const std::filesystem::path& root, MachineFacts& facts) {
  const MemoryText memory = parse_meminfo(read_text(root / "proc/meminfo"));
  facts.memory_bytes = memory.total_bytes;
  facts.memory_available_bytes = memory.available_bytes;
  facts.swap_bytes = memory.swap_total_bytes;
  if (memory.swap_total_bytes && memory.swap_free_bytes &&
      *memory.swap_free_bytes <= *memory.swap_total_bytes)
    facts.swap_used_bytes = *memory.swap_total_bytes - *memory.swap_free_bytes;
  facts.huge_page_setting =
      parse_choice(read_text(root / "sys/kernel/mm/transparent_hugepage/enabled"));
  facts.huge_page_bytes = memory.huge_page_bytes;
  facts.huge_pages_free = memory.huge_pages_free;
}

// A limit of our control group or of one above it; the least of them counts.
void read_limits(const std::filesystem::path& root, MachineFacts& facts) {
  const std::filesystem::path top = root / "sys/fs/cgroup";
  std::filesystem::path group =
      parse_cgroup_path(read_text(root / "proc/self/cgroup")).value_or("/");
  for (;;) {
    const std::filesystem::path folder = top / group.relative_path();
    lower(facts.cpu_quota, parse_cpu_max(read_text(folder / "cpu.max")));
    lower(facts.memory_limit_bytes, parse_count(read_text(folder / "memory.max")));
    if (!group.has_relative_path()) break;
    group = group.parent_path();
  }
}

void read_system(const std::filesystem::path& root, MachineFacts& facts) {
  facts.load_average = parse_load_average(read_text(root / "proc/loadavg"));
  if (const auto ticks = read_ticks(root)) facts.steal_since_boot_rel = steal_rel({}, *ticks);
  std::string release = read_text(root / "proc/sys/kernel/osrelease");
  release.erase(release.find_last_not_of(" \n") + 1);
  if (!release.empty()) facts.kernel = "Linux " + release;
  facts.os = parse_field(read_text(root / "etc/os-release"), "PRETTY_NAME");
}

#ifdef __APPLE__
std::optional<std::string> sysctl_text(const char* name) {
  std::array<char, 256> text{};
  std::size_t size = text.size() - 1;
  if (sysctlbyname(name, text.data(), &size, nullptr, 0) != 0) return std::nullopt;
  return std::string(text.data());
}

template <typename T>
std::optional<T> sysctl_value(const char* name) {
  T value{};
  std::size_t size = sizeof(value);
  if (sysctlbyname(name, &value, &size, nullptr, 0) != 0 || size != sizeof(value))
    return std::nullopt;
  return value;
}

// UNTESTED: no Mac was at hand.
void read_apple(MachineFacts& facts) {
  facts.cpu_model = sysctl_text("machdep.cpu.brand_string");
  facts.cpus_online = sysctl_value<int>("hw.logicalcpu");
  facts.cpus_usable = facts.cpus_online;
  facts.memory_bytes = sysctl_value<std::uint64_t>("hw.memsize");
  if (const auto guest = sysctl_value<int>("kern.hv_vmm_present")) facts.hypervisor = *guest != 0;
  if (const auto swap = sysctl_value<xsw_usage>("vm.swapusage")) {
    facts.swap_bytes = swap->xsu_total;
    facts.swap_used_bytes = swap->xsu_used;
  }
  double load = 0;
  if (getloadavg(&load, 1) == 1) facts.load_average = load;
  if (const auto release = sysctl_text("kern.osrelease")) facts.kernel = "Darwin " + *release;
  if (const auto version = sysctl_text("kern.osproductversion")) facts.os = "macOS " + *version;
}
#endif

std::optional<std::uint64_t> free_disk(std::filesystem::path folder) {
  std::error_code error;
  folder = std::filesystem::absolute(folder, error);
  while (!error && !std::filesystem::exists(folder, error) && folder.has_relative_path())
    folder = folder.parent_path();
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return std::nullopt;
  return space.available;
}

}  // namespace

std::optional<ProcessorTicks> read_ticks(const std::filesystem::path& root) {
  return parse_ticks(read_text(root / "proc/stat"));
}

std::optional<std::int64_t> read_throttled_ms(const std::filesystem::path& root) {
  std::optional<std::int64_t> longest;
  std::error_code error;
  std::filesystem::directory_iterator folder(root / "sys/devices/system/cpu", error);
  for (; !error && folder != std::filesystem::directory_iterator(); folder.increment(error)) {
    for (const char* counter : {"core_throttle_total_time_ms", "package_throttle_total_time_ms"}) {
      const auto ms = parse_count(read_text(folder->path() / "thermal_throttle" / counter));
      if (ms) longest = std::max(longest.value_or(0), static_cast<std::int64_t>(*ms));
    }
  }
  return longest;
}

MachineFacts read_machine(const std::filesystem::path& root, const std::filesystem::path& work) {
  MachineFacts facts;
  read_processor(root, facts);
  read_frequency(root, read_processors(root, facts), facts);
  read_memory(root, facts);
  read_limits(root, facts);
  read_system(root, facts);
#ifdef __APPLE__
  read_apple(facts);
#endif
  facts.disk_free_bytes = free_disk(work);
  return facts;
}

}  // namespace fusesweep
