#include "harness/stats/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace fusesweep {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Quantile, LiesOnStraightLinesBetweenTheSortedSamples) {
  const struct {
    const char* name;
    std::vector<double> samples;
    double share;
    double want;
  } rows[] = {
      {"one sample", {7}, 0.3, 7},
      {"odd median", {9, 1, 5}, 0.5, 5},
      {"even median", {9, 1, 5, 4}, 0.5, 4.5},
      {"lowest", {9, 1, 5}, 0, 1},
      {"highest", {9, 1, 5}, 1, 9},
      {"R: quantile(c(1, 2, 4, 8), 0.9)", {8, 4, 2, 1}, 0.9, 6.8},
      {"equal samples", {3, 3, 3, 3}, 0.37, 3},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto found = quantile(row.samples, row.share);
    ASSERT_TRUE(found);
    EXPECT_DOUBLE_EQ(*found, row.want);
  }
}

TEST(Quantile, IsAbsentOfNothingAndOfWhatIsNoNumber) {
  EXPECT_EQ(median({}), std::nullopt);
  EXPECT_EQ(median(std::vector<double>{1, kNan, 3}), std::nullopt);
}

TEST(Quantile, MedianIsThatOfTheSortedSamplesWhateverTheirOrder) {
  std::mt19937_64 random(11);
  for (std::size_t size = 1; size < 60; ++size) {
    std::vector<double> samples(size);
    for (double& sample : samples) sample = static_cast<double>(random() % 20);
    const auto found = median(samples);
    std::sort(samples.begin(), samples.end());
    EXPECT_EQ(found, (samples[(size - 1) / 2] + samples[size / 2]) / 2) << size;
  }
}

}  // namespace
}  // namespace fusesweep
