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
};

// The gate owns the limits; no runner loosens its own. harness/docs/GATES.md says where they come from.
inline constexpr GoldenLimits kCpuFidelity{.relative_l2_at_most = 5e-3};
inline constexpr GoldenLimits kCoremlFidelity{.relative_l2_at_most = 6e-2};
inline constexpr GoldenLimits kQuality{
    .cosine_at_least = 0.995, .per_token_cosine_at_least = 0.98, .relative_l2_at_most = 0.15};

// Any value that is not finite fails. A limit whose figure is absent makes it not enough data, unless
// another limit fails.
GateVerdict judge_golden(std::string_view gate, const GoldenNumbers& numbers,
                         const GoldenLimits& limits);

}  // namespace fusesweep
