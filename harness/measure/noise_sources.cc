#include "harness/measure/noise_sources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

// Chosen by judgement, not measured: below them an effect is lost in a margin of 1 %.
constexpr double kMostStealRel = 0.005;
constexpr double kMostReadSpreadRel = 0.05;
constexpr double kMostLoad = 0.5;  // half a processor at work for somebody else
constexpr std::uint64_t kMostSwapUsedBytes = 64 << 20;
constexpr double kLeastMemoryRel = 0.1;

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " and "));
}

}  // namespace

std::vector<NoiseSource> noise_sources(const MachineFacts& facts, const SeenAtWork& seen) {
  std::vector<NoiseSource> found;
  const auto add = [&](std::string_view name, std::string what, std::string fix) {
    found.push_back({name, std::move(what), std::move(fix)});
  };

  const double now_rel = seen.steal_rel.value_or(0);
  const double steal_rel = std::max(facts.steal_since_boot_rel.value_or(0), now_rel);
  if (steal_rel > kMostStealRel) {
    add("steal",
        fmt::format("the hypervisor took {:.1f} % of the processor time that was wanted {}",
                    100 * steal_rel, steal_rel == now_rel ? "just now" : "since boot"),
        "measure on a dedicated host, or when its other guests are idle");
  }
  if (seen.read_spread_rel.value_or(0) > kMostReadSpreadRel) {
    add("reading",
        fmt::format("reading memory was {:.0f} % slower in the median pass than in the best",
                    100 * *seen.read_spread_rel),
        "end other programs; where it stays, neighbours on the same host share the memory");
  }
  if (facts.cpu_quota && (!facts.cpus_usable || *facts.cpu_quota < *facts.cpus_usable)) {
    add("quota",
        fmt::format("the control group may use {:.2f} processors and is stopped when it has",
                    *facts.cpu_quota),
        "start the container without a CPU quota; --cpuset-cpus limits it without stops");
  }
  if (facts.load_average.value_or(0) > kMostLoad) {
    add("load",
        fmt::format("load average is {:.2f}: something else is running", *facts.load_average),
        "find it and let it finish: top");
  }
  if (!facts.governors.empty() && facts.governors != std::vector<std::string>{"performance"}) {
    add("governor",
        fmt::format("frequency governor is {}: clocks follow the load",
                    one_line(join(facts.governors))),
        "sudo cpupower frequency-set -g performance");
  }
  if (facts.boost.value_or(false) && facts.boost_file) {
    add("boost", "boost is on: clocks depend on temperature and on what the other cores do",
        fmt::format("echo {} | sudo tee {}", facts.boost_file->ends_with("no_turbo") ? 1 : 0,
                    *facts.boost_file));
  }
  if (facts.smt.value_or(false)) {
    add("smt", "two processors share one core: threads slow each other down",
        "echo off | sudo tee /sys/devices/system/cpu/smt/control, or use half as many threads");
  }
  if (facts.swap_used_bytes.value_or(0) > kMostSwapUsedBytes) {
    add("swap",
        fmt::format("{} are swapped out and come back when it suits nobody",
                    format_bytes(*facts.swap_used_bytes)),
        "sudo swapoff -a && sudo swapon -a, when that much memory is free");
  }
  if (facts.memory_bytes && facts.memory_available_bytes &&
      static_cast<double>(*facts.memory_available_bytes) <
          kLeastMemoryRel * static_cast<double>(*facts.memory_bytes)) {
    add("memory",
        fmt::format("only {} of {} of memory are available",
                    format_bytes(*facts.memory_available_bytes), format_bytes(*facts.memory_bytes)),
        "end what holds it: ps -eo rss,comm --sort=-rss | head");
  }
  if (facts.huge_page_setting == "never") {
    add("huge-pages", "huge pages are off: weights are read through many small ones",
        "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
  }
  if (facts.hypervisor.value_or(false)) {
    add("hypervisor", "a virtual machine: its neighbours share caches, memory and clock",
        "compare only what was measured together, in one trial; or use a machine of your own");
  }
  return found;
}

}  // namespace fusesweep
