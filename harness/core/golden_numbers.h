// How far the outputs of a shard are from what they should be: the numbers of a golden comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fusesweep {

// With a value that is not finite there is no figure, of the whole or of that token.
struct GoldenNumbers {
  std::uint64_t non_finite_count = 0;  // among the found values
  std::optional<double> cosine;        // over all values as one vector
  std::optional<double> rmse;
  std::optional<double> max_abs;      // the largest difference
  std::optional<double> relative_l2;  // |found - wanted| / |wanted|
  std::vector<std::optional<double>> per_token_cosine;

  bool operator==(const GoldenNumbers&) const = default;
};

// Both are [tokens, width]. A cosine or ratio with a vector of zeros is absent, unless both are zeros,
// which agree.  REQUIRES: equal sizes that are multiples of width; `wanted` is finite.
GoldenNumbers compare_outputs(std::span<const float> found, std::span<const float> wanted,
                              std::size_t width);

}  // namespace fusesweep
