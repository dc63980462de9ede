// The gates by name: what a person can ask for.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

struct GateName {
  std::string_view name;
  std::string_view about;  // what it proves, in a few words
};

// In the order in which they are run, the cheapest first.
std::span<const GateName> all_gates();

// "residency,golden"; "golden" stands for both of its comparisons. The error says what was found and
// wanted; the caller adds where.
Result<std::set<std::string, std::less<>>> parse_gates(std::string_view text);

}  // namespace fusesweep
