#include "harness/core/golden_numbers.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

struct Sums {
  double found_squared = 0;
  double wanted_squared = 0;
  double product = 0;
  double difference_squared = 0;
  double max_abs = 0;
  std::uint64_t non_finite_count = 0;

  void add(const Sums& other) {
    found_squared += other.found_squared;
    wanted_squared += other.wanted_squared;
    product += other.product;
    difference_squared += other.difference_squared;
    max_abs = std::max(max_abs, other.max_abs);
    non_finite_count += other.non_finite_count;
  }
};

Sums sums_of(std::span<const float> found, std::span<const float> wanted) {
  Sums sums;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double a = found[i];
    const double b = wanted[i];
    if (!std::isfinite(a)) {
      ++sums.non_finite_count;
      continue;
    }
    sums.found_squared += a * a;
    sums.wanted_squared += b * b;
    sums.product += a * b;
    sums.difference_squared += (a - b) * (a - b);
    sums.max_abs = std::max(sums.max_abs, std::abs(a - b));
  }
  return sums;
}

std::optional<double> cosine_of(const Sums& sums) {
  if (sums.non_finite_count > 0) return std::nullopt;
  const double lengths = std::sqrt(sums.found_squared) * std::sqrt(sums.wanted_squared);
  if (lengths > 0) return std::clamp(sums.product / lengths, -1.0, 1.0);
  if (sums.found_squared == 0 && sums.wanted_squared == 0) return 1.0;
  return std::nullopt;
}

}  // namespace

GoldenNumbers compare_outputs(std::span<const float> found, std::span<const float> wanted,
                              std::size_t width) {
  FUSESWEEP_CHECK(width > 0 && found.size() == wanted.size() && found.size() % width == 0);
  GoldenNumbers numbers;
  Sums all;
  for (std::size_t at = 0; at < found.size(); at += width) {
    const Sums token = sums_of(found.subspan(at, width), wanted.subspan(at, width));
    numbers.per_token_cosine.push_back(cosine_of(token));
    all.add(token);
  }
  numbers.non_finite_count = all.non_finite_count;
  if (all.non_finite_count > 0 || found.empty()) return numbers;
  numbers.cosine = cosine_of(all);
  numbers.rmse = std::sqrt(all.difference_squared / static_cast<double>(found.size()));
  numbers.max_abs = all.max_abs;
  if (all.wanted_squared > 0)
    numbers.relative_l2 = std::sqrt(all.difference_squared / all.wanted_squared);
  if (all.wanted_squared == 0 && all.found_squared == 0) numbers.relative_l2 = 0;
  return numbers;
}

}  // namespace fusesweep
