#include "harness/measure/system_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kMaxProcessors = 1 << 16;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// The words of a line.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    words.push_back(line.substr(0, line.find_first_of(kSpace)));
    line.remove_prefix(words.back().size());
  }
  return words;
}

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Digits with or without a point. Not by from_chars, which libc++ lacks for double.
std::optional<double> quantity_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  const std::string number(text);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (end != number.c_str() + number.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "24684092 kB"
std::optional<std::uint64_t> bytes_of(const std::optional<std::string>& field) {
  if (!field) return std::nullopt;
  const std::vector<std::string_view> words = words_of(*field);
  if (words.size() != 2 || words[1] != "kB") return std::nullopt;
  const auto kib = number_of<std::uint64_t>(words[0]);
  if (!kib || *kib > std::numeric_limits<std::uint64_t>::max() / 1024) return std::nullopt;
  return *kib * 1024;
}

// The value of a line that begins with the name and a separator.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line = trimmed(line.substr(name.size()));
  if (line.empty() || (line[0] != ':' && line[0] != '=')) return std::nullopt;
  return trimmed(line.substr(1));
}

}  // namespace

std::optional<std::string> parse_field(std::string_view text, std::string_view name) {
  for (const std::string_view line : split_text(text, '\n')) {
    std::optional<std::string_view> value = value_of(line, name);
    if (!value) continue;
    if (value->size() >= 2 && value->starts_with('"') && value->ends_with('"'))
      value = value->substr(1, value->size() - 2);
    if (value->empty()) return std::nullopt;
    return std::string(*value);
  }
  return std::nullopt;
}

ProcessorText parse_cpuinfo(std::string_view text) {
  ProcessorText processor;
  processor.model = parse_field(text, "model name");
  std::optional<std::string> flags = parse_field(text, "flags");  // x86
  if (!flags) flags = parse_field(text, "Features");              // ARM
  if (flags) {
    for (const std::string_view flag : words_of(*flags)) processor.flags.emplace_back(flag);
  }
  double fastest_mhz = 0;
  for (const std::string_view line : split_text(text, '\n')) {
    if (const auto mhz = value_of(line, "cpu MHz"))
      fastest_mhz = std::max(fastest_mhz, quantity_of(*mhz).value_or(0));
  }
  if (fastest_mhz > 0 && fastest_mhz < 1e6)
    processor.frequency_hz = std::llround(fastest_mhz * 1e6);
  return processor;
}

MemoryText parse_meminfo(std::string_view text) {
  const auto bytes = [&](std::string_view name) { return bytes_of(parse_field(text, name)); };
  return {
      .total_bytes = bytes("MemTotal"),
      .available_bytes = bytes("MemAvailable"),
      .swap_total_bytes = bytes("SwapTotal"),
      .swap_free_bytes = bytes("SwapFree"),
      .huge_page_bytes = bytes("Hugepagesize"),
      .huge_pages_free = number_of<std::int64_t>(parse_field(text, "HugePages_Free").value_or(""))};
}

std::optional<ProcessorTicks> parse_ticks(std::string_view text) {
  // cpu  user nice system idle iowait irq softirq steal guest guest_nice; user holds guest.
  const std::vector<std::string_view> words = words_of(text.substr(0, text.find('\n')));
  if (words.size() < 9 || words[0] != "cpu") return std::nullopt;
  std::array<std::uint64_t, 8> ticks{};
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const auto value = number_of<std::uint64_t>(words[i + 1]);
    if (!value || *value > std::numeric_limits<std::uint64_t>::max() / 16) return std::nullopt;
    ticks[i] = *value;
  }
  const auto [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
  return ProcessorTicks{.wanted = user + nice + system + irq + softirq + steal, .stolen = steal};
}

std::optional<double> steal_rel(const ProcessorTicks& before, const ProcessorTicks& after) {
  if (after.wanted <= before.wanted || after.stolen < before.stolen) return std::nullopt;
  return static_cast<double>(after.stolen - before.stolen) /
         static_cast<double>(after.wanted - before.wanted);
}

std::optional<std::string> parse_choice(std::string_view text) {
  for (const std::string_view word : words_of(text)) {
    if (word.size() > 2 && word.starts_with('[') && word.ends_with(']'))
      return std::string(word.substr(1, word.size() - 2));
  }
  return std::nullopt;
}

std::optional<std::vector<int>> parse_cpu_list(std::string_view text) {
  std::vector<int> processors;
  for (const std::string_view range : split_text(trimmed(text), ',')) {
    const std::size_t dash = range.find('-');
    const auto first = number_of<int>(range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : number_of<int>(range.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last >= kMaxProcessors ||
        (!processors.empty() && *first <= processors.back()))
      return std::nullopt;
    for (int processor = *first; processor <= *last; ++processor) processors.push_back(processor);
  }
  return processors;
}

std::optional<double> parse_cpu_max(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != 2) return std::nullopt;
  const auto quota_us = quantity_of(words[0]);
  const auto period_us = quantity_of(words[1]);
  if (!quota_us || !period_us || *period_us == 0) return std::nullopt;
  const double processors = *quota_us / *period_us;
  if (!std::isfinite(processors) || processors <= 0) return std::nullopt;
  return processors;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return number_of<std::uint64_t>(trimmed(text));
}

std::optional<double> parse_load_average(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty()) return std::nullopt;
  return quantity_of(words[0]);
}

std::optional<std::string> parse_cgroup_path(std::string_view text) {
  for (const std::string_view line : split_text(text, '\n')) {
    if (!line.starts_with("0::/")) continue;
    const std::string_view path = trimmed(line.substr(3));
    if (path.find("..") != std::string_view::npos) return std::nullopt;  // beyond the namespace
    return std::string(path);
  }
  return std::nullopt;
}

}  // namespace fusesweep
