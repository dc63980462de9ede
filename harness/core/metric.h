// The metrics: every figure that is stored, shown or compared has its row here, which the store's
// schema, reports and help texts are made from.
#pragma once

#include <span>
#include <string_view>

namespace fusesweep {

enum class Better { kLower, kHigher, kNeither };

std::string_view to_text(Better better);  // "lower", "higher", "neither"

struct Metric {
  std::string_view id;    // with its unit at the end where it has one: "ms_per_token"
  std::string_view unit;  // "ms", "tok/s", "bytes", "" for a ratio or a count
  Better better = Better::kNeither;
  std::string_view about;  // one sentence
};

std::span<const Metric> all_metrics();

// Null for an id that is none.
const Metric* find_metric(std::string_view id);

}  // namespace fusesweep
