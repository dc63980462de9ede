#include "harness/stats/segment_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace fusesweep {
namespace {

constexpr int kLayers = 12;

std::vector<Segment> all_segments() {
  std::vector<Segment> segments;
  for (int begin = 0; begin < kLayers; ++begin) {
    for (int end = begin + 1; end <= kLayers; ++end) segments.push_back({begin, end});
  }
  return segments;
}

// Every third segment of a form, with an error of 0.2 %.
template <typename Cost>
SegmentModelInput seen(Cost cost, std::uint64_t seed = 1, double sd_rel = 0.002) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  SegmentModelInput input{.n_layers = kLayers, .observations = {}, .trial_sd_rel = {0.0005}};
  const std::vector<Segment> segments = all_segments();
  for (std::size_t i = 0; i < segments.size(); i += 3) {
    const double seen = cost(segments[i]) * (1 + sd_rel * normal(random));
    input.observations.push_back({segments[i], seen, sd_rel, 0});
  }
  return input;
}

double straight(const Segment& segment) { return 0.7 + 1.5 * segment.layers(); }

TEST(SegmentModelTest, PredictsALineFromAThirdOfTheSegments) {
  const SegmentModel model(seen(straight));
  const std::vector<Segment> segments = all_segments();
  const std::vector<SegmentModel::Estimate> found = model.estimate(segments);
  for (std::size_t i = 0; i < segments.size(); ++i)
    EXPECT_NEAR(found[i].cost, straight(segments[i]), 0.02 * straight(segments[i]));
}

TEST(SegmentModelTest, LearnsABendInTheCostByLength) {
  const auto bent = [](const Segment& s) {
    return 1 + s.layers() + 0.05 * s.layers() * s.layers();
  };
  const SegmentModel model(seen(bent));
  const std::vector<SegmentModel::Estimate> lengths = model.lengths(kLayers);
  ASSERT_EQ(lengths.size(), std::size_t{kLayers});
  for (int length = 1; length <= kLayers; ++length) {
    const SegmentModel::Estimate& found = lengths[static_cast<std::size_t>(length - 1)];
    // The longest are all first or last shards: how much of their time is their length's, is not known well.
    EXPECT_NEAR(found.cost, bent({0, length}), length <= 8 ? 0.15 : 3 * found.sd) << length;
  }
}

TEST(SegmentModelTest, FindsASlowLayerAndADearFirstShard) {
  const auto cost = [](const Segment& s) {
    return straight(s) + (s.begin <= 7 && 7 < s.end ? 0.3 : 0) + (s.begin == 0 ? 0.5 : 0);
  };
  const SegmentModel model(seen(cost));
  for (const SegmentModel::Place& place : model.places()) {
    using Kind = SegmentModel::Place::Kind;
    const bool is_slow = place.kind == Kind::kLayer && place.layer == 7;
    const bool is_first = place.kind == Kind::kFirst;
    const bool stands_out = std::abs(place.effect.cost) > 2 * place.effect.sd;
    EXPECT_EQ(stands_out, is_slow || is_first)
        << static_cast<int>(place.kind) << " " << place.layer << ": " << place.effect.cost;
  }
}

TEST(SegmentModelTest, ASurpriseOfOneSegmentStaysItsOwn) {
  const auto cost = [](const Segment& s) { return straight(s) * (s == Segment{0, 7} ? 1.1 : 1); };
  const SegmentModel model(seen(cost));
  const std::vector<Segment> looked_at = {{0, 7}, {1, 8}};
  ASSERT_EQ(all_segments()[6], looked_at[0]);  // which is among those that were seen
  const std::vector<SegmentModel::Estimate> found = model.estimate(looked_at);
  EXPECT_NEAR(found[0].cost, 1.1 * straight(looked_at[0]), 0.03 * straight(looked_at[0]));
  EXPECT_NEAR(found[1].cost, straight(looked_at[1]), 0.03 * straight(looked_at[1]));
}

// Of many worlds that are of the form: as many truths lie within two deviations as should.
TEST(SegmentModelTest, DeviationsOfWhatWasNotSeenAreAsLargeAsTheErrors) {
  int inside = 0;
  int all = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> truth;
    const std::vector<Segment> segments = all_segments();
    for (const Segment& s : segments)
      truth.push_back(straight(s) + 0.02 * 1.5 * std::sqrt(s.layers()) * normal(random));
    const auto cost = [&](const Segment& s) {
      const auto place = std::find(segments.begin(), segments.end(), s) - segments.begin();
      return truth[static_cast<std::size_t>(place)];
    };
    const SegmentModel model(seen(cost, seed));
    const std::vector<SegmentModel::Estimate> found = model.estimate(segments);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (i % 3 == 0) continue;
      ++all;
      inside += std::abs(found[i].cost - truth[i]) < 2 * found[i].sd ? 1 : 0;
    }
  }
  EXPECT_GT(inside, 0.92 * all);  // 95.4 %; errors of one world go together
  EXPECT_LT(inside, 0.985 * all);
}

TEST(SegmentModelTest, DrawsHaveTheMeansAndDeviationsOfTheEstimates) {
  const SegmentModel model(seen(straight, 3, 0.01));
  const std::vector<Segment> segments = {{0, 1}, {0, 12}, {3, 9}, {5, 12}};
  constexpr std::size_t kDraws = 20'000;
  const std::vector<double> draws = model.draw(segments, kDraws, 1);
  ASSERT_EQ(draws.size(), kDraws * segments.size());
  const std::vector<SegmentModel::Estimate> want = model.estimate(segments);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    double sum = 0;
    double squares = 0;
    for (std::size_t d = 0; d < kDraws; ++d) {
      const double off = draws[d * segments.size() + s] - want[s].cost;
      sum += off;
      squares += off * off;
    }
    EXPECT_LT(std::abs(sum / kDraws), 0.05 * want[s].sd) << s;
    EXPECT_NEAR(std::sqrt(squares / kDraws), want[s].sd, 0.05 * want[s].sd) << s;
  }
}

// What two trials share moves all of a trial's figures, and none of their differences.
TEST(SegmentModelTest, AnErrorThatATrialSharesIsNoErrorOfItsDifferences) {
  SegmentModelInput input{.n_layers = kLayers, .observations = {}, .trial_sd_rel = {0.05, 0.05}};
  for (const Segment& segment : std::vector<Segment>{{0, 6}, {6, 12}, {0, 4}, {4, 12}})
    input.observations.push_back({segment, straight(segment), 0.001, 0});
  for (const Segment& segment : std::vector<Segment>{{0, 6}, {6, 12}, {0, 5}, {5, 12}})
    input.observations.push_back({segment, 1.04 * straight(segment), 0.001, 1});
  const SegmentModel model(input);
  const std::vector<Segment> parts = {{0, 4}, {4, 12}, {0, 5}, {5, 12}};
  const std::vector<double> draws = model.draw(parts, 4'000, 1);
  double sum = 0;
  double squares = 0;
  for (std::size_t d = 0; d < 4'000; ++d) {
    const double ratio = (draws[4 * d] + draws[4 * d + 1]) / (draws[4 * d + 2] + draws[4 * d + 3]);
    sum += ratio - 1;
    squares += (ratio - 1) * (ratio - 1);
  }
  EXPECT_LT(std::abs(sum / 4'000), 0.003);
  EXPECT_LT(std::sqrt(squares / 4'000), 0.01);  // where a level is known to 3.5 %
}

TEST(SegmentModelTest, TheSameSeedGivesTheSameDraws) {
  const SegmentModel model(seen(straight));
  const std::vector<Segment> segments = {{0, 6}, {6, 12}};
  EXPECT_EQ(model.draw(segments, 10, 7), model.draw(segments, 10, 7));
  EXPECT_NE(model.draw(segments, 10, 7), model.draw(segments, 10, 8));
}

TEST(SegmentModelTest, OneObservationIsEnoughToSayLittle) {
  const SegmentModel model(
      {.n_layers = kLayers, .observations = {{{0, 4}, 4.0, 0.01, 0}}, .trial_sd_rel = {0.01}});
  const std::vector<Segment> segments = {{0, 4}, {4, 12}};
  const std::vector<SegmentModel::Estimate> found = model.estimate(segments);
  EXPECT_NEAR(found[0].cost, 4, 0.1);
  EXPECT_GT(found[1].sd, 1);
}

}  // namespace
}  // namespace fusesweep
