#include "harness/cli/doctor_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "harness/cli/installed_program.h"
#include "harness/cli/work_folder.h"
#include "harness/measure/machine.h"
#include "harness/measure/noise_sources.h"
#include "runners/coreml/macos_version.h"
#include "runners/cpu/read_bandwidth.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr const char* kRoot = "/";
constexpr std::uint64_t kMostReadBytes = 512 << 20;
constexpr std::uint64_t kLeastReadBytes = 16 << 20;
constexpr std::size_t kLineWidth = 78;  // of the column of what was found

struct Reading {
  int threads = 0;
  ReadBandwidth bandwidth;
};

struct Examined {
  MachineFacts machine;
  std::filesystem::path work;
  std::vector<Reading> readings;
  std::string why_no_readings;
  SeenAtWork seen;
  std::optional<InstalledProgram> gnuplot;
  std::vector<NoiseSource> noise;
};

// A quarter of the memory at most.
std::uint64_t bytes_to_read(const MachineFacts& machine) {
  std::uint64_t bytes = kMostReadBytes;
  for (const auto& memory_bytes : {machine.memory_available_bytes, machine.memory_limit_bytes})
    bytes = std::min(bytes, memory_bytes.value_or(4 * kMostReadBytes) / 4);
  return std::max(bytes, kLeastReadBytes);
}

// With one thread, and with all.
Result<std::vector<Reading>> measure_reading(const MachineFacts& machine) {
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  const int all = machine.cpus_usable.value_or(available_threads());
  std::vector<Reading> readings;
  ReadBandwidthRequest request{.bytes = bytes_to_read(machine)};
  const auto passes = static_cast<std::uint64_t>(request.passes);
  progress.begin_stage("reading memory", passes * (all > 1 ? 2 : 1));
  for (const int threads : {1, all}) {
    if (!readings.empty() && threads == 1) break;
    request.threads = threads;
    const Result<ReadBandwidth> bandwidth = measure_read_bandwidth(request, progress);
    if (!bandwidth) return fail(bandwidth.error());
    readings.push_back({threads, *bandwidth});
  }
  return readings;
}

Examined examine(const DoctorArguments& arguments) {
  Examined examined{.work = work_folder(arguments.work), .why_no_readings = "--quick"};
  examined.machine = read_machine(kRoot, examined.work);
  if (!arguments.quick) {
    const std::optional<ProcessorTicks> before = read_ticks(kRoot);
    Result<std::vector<Reading>> readings = measure_reading(examined.machine);
    const std::optional<ProcessorTicks> after = read_ticks(kRoot);
    if (before && after) examined.seen.steal_rel = steal_rel(*before, *after);
    if (readings) {
      const ReadBandwidth& of_all = readings->back().bandwidth;
      examined.seen.read_spread_rel = 1 - of_all.median_gb_per_s / of_all.best_gb_per_s;
      examined.readings = *std::move(readings);
    } else {
      examined.why_no_readings = std::move(readings).error().message;
    }
  }
  examined.gnuplot = find_program("gnuplot");
  examined.noise = noise_sources(examined.machine, examined.seen);
  return examined;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string json_of(const Examined& examined) {
  const MachineFacts& m = examined.machine;
  Json json = json_document(kSchemaVersion);
  json["version"] = version();
  json["cpu_model"] = or_null(m.cpu_model);
  json["instruction_sets"] = m.instruction_sets;
  json["cpus_online"] = or_null(m.cpus_online);
  json["cpus_usable"] = or_null(m.cpus_usable);
  json["smt"] = or_null(m.smt);
  json["hypervisor"] = or_null(m.hypervisor);
  json["memory_bytes"] = or_null(m.memory_bytes);
  json["memory_available_bytes"] = or_null(m.memory_available_bytes);
  json["swap_bytes"] = or_null(m.swap_bytes);
  json["swap_used_bytes"] = or_null(m.swap_used_bytes);
  json["huge_page_setting"] = or_null(m.huge_page_setting);
  json["huge_page_bytes"] = or_null(m.huge_page_bytes);
  json["huge_pages_free"] = or_null(m.huge_pages_free);
  json["governors"] = m.governors;
  json["frequency_hz"] = or_null(m.frequency_hz);
  json["frequency_max_hz"] = or_null(m.frequency_max_hz);
  json["boost"] = or_null(m.boost);
  json["load_average"] = or_null(m.load_average);
  json["steal_since_boot_rel"] = or_null(m.steal_since_boot_rel);
  json["steal_now_rel"] = or_null(examined.seen.steal_rel);
  json["cpu_quota"] = or_null(m.cpu_quota);
  json["memory_limit_bytes"] = or_null(m.memory_limit_bytes);
  json["kernel"] = or_null(m.kernel);
  json["os"] = or_null(m.os);
  json["work_folder"] = examined.work.string();
  json["disk_free_bytes"] = or_null(m.disk_free_bytes);
  const std::optional<MacosVersion> macos = macos_of(m.os.value_or(""));
  json["coreml"] = macos ? Json(capabilities_of(*macos)) : Json(nullptr);
  Json& readings = json["read_bandwidth"] = Json::array();
  for (const auto& [threads, bandwidth] : examined.readings) {
    readings.push_back({{"threads", threads},
                        {"best_gb_per_s", bandwidth.best_gb_per_s},
                        {"median_gb_per_s", bandwidth.median_gb_per_s}});
  }
  if (examined.readings.empty()) readings = nullptr;
  json["gnuplot"] = nullptr;
  if (examined.gnuplot) {
    json["gnuplot"] = {{"path", examined.gnuplot->path},
                       {"version", or_null(examined.gnuplot->version)}};
  }
  Json& noise = json["noise"] = Json::array();
  for (const NoiseSource& source : examined.noise)
    noise.push_back({{"name", source.name}, {"what", source.what}, {"fix", source.fix}});
  return to_text(json) + '\n';
}

// One row of the table. What the system did not tell is said to be so.
class Table {
 public:
  void row(std::string_view name, const std::string& found) {
    text_ += fmt::format("{:<14}{}\n", name, found.empty() ? "not told by this system" : found);
  }
  // Words that are wrapped over several lines.
  void row(std::string_view name, const std::vector<std::string>& words) {
    std::string found;
    std::size_t line_begin = 0;
    for (const std::string& word : words) {
      if (found.size() - line_begin + word.size() > kLineWidth) {
        found += fmt::format("\n{:14}", "");
        line_begin = found.size();
      } else if (!found.empty()) {
        found += ' ';
      }
      found += word;
    }
    row(name, found);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string comma_list(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string processor_text(const MachineFacts& m) {
  std::vector<std::string> parts;
  if (m.cpu_model) parts.push_back(one_line(*m.cpu_model));
  if (m.cpus_online && m.cpus_usable == m.cpus_online)
    parts.push_back(
        fmt::format("{} {}", *m.cpus_online, *m.cpus_online == 1 ? "processor" : "processors"));
  else if (m.cpus_online)
    parts.push_back(m.cpus_usable
                        ? fmt::format("{} of {} processors usable", *m.cpus_usable, *m.cpus_online)
                        : fmt::format("{} processors", *m.cpus_online));
  if (m.smt.value_or(false)) parts.emplace_back("two to a core");
  if (m.hypervisor.value_or(false)) parts.emplace_back("virtual");
  return comma_list(parts);
}

std::string memory_text(const MachineFacts& m) {
  std::vector<std::string> parts;
  if (m.memory_bytes) parts.push_back(format_bytes(*m.memory_bytes));
  if (m.memory_available_bytes)
    parts.push_back(format_bytes(*m.memory_available_bytes) + " available");
  if (m.swap_bytes == 0) parts.emplace_back("no swap");
  if (m.swap_bytes.value_or(0) > 0) {
    parts.push_back(m.swap_used_bytes
                        ? fmt::format("{} of {} swap used", format_bytes(*m.swap_used_bytes),
                                      format_bytes(*m.swap_bytes))
                        : format_bytes(*m.swap_bytes) + " swap");
  }
  return comma_list(parts);
}

std::string huge_pages_text(const MachineFacts& m) {
  std::vector<std::string> parts;
  if (m.huge_page_bytes) parts.push_back(format_bytes(*m.huge_page_bytes));
  if (m.huge_page_setting == "madvise") parts.emplace_back("given on request (madvise)");
  if (m.huge_page_setting == "always") parts.emplace_back("given to everybody (always)");
  if (m.huge_page_setting == "never") parts.emplace_back("never given");
  if (m.huge_pages_free.value_or(0) > 0)
    parts.push_back(fmt::format("{} reserved ones free", *m.huge_pages_free));
  return comma_list(parts);
}

std::string frequency_text(const MachineFacts& m) {
  const auto ghz = [](std::int64_t hz) {
    return fmt::format("{:.2f} GHz", static_cast<double>(hz) / 1e9);
  };
  std::vector<std::string> parts;
  if (m.frequency_hz) parts.push_back(ghz(*m.frequency_hz) + " now");
  if (m.frequency_max_hz) parts.push_back(ghz(*m.frequency_max_hz) + " at most");
  parts.push_back(m.governors.empty()
                      ? "no governor in sight"
                      : fmt::format("governor {}", one_line(comma_list(m.governors))));
  if (m.boost) parts.emplace_back(*m.boost ? "boost on" : "boost off");
  return comma_list(parts);
}

std::string steal_text(const Examined& examined) {
  std::vector<std::string> parts;
  if (examined.machine.steal_since_boot_rel)
    parts.push_back(percent(*examined.machine.steal_since_boot_rel) +
                    " of the time wanted since boot");
  if (examined.seen.steal_rel)
    parts.push_back(percent(*examined.seen.steal_rel) + " of it just now");
  return comma_list(parts);
}

std::string limits_text(const MachineFacts& m) {
  std::vector<std::string> parts;
  if (m.cpu_quota) parts.push_back(fmt::format("{:.2f} processors", *m.cpu_quota));
  if (m.memory_limit_bytes) parts.push_back(format_bytes(*m.memory_limit_bytes) + " of memory");
  return parts.empty() ? "none in sight" : comma_list(parts);
}

std::string reading_text(const Examined& examined) {
  if (examined.readings.empty()) return fmt::format("not measured ({})", examined.why_no_readings);
  std::vector<std::string> parts;
  for (const auto& [threads, bandwidth] : examined.readings) {
    parts.push_back(fmt::format("{:.1f} GB/s with {} {} (median {:.1f})", bandwidth.best_gb_per_s,
                                threads, threads == 1 ? "thread" : "threads",
                                bandwidth.median_gb_per_s));
  }
  return comma_list(parts);
}

std::string gnuplot_text(const std::optional<InstalledProgram>& gnuplot) {
  if (!gnuplot) return "not found, plots need it: sudo apt install gnuplot-nox";
  return fmt::format("{}, {}", gnuplot->version.value_or("does not tell its version"),
                     one_line(gnuplot->path));
}

std::string coreml_text(const MachineFacts& m) {
  const std::optional<MacosVersion> version = macos_of(m.os.value_or(""));
  if (!version) return "none here, it is a part of macOS";
  const Result<void> all = macos_for_state(*version);
  if (all) return "all that the coreml runner needs (which has not run on a Mac yet)";
  return fmt::format("{}; here it can {}", all.error().message,
                     comma_list(capabilities_of(*version)));
}

std::string table_of(const Examined& examined) {
  const MachineFacts& m = examined.machine;
  std::vector<std::string> system;
  if (m.kernel) system.push_back(one_line(*m.kernel));
  if (m.os) system.push_back(one_line(*m.os));

  Table table;
  table.row("processor", processor_text(m));
  table.row("instructions", m.instruction_sets);
  table.row("frequency", frequency_text(m));
  table.row("memory", memory_text(m));
  table.row("huge pages", huge_pages_text(m));
  table.row("reading", reading_text(examined));
  table.row("load", m.load_average ? fmt::format("{:.2f} over a minute", *m.load_average) : "");
  table.row("steal", steal_text(examined));
  table.row("limits", limits_text(m));
  table.row("disk", m.disk_free_bytes
                        ? fmt::format("{} free for {}", format_bytes(*m.disk_free_bytes),
                                      one_line(examined.work.string()))
                        : "");
  table.row("gnuplot", gnuplot_text(examined.gnuplot));
  table.row("coreml", coreml_text(m));
  table.row("system", comma_list(system));

  std::string text =
      fmt::format("What this machine offers fusesweep {}\n\n{}\n", version(), table.text());
  if (examined.noise.empty()) return text + "Nothing in sight that would make numbers noisy.\n";
  text += "What will make numbers noisy, and what to do about it\n\n";
  for (const NoiseSource& source : examined.noise)
    text += fmt::format("{:<14}{}\n{:14}-> {}\n", source.name, source.what, "", source.fix);
  return text;
}

}  // namespace

Result<Answer> run_doctor(const DoctorArguments& arguments) {
  const Examined examined = examine(arguments);
  return Answer(arguments.json ? json_of(examined) : table_of(examined));
}

}  // namespace fusesweep
