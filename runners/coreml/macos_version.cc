#include "runners/coreml/macos_version.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kMostOfAPart = 9999;

Result<void> want(const MacosVersion& found, const MacosVersion& wanted, std::string_view what) {
  if (found >= wanted) return {};
  return unavailable(fmt::format("coreml: found macOS {}, want {} or newer for {}", to_text(found),
                                 to_text(wanted), what));
}

}  // namespace

std::string to_text(const MacosVersion& version) {
  const std::string text = fmt::format("{}.{}", version.major, version.minor);
  return version.patch == 0 ? text : fmt::format("{}.{}", text, version.patch);
}

Result<MacosVersion> parse_macos_version(std::string_view text) {
  const std::vector<std::string_view> parts = split_text(text, '.');
  MacosVersion version;
  int* const numbers[] = {&version.major, &version.minor, &version.patch};
  if (parts.size() > std::size(numbers))
    return invalid_input(
        fmt::format("found the macOS version {}, want 15.2 or the like", quote(text)));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Result<std::int64_t> number = parse_integer(parts[i], 0, kMostOfAPart);
    if (!number) return fail_with_context(number.error(), "macOS version " + quote(text));
    *numbers[i] = static_cast<int>(*number);
  }
  return version;
}

std::string build_in(std::string_view version_text) {
  constexpr std::string_view kBefore = "(Build ";
  const std::size_t begin = version_text.find(kBefore);
  const std::size_t end = version_text.rfind(')');
  if (begin == std::string_view::npos || end < begin + kBefore.size() ||
      end == std::string_view::npos)
    return std::string(version_text);
  return std::string(version_text.substr(begin + kBefore.size(), end - begin - kBefore.size()));
}

Result<void> macos_for_plan(const MacosVersion& found) {
  return want(found, kMacosForPlan, "MLComputePlan, which tells where operations will run");
}

Result<void> macos_for_state(const MacosVersion& found) {
  return want(found, kMacosForState, "MLState, which holds the KV cache of a shard");
}

std::optional<MacosVersion> macos_of(std::string_view system) {
  constexpr std::string_view kName = "macOS ";
  if (!system.starts_with(kName)) return std::nullopt;
  const Result<MacosVersion> version = parse_macos_version(system.substr(kName.size()));
  return version ? std::optional(*version) : std::nullopt;
}

std::vector<std::string> capabilities_of(const MacosVersion& found) {
  std::vector<std::string> capabilities = {"build"};
  if (macos_for_plan(found)) capabilities.emplace_back("inspect");
  if (macos_for_state(found))
    capabilities.insert(capabilities.end(), {"open", "run", "decode", "continue", "time"});
  return capabilities;
}

}  // namespace fusesweep
