// The golden gate: a shard's outputs against the fp32 reference, per token and as a whole. Two
// comparisons: fidelity, with the reference on weights rounded by the same rule, finds wrong code;
// quality, with the original weights, finds rounding that hurts.
#pragma once

#include <optional>
#include <string_view>

#include "harness/core/golden_numbers.h"
#include "harness/core/verdict.h"

namespace fusesweep {

struct GoldenLimits {
  std::optional<double> cosine_at_least;            // of all values
  std::optional<double> per_token_cosine_at_least;  // of the worst token
  std::optional<double> relative_l2_at_most;

  bool operator==(const GoldenLimits&) const = default;
};

// Any value that is not finite fails. A limit whose figure is absent makes it not enough data, unless
// another limit fails.
GateVerdict judge_golden(std::string_view gate, const GoldenNumbers& numbers,
                         const GoldenLimits& limits);

// The same of figures that somebody else wrote down: what they left out is not held against them, but
// the cosine. Nothing stands for values that were not finite.
GateVerdict judge_stated_golden(std::string_view gate, const std::optional<GoldenNumbers>& stated,
                                GoldenLimits limits);

}  // namespace fusesweep
