#include "harness/plan/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Cost = std::function<double(const Segment&)>;

SegmentTable everything(int n_layers) {
  SegmentTable table(n_layers);
  for (int begin = 0; begin < n_layers; ++begin) {
    for (int end = begin + 1; end <= n_layers; ++end) table.set({begin, end}, 0);
  }
  return table;
}

OptimizeQuestion question(int n_layers) {
  OptimizeQuestion question;
  question.usable = everything(n_layers);
  question.draws = 300;
  return question;
}

SegmentAnswers exact(const std::vector<Segment>& segments, const Cost& cost) {
  SegmentAnswers answers{.failures = {}, .costs = {}, .trial_sd_rel = 0.001};
  for (const Segment& segment : segments) answers.costs.push_back({segment, cost(segment), 0.002});
  return answers;
}

void run(Optimizer& optimizer, const Cost& cost) {
  while (!optimizer.next().empty()) optimizer.observe(exact(optimizer.next(), cost));
}

double fewer_is_better(const Segment& s) { return 1 + s.layers(); }
// Four layers a shard are best: beyond, each one more costs more.
double four_is_best(const Segment& s) { return 2 + s.layers() + 0.125 * s.layers() * s.layers(); }

TEST(OptimizerTest, FindsThatOneShardIsBestWhereEveryShardCosts) {
  Optimizer optimizer(question(12));
  run(optimizer, fewer_is_better);
  EXPECT_EQ(optimizer.end(), SearchEnd::kProven);
  EXPECT_EQ(optimizer.best_measured(1).front().split, "12");
  EXPECT_LE(*optimizer.bound_rel(), 0.01);
  EXPECT_LT(optimizer.builds(), 30);  // of 78 segments
}

TEST(OptimizerTest, FindsAnOptimumInTheMiddle) {
  Optimizer optimizer(question(16));
  run(optimizer, four_is_best);
  EXPECT_EQ(optimizer.end(), SearchEnd::kProven);
  EXPECT_NEAR(optimizer.best_measured(1).front().ms, 4 * four_is_best({0, 4}), 0.4);
}

TEST(OptimizerTest, NeverAsksForWhatMayNotBeUsed) {
  OptimizeQuestion asked = question(12);
  asked.usable.forbid_longer(5);
  asked.usable.forbid({0, 4});
  asked.limits.shards = 4;
  const SegmentTable usable = asked.usable;
  Optimizer optimizer(std::move(asked));
  while (!optimizer.next().empty()) {
    for (const Segment& segment : optimizer.next())
      EXPECT_TRUE(usable.cost(segment).has_value()) << to_text(segment);
    optimizer.observe(exact(optimizer.next(), fewer_is_better));
  }
  const PathFinding best = optimizer.best_measured(1).front();
  EXPECT_EQ(std::count(best.split.begin(), best.split.end(), '+'), 2);
}

TEST(OptimizerTest, WhatFailedIsNeitherAskedForAgainNorUsed) {
  Optimizer optimizer(question(12));
  const auto fails = [](const Segment& s) { return s.begin == 0 && s.layers() >= 6; };
  std::set<Segment> failed;
  while (!optimizer.next().empty()) {
    SegmentAnswers answers{.failures = {}, .costs = {}, .trial_sd_rel = 0.001};
    for (const Segment& segment : optimizer.next()) {
      EXPECT_FALSE(failed.contains(segment)) << to_text(segment);
      if (fails(segment)) {
        failed.insert(segment);
        answers.failures.push_back({segment, false, "NaN"});
      } else {
        answers.costs.push_back({segment, fewer_is_better(segment), 0.002});
      }
    }
    optimizer.observe(answers);
  }
  ASSERT_THAT(failed, Not(IsEmpty()));
  EXPECT_EQ(optimizer.failed_builds(), static_cast<int>(failed.size()));
  EXPECT_NEAR(optimizer.best_measured(1).front().ms, 14, 0.2);  // two shards, such as 5+7
}

TEST(OptimizerTest, WhatHoldsAShardThatIsNotResidentIsRuledOut) {
  Optimizer optimizer(question(8));
  optimizer.know({{0, 3}}, {{{2, 5}, true, "2 of 9 operations on ref"}});
  int excluded = 0;
  for (const SegmentFinding& finding : optimizer.segments()) {
    const bool holds = finding.segment.begin <= 2 && finding.segment.end >= 5;
    EXPECT_EQ(finding.standing == SegmentStanding::kExcluded, holds) << to_text(finding.segment);
    if (!holds) continue;
    ++excluded;
    EXPECT_THAT(finding.reason, finding.segment == Segment({2, 5}) ? HasSubstr("on ref")
                                                                   : HasSubstr("holds [2,5)"));
  }
  EXPECT_EQ(excluded, 3 * 4);
  EXPECT_EQ(optimizer.builds(), 2);
}

TEST(OptimizerTest, WhatWasBuiltForTheCliffIsMeasuredFirst) {
  Optimizer optimizer(question(8));
  optimizer.know({{0, 3}, {3, 6}}, {});
  EXPECT_THAT(optimizer.next(), testing::IsSupersetOf({Segment{0, 3}, Segment{3, 6}}));
  EXPECT_EQ(optimizer.builds(), 2);
}

TEST(OptimizerTest, StopsWhenTheBuildsAreSpentAndSaysHowFarItCame) {
  OptimizeQuestion asked = question(24);
  asked.max_builds = 14;
  asked.regret_rel = 1e-6;
  Optimizer optimizer(std::move(asked));
  run(optimizer, four_is_best);
  EXPECT_EQ(optimizer.end(), SearchEnd::kBuildsSpent);
  EXPECT_LE(optimizer.builds(), 14);
  EXPECT_GT(*optimizer.bound_rel(), 1e-6);
}

TEST(OptimizerTest, StopsWhereMeasuringOnceMoreIsNotGranted) {
  OptimizeQuestion asked = question(3);
  asked.regret_rel = 1e-9;
  asked.max_trials = 5;
  Optimizer optimizer(std::move(asked));
  run(optimizer, [](const Segment& s) { return 1.0 * s.layers(); });  // all splits are equal
  EXPECT_EQ(optimizer.end(), SearchEnd::kNothingLeft);
  EXPECT_LE(optimizer.trials(), 5);
}

TEST(OptimizerTest, SaysSoWhereNoSplitIsLeft) {
  Optimizer optimizer(question(4));
  optimizer.know({}, {{{1, 2}, true, "not resident"}});
  EXPECT_THAT(optimizer.next(), IsEmpty());
  EXPECT_EQ(optimizer.end(), SearchEnd::kNoPath);
  EXPECT_FALSE(optimizer.bound_rel().has_value());
  EXPECT_THAT(optimizer.best_measured(3), IsEmpty());
}

TEST(OptimizerTest, StopsWhenItIsTold) {
  Optimizer optimizer(question(12));
  optimizer.observe(exact(optimizer.next(), four_is_best));
  optimizer.stop(SearchEnd::kTimeSpent);
  EXPECT_THAT(optimizer.next(), IsEmpty());
  EXPECT_EQ(optimizer.end(), SearchEnd::kTimeSpent);
  EXPECT_THAT(optimizer.best_measured(1), SizeIs(1));
}

TEST(OptimizerTest, TheSameAnswersLeadToTheSameQuestions) {
  Optimizer one(question(16));
  Optimizer other(question(16));
  while (!one.next().empty()) {
    ASSERT_EQ(one.next(), other.next());
    const SegmentAnswers answers = exact(one.next(), four_is_best);
    one.observe(answers);
    other.observe(answers);
  }
  EXPECT_EQ(one.best_measured(5), other.best_measured(5));
}

TEST(OptimizerTest, ABoundaryThatCostsMovesTheOptimumToFewerShards) {
  Optimizer optimizer(question(16));
  optimizer.set_boundary(8, 0.1, 0);  // on top of 2: 8 + 2 + L + L^2 / 8 is best at 9 layers
  run(optimizer, four_is_best);
  EXPECT_EQ(optimizer.end(), SearchEnd::kProven);
  EXPECT_THAT(optimizer.best_measured(1).front().split, testing::MatchesRegex("[78]\\+[89]|9\\+7"));
  EXPECT_NEAR(optimizer.form()->boundary_ms, 8, 1e-12);
}

TEST(OptimizerTest, AnswersForASingleLayer) {
  Optimizer optimizer(question(1));
  run(optimizer, fewer_is_better);
  EXPECT_EQ(optimizer.end(), SearchEnd::kProven);
  EXPECT_EQ(optimizer.best_measured(3).front().split, "1");
  EXPECT_EQ(*optimizer.bound_rel(), 0);
}

TEST(OptimizerTest, EverySplitHasABoundOfItsOwn) {
  Optimizer optimizer(question(12));
  run(optimizer, four_is_best);
  const std::vector<PathFinding> measured = optimizer.best_measured(1);
  ASSERT_THAT(measured, SizeIs(1));
  EXPECT_EQ(measured.front().bound_rel, optimizer.bound_rel());
  const Split whole({12});
  const std::vector<PathFinding> known =
      optimizer.of({parse_split(measured.front().split).value(), whole});
  ASSERT_THAT(known, SizeIs(2));
  EXPECT_EQ(known[0], measured.front());
  EXPECT_EQ(known[1].split, "12");
  // 2 + 12 + 18 instead of three times 2 + 4 + 2.
  EXPECT_NEAR(known[1].bound_rel.value(), 32.0 / 24 - 1, 0.03);
}

TEST(OptimizerTest, IntervalsOfSplitsHoldTheirMeans) {
  Optimizer optimizer(question(12));
  run(optimizer, four_is_best);
  for (const PathFinding& path : optimizer.best(10)) {
    EXPECT_LT(path.low_ms, path.ms) << path.split;
    EXPECT_GT(path.high_ms, path.ms) << path.split;
  }
}

}  // namespace
}  // namespace fusesweep
