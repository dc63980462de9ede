// Versions of macOS, and what each of them lets the coreml runner do.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

struct MacosVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const MacosVersion&) const = default;
};

std::string to_text(const MacosVersion& version);  // "15.2", "14.4.1"

// "15.2" and "15.2.1"; the error says what was found.
Result<MacosVersion> parse_macos_version(std::string_view text);

// "24C101" of "Version 15.2 (Build 24C101)"; the text itself where it is not of that form.
std::string build_in(std::string_view version_text);

inline constexpr MacosVersion kMacosForPlan{14, 4, 0};   // MLComputePlan
inline constexpr MacosVersion kMacosForState{15, 0, 0};  // MLState, which holds the KV cache

// Errors (kUnavailable) say which macOS there is, which one is wanted, and what for.
Result<void> macos_for_plan(const MacosVersion& found);
Result<void> macos_for_state(const MacosVersion& found);

// The methods of a runner that this macOS allows.
std::vector<std::string> capabilities_of(const MacosVersion& found);

// The version of a system that calls itself "macOS 15.2"; nothing for another one.
std::optional<MacosVersion> macos_of(std::string_view system);

}  // namespace fusesweep
