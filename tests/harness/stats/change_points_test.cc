// Change points, on simulated series with fixed seeds. harness/docs/TREND.md states the rates.
#include "harness/stats/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The same numbers with every standard library: its distributions are its own.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

  double uniform() {  // SplitMix64, in (0, 1)
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return (static_cast<double>((z ^ (z >> 31U)) >> 11U) + 0.5) * 0x1.0p-53;
  }

  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * 3.14159265358979323846 * uniform());
  }

  double cauchy() { return std::tan(3.14159265358979323846 * (uniform() - 0.5)); }

 private:
  std::uint64_t state_;
};

// Spread 1 about a level.
using Draw = double (*)(Noise&);
double normal(Noise& noise) { return noise.normal(); }
double cauchy(Noise& noise) { return noise.cauchy(); }
// A benchmark's: mostly quiet, one in twenty far slower.
double disturbed(Noise& noise) {
  const double quiet = noise.normal();
  return noise.uniform() < 0.05 ? quiet + 8 + 8 * noise.uniform() : quiet;
}
// Read off a coarse clock.
double rounded(Noise& noise) { return std::round(noise.normal()); }

std::vector<double> series(std::uint64_t seed, Draw draw,
                           const std::function<double(std::size_t)>& level, std::size_t count) {
  Noise noise(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(level(i) + draw(noise));
  return values;
}

double flat(std::size_t) { return 0; }

std::function<double(std::size_t)> step(std::size_t at, double size) {
  return [=](std::size_t i) { return i < at ? 0.0 : size; };
}

// How many of so many series have what is asked for.
int count_series(int count, const std::function<bool(std::uint64_t seed)>& has) {
  int found = 0;
  for (int seed = 1; seed <= count; ++seed) found += has(static_cast<std::uint64_t>(seed)) ? 1 : 0;
  return found;
}

std::vector<std::size_t> places(const std::vector<double>& values) {
  std::vector<std::size_t> firsts;
  for (const ChangePoint& change : find_change_points(values)) firsts.push_back(change.first);
  return firsts;
}

bool is_at(std::size_t found, std::size_t wanted) {
  return found + 2 >= wanted && found <= wanted + 2;
}

TEST(ChangePoints, SeriesWithoutAChangeSeldomHaveOne) {
  // In 1000 series at a rate of 1 % more than 20 have a chance of about 1 in 1000.
  const struct {
    const char* name;
    Draw draw;
    std::size_t points;
  } rows[] = {{"ten, normal", normal, 10},
              {"twenty, normal", normal, 20},
              {"thirty, normal", normal, 30},
              {"forty-five, normal", normal, 45},
              {"hundred, normal", normal, 100},
              {"thirty, Cauchy", cauchy, 30},
              {"hundred, Cauchy", cauchy, 100},
              {"thirty, disturbed", disturbed, 30},
              {"hundred, disturbed", disturbed, 100},
              {"thirty, rounded", rounded, 30},
              {"hundred, rounded", rounded, 100}};
  for (const auto& row : rows) {
    const int found = count_series(1000, [&](std::uint64_t seed) {
      return !places(series(seed, row.draw, flat, row.points)).empty();
    });
    RecordProperty(row.name, found);
    EXPECT_LE(found, 20) << row.name;
  }
}

TEST(ChangePoints, OneStepIsFoundWhereItIs) {
  const struct {
    const char* name;
    Draw draw;
    std::size_t points;
    std::size_t at;
    double size;
    int at_least;  // of 500, with one change within two points
  } rows[] = {{"5 after 25, 4 sigma", normal, 30, 25, 4, 400},
              {"15 and 15, 3 sigma", normal, 30, 15, 3, 470},
              {"50 and 50, 3 sigma", normal, 100, 50, 3, 475},
              {"50 and 50, 2 sigma", normal, 100, 50, 2, 410},
              {"90 and 10, 4 sigma", normal, 100, 90, 4, 450},
              {"down, 50 and 50, 3 sigma", normal, 100, 50, -3, 475},
              {"50 and 50, 4 sigma, disturbed", disturbed, 100, 50, 4, 450},
              {"50 and 50, 8 scales, Cauchy", cauchy, 100, 50, 8, 400}};
  for (const auto& row : rows) {
    const int found = count_series(500, [&](std::uint64_t seed) {
      const auto at = places(series(seed, row.draw, step(row.at, row.size), row.points));
      return at.size() == 1 && is_at(at[0], row.at);
    });
    RecordProperty(row.name, found);
    EXPECT_GE(found, row.at_least) << row.name;
  }
}

TEST(ChangePoints, TwoStepsAreFoundAlsoWhenTheSecondTakesTheFirstBack) {
  for (const double second : {6.0, 0.0, -3.0}) {
    const auto level = [&](std::size_t i) { return i < 40 ? 0.0 : i < 60 ? 3.0 : second; };
    const int found = count_series(500, [&](std::uint64_t seed) {
      const auto at = places(series(seed, normal, level, 100));
      return at.size() == 2 && is_at(at[0], 40) && is_at(at[1], 60);
    });
    RecordProperty("second level " + std::to_string(second), found);
    EXPECT_GE(found, 440) << second;
  }
}

TEST(ChangePoints, ASpikeIsNone) {
  for (const std::size_t width : {1U, 2U, 3U}) {
    const auto level = [&](std::size_t i) { return i >= 30 && i < 30 + width ? 1000.0 : 0.0; };
    const int found = count_series(
        500, [&](std::uint64_t seed) { return !places(series(seed, normal, level, 60)).empty(); });
    EXPECT_LE(found, 15) << width;
  }
}

TEST(ChangePoints, ASpikeAtTheEndIsNoneYet) {
  const auto level = [](std::size_t i) { return i >= 98 ? 1000.0 : 0.0; };
  EXPECT_THAT(places(series(1, normal, level, 100)), IsEmpty());
}

TEST(ChangePoints, ASlowDriftIsToldAsStepsOfItsDirection) {
  const auto level = [](std::size_t i) { return 0.06 * static_cast<double>(i); };
  const int found = count_series(500, [&](std::uint64_t seed) {
    const auto changes = find_change_points(series(seed, normal, level, 100));
    return !changes.empty() && std::all_of(changes.begin(), changes.end(),
                                           [](const auto& c) { return c.after > c.before; });
  });
  EXPECT_GE(found, 495);
}

TEST(ChangePoints, TooFewPointsGiveNoAnswer) {
  for (std::size_t count = 0; count < kFewestForChange; ++count)
    EXPECT_THAT(places(series(1, normal, step(count / 2, 100), count)), IsEmpty()) << count;
  EXPECT_THAT(places(series(1, normal, step(5, 100), 10)), ElementsAre(5));
}

TEST(ChangePoints, EqualValuesHaveNone) {
  EXPECT_THAT(places(std::vector<double>(100, 3.5)), IsEmpty());
}

TEST(ChangePoints, ExactLevelsAreToldWithTheirMedians) {
  std::vector<double> values(40, 2.0);
  std::fill(values.begin() + 13, values.begin() + 27, 5.0);
  values[20] = 900;
  const auto changes = find_change_points(values);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].first, 13U);
  EXPECT_EQ(changes[0].before, 2);
  EXPECT_EQ(changes[0].after, 5);
  EXPECT_EQ(changes[1].first, 27U);
  EXPECT_EQ(changes[1].before, 5);
  EXPECT_EQ(changes[1].after, 2);
}

TEST(ChangePoints, HoldOnlyTheOrderOfValues) {
  // However values are stretched, ranks are the same: the logarithm finds what the values do.
  std::vector<double> values = series(7, normal, step(30, 3), 60);
  const auto found = places(values);
  ASSERT_EQ(found.size(), 1U);
  for (double& value : values) value = std::exp(value);
  EXPECT_EQ(places(values), found);
}

TEST(ChangePoints, TheLimitRisesWithThePointsAndGoesOnBeyondTheTable) {
  for (const std::size_t count : {20U, 30U, 45U, 100U, 1000U, 5000U, 10'000U})
    EXPECT_LT(rank_shift_limit(count), rank_shift_limit(2 * count)) << count;
  EXPECT_NEAR(rank_shift_limit(100'000), 5.1, 0.3);
}

TEST(ChangePoints, ALongSeriesIsAnsweredToo) {
  const auto level = [](std::size_t i) { return i < 4000 ? 0.0 : i < 4100 ? 1.5 : 0.5; };
  const auto at = places(series(3, normal, level, 10'000));
  ASSERT_EQ(at.size(), 2U);
  EXPECT_NEAR(static_cast<double>(at[0]), 4000, 5);
  EXPECT_NEAR(static_cast<double>(at[1]), 4100, 15);
}

}  // namespace
}  // namespace fusesweep
