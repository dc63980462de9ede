// What this machine is and how busy it is, as far as the operating system tells: facts that go
// beside measurements, and that `fusesweep doctor` shows. What is not told is absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/measure/system_text.h"

namespace fusesweep {

struct MachineFacts {
  std::optional<std::string> cpu_model;
  std::vector<std::string> instruction_sets;  // those that matter to kernels: "avx2", "i8mm"
  std::optional<int> cpus_online;             // as the system counts: threads of cores
  std::optional<int> cpus_usable;             // by this process
  std::optional<bool> smt;                    // whether two of them may be one core
  std::optional<bool> hypervisor;             // whether there is one above us

  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> memory_available_bytes;
  std::optional<std::uint64_t> swap_bytes;
  std::optional<std::uint64_t> swap_used_bytes;
  std::optional<std::string> huge_page_setting;  // transparent ones: "always", "madvise", "never"
  std::optional<std::uint64_t> huge_page_bytes;
  std::optional<std::int64_t> huge_pages_free;  // of those that were reserved

  std::vector<std::string> governors;        // of the usable processors, each once
  std::optional<std::int64_t> frequency_hz;  // of the fastest of them at this moment
  std::optional<std::int64_t> frequency_max_hz;
  std::optional<bool> boost;              // whether clocks may go beyond the nominal one
  std::optional<std::string> boost_file;  // where that is set

  std::optional<double> load_average;               // runnable threads, over the last minute
  std::optional<double> steal_since_boot_rel;       // of the time that was wanted; 0.02 is 2 %
  std::optional<double> cpu_quota;                  // processors that the control group may use
  std::optional<std::uint64_t> memory_limit_bytes;  // of the control group
  std::optional<std::uint64_t> disk_free_bytes;     // for us, where the work folder is

  std::optional<std::string> kernel;  // "Linux 6.1.0-18-amd64"
  std::optional<std::string> os;      // "Debian GNU/Linux 12 (bookworm)"

  bool operator==(const MachineFacts&) const = default;
};

// Reads the facts. `root` is where /proc, /sys and /etc are ("/" but in tests), `work` a folder that
// may not exist yet.
MachineFacts read_machine(const std::filesystem::path& root, const std::filesystem::path& work);

// How long the processors have been throttled for heat since the machine started, ms, of the one that was
// throttled longest; absent where Linux does not count it (virtual machines, other makers than Intel).
std::optional<std::int64_t> read_throttled_ms(const std::filesystem::path& root);

// Time that was wanted and stolen up to now: twice, around some work, they give steal_rel of it.
std::optional<ProcessorTicks> read_ticks(const std::filesystem::path& root);

}  // namespace fusesweep
