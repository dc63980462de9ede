// What a record lets one say without measuring, and what it makes worth building.
#include "harness/plan/recorded_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

RecordedAdvice of_the_record() { return advise(*find_recorded("phi4-mini-m4max")); }

std::vector<std::string> names_of(const std::vector<RecordedTie>& ties) {
  std::vector<std::string> names;
  for (const RecordedTie& tie : ties) names.push_back(to_text(tie.split));
  return names;
}

std::vector<std::string> names_of(const std::vector<RecordedProposal>& proposals) {
  std::vector<std::string> names;
  for (const RecordedProposal& proposal : proposals) names.push_back(to_text(proposal.split));
  return names;
}

RecordedShard shard(Segment segment, bool is_resident = true, bool is_finite = true) {
  RecordedShard made{.segment = segment, .rope_dim = 96, .resident = is_resident};
  if (is_resident) made.golden = RecordedComparison{.non_finite = !is_finite};
  return made;
}

RecordedSplit ran(std::string_view split, const std::vector<double>& layers_ms,
                  double tok_per_s = 10) {
  RecordedSplit made{.split = *parse_split(split), .runs = {}, .note = {}};
  for (const double ms : layers_ms) {
    made.runs.push_back({.decode_tok_per_s = tok_per_s, .layers_ms_per_token = ms, .rope_dim = 96});
  }
  return made;
}

// Of 8 layers: 4 ms, 2 ms a shard, and a little noise.
RecordedFacts small_facts() {
  return {.n_layers = 8,
          .shards = {shard({0, 4}), shard({4, 8})},
          .splits = {ran("4+2+2", {10.1, 9.9}), ran("2+2+2+2", {12.05}), ran("4x1+2+2", {15.95})}};
}

TEST(RecordedAdvice, TheBestRecordedSplitsTie) {
  const RecordedAdvice advice = of_the_record();
  EXPECT_EQ(advice.rope_dim, 128);
  EXPECT_THAT(names_of(advice.ties), ElementsAre("12+12+6+2", "16+8+6+2", "20+4+6+2", "20+5+5+2"));
  EXPECT_EQ(advice.ties[2].tok_per_s, (Interval{16.697, 17.203}));
  EXPECT_EQ(advice.ties[2].runs, 2);  // the one at rope_dim 96 is of another contract
}

TEST(RecordedAdvice, WhatFailedIsExcluded) {
  const RecordedAdvice advice = of_the_record();
  ASSERT_THAT(advice.excluded, SizeIs(2));
  EXPECT_EQ(advice.excluded[0].segment, (Segment{0, 24}));
  EXPECT_TRUE(advice.excluded[0].is_residency);
  EXPECT_EQ(advice.excluded[0].reason, "not resident, 0 of 96 convolutions on the device");
  EXPECT_EQ(advice.excluded[1].segment, (Segment{24, 32}));
  EXPECT_FALSE(advice.excluded[1].is_residency);
  EXPECT_EQ(advice.longest_resident, 20);
}

TEST(RecordedAdvice, LayerTimesFollowALine) {
  const RecordedAdvice advice = of_the_record();
  ASSERT_TRUE(advice.fit);
  const RecordedTimeFit& fit = *advice.fit;
  EXPECT_NEAR(fit.line.intercept, 47.9, 0.05);
  EXPECT_NEAR(fit.line.slope, 1.52, 0.005);
  EXPECT_NEAR(fit.line.residual_sd, 0.66, 0.005);
  EXPECT_EQ(fit.line.points, 13);
  EXPECT_EQ(fit.splits, 9);
  EXPECT_EQ(fit.fewest_shards, 4);
  EXPECT_EQ(fit.most_shards, 11);
  EXPECT_EQ(fit.fewest_ms, (Interval{53.039, 55.084}));
  ASSERT_THAT(fit.left_out, SizeIs(1));  // its head was slow as well
  EXPECT_EQ(to_text(fit.left_out[0].split), "3+3+3+3+3+3+3+3+3+3+2");
  EXPECT_EQ(fit.left_out[0].layers_ms_per_token, 71.145);
}

TEST(RecordedAdvice, NamesBuildsThatNobodyTried) {
  const RecordedAdvice advice = of_the_record();
  EXPECT_EQ(advice.fewest_ran, 4);
  EXPECT_THAT(names_of(advice.proposals), ElementsAre("20+12", "16+16", "20+10+2", "16+14+2"));
  const RecordedProposal& two = advice.proposals[0];
  EXPECT_NEAR(two.layers_ms_per_token, 50.9, 0.05);
  EXPECT_NEAR(two.half_width_ms, 1.63, 0.005);  // t of 11 degrees; 1.5 by the normal distribution
  EXPECT_THAT(two.to_build, ElementsAre(Segment{20, 32}));
  ASSERT_THAT(two.risks, SizeIs(1));
  EXPECT_EQ(two.risks[0].failed, (Segment{24, 32}));
  EXPECT_TRUE(two.risks[0].is_whole());
  const RecordedProposal& three = advice.proposals[2];
  EXPECT_NEAR(three.layers_ms_per_token, 52.5, 0.05);
  EXPECT_NEAR(three.half_width_ms, 1.57, 0.005);
  EXPECT_THAT(three.to_build, ElementsAre(Segment{20, 30}));
  ASSERT_THAT(three.risks, SizeIs(1));
  EXPECT_EQ(three.risks[0].layers, 6);
  EXPECT_FALSE(three.risks[0].is_whole());
}

TEST(RecordedAdvice, SaysItInLines) {
  const RecordedAdvice advice = of_the_record();
  EXPECT_THAT(
      notes_of(advice),
      ElementsAre(
          "on record 4 splits tie: 12+12+6+2, 16+8+6+2, 20+4+6+2, 20+5+5+2; their runs overlap, "
          "16.60 to 17.20 tok/s at rope_dim 128, and none is shown to be faster",
          "[0,24) is excluded: not resident, 0 of 96 convolutions on the device",
          "[24,32) is excluded: its output was NaN or infinite, though it is resident",
          "most of these runs are of an older contract: rope_dim 128, the model has 96; the others "
          "are not compared with them",
          "times of segments, which 1 of 22 recorded runs tell, are not added up across runs: each "
          "run is a thing of its own, and no run has shown such a sum"));
  const std::vector<std::string> lines = advice_of(advice);
  EXPECT_THAT(lines, Each(StartsWith("advice, not a finding: ")));
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0],
            "advice, not a finding: a line through the layer times of 13 recorded runs of 9 splits "
            "of 4 to 11 shards is 47.9 ms + 1.52 ms a shard, residual 0.66 ms; left out for not "
            "belonging to it: 71.1 ms of 3+3+3+3+3+3+3+3+3+3+2");
  EXPECT_EQ(lines[1],
            "advice, not a finding: try 20+12, predicted 50.9 +- 1.6 ms a token for the layers (95 "
            "%) against 53.0 to 55.1 with 4 shards; to build and gate: [20,32); risk: [20,32) has "
            "all of the 8 layers of [24,32), whose output was not finite");
  EXPECT_THAT(lines[3], AllOf(HasSubstr("try 20+10+2, predicted 52.5 +- 1.6 ms"),
                              HasSubstr("risk: [20,30) has 6 of the 8 layers of [24,32)")));
}

TEST(RecordedAdvice, SegmentTimesOfRunsChangeNothingButTheirCount) {
  RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  const RecordedAdvice before = advise(facts);
  // Pieces that would add up to a split faster than any that ran.
  for (RecordedSplit& split : facts.splits) {
    for (RecordedRun& run : split.runs) {
      run.groups.clear();
      for (const Segment& segment : split.split.segments()) run.groups.push_back({segment, 0.1});
    }
  }
  const RecordedAdvice after = advise(facts);
  EXPECT_EQ(advice_of(after), advice_of(before));
  EXPECT_EQ(names_of(after.ties), names_of(before.ties));
  EXPECT_EQ(after.runs_with_groups, 22);
}

TEST(RecordedAdvice, NoProposalIsBeyondTheCliffOrHasAFailedShard) {
  for (const RecordedProposal& proposal : of_the_record().proposals) {
    SCOPED_TRACE(to_text(proposal.split));
    for (const Segment& segment : proposal.split.segments()) {
      EXPECT_LE(segment.layers(), 20);
      EXPECT_NE(segment, (Segment{24, 32}));
    }
  }
}

TEST(RecordedAdvice, OfASmallRecord) {
  const RecordedAdvice advice = advise(small_facts());
  EXPECT_THAT(advice.excluded, IsEmpty());
  EXPECT_THAT(names_of(advice.proposals), ElementsAre("4+4"));  // nothing longer is known to fit
  EXPECT_THAT(advice.proposals[0].to_build, IsEmpty());
  EXPECT_THAT(advice.proposals[0].risks, IsEmpty());
  EXPECT_NEAR(advice.proposals[0].layers_ms_per_token, 8, 0.1);
  EXPECT_THAT(advice_of(advice).back(), HasSubstr("every shard of it is recorded as passing"));
}

TEST(RecordedAdvice, WhatIsProposedKeepsClearOfFailures) {
  const struct {
    const char* name;
    std::vector<RecordedShard> more;
    std::vector<std::string> want;
  } rows[] = {
      {"a longer one fits", {shard({0, 6})}, {"4+4", "6+2"}},
      {"the whole fits", {shard({0, 8})}, {"8", "4+4", "3+5"}},
      {"a part is not resident", {shard({0, 6}), shard({0, 3}, false)}, {"2+6"}},
      {"the very shard gave nonsense", {shard({0, 4}, true, false)}, {}},
      {"a part of it gave nonsense", {shard({0, 6}), shard({5, 8}, true, false)}, {"4+4", "6+2"}},
      {"of four tokens a call says nothing",
       {{.segment = {0, 8}, .rope_dim = 96, .tokens = 4, .resident = true},
        {.segment = {0, 3}, .rope_dim = 96, .tokens = 4}},
       {"4+4"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    RecordedFacts facts = small_facts();
    facts.shards.insert(facts.shards.end(), row.more.begin(), row.more.end());
    EXPECT_EQ(names_of(advise(facts).proposals), row.want);
  }
}

TEST(RecordedAdvice, WhatWasTriedIsNotProposed) {
  RecordedFacts facts = small_facts();
  facts.splits.push_back(ran("4+4", {}));
  EXPECT_THAT(advise(facts).proposals, IsEmpty());
  EXPECT_THAT(advice_of(advise(facts)).back(), HasSubstr("no split that nobody tried"));
}

TEST(RecordedAdvice, WithoutALineThatRisesNothingIsProposed) {
  RecordedFacts level = small_facts();
  for (RecordedSplit& split : level.splits) {
    for (std::size_t i = 0; i < split.runs.size(); ++i)
      split.runs[i].layers_ms_per_token = 10 + 0.1 * static_cast<double>(i);
  }
  ASSERT_TRUE(advise(level).fit);
  EXPECT_THAT(advise(level).proposals, IsEmpty());
  RecordedFacts untimed = small_facts();
  for (RecordedSplit& split : untimed.splits) {
    for (RecordedRun& run : split.runs) run.layers_ms_per_token.reset();
  }
  const RecordedAdvice advice = advise(untimed);
  EXPECT_FALSE(advice.fit);
  EXPECT_THAT(advice_of(advice), ElementsAre(HasSubstr("too few recorded runs")));
}

TEST(RecordedAdvice, WithoutAResidentShardNothingIsProposed) {
  RecordedFacts facts = small_facts();
  facts.shards.clear();
  EXPECT_THAT(advise(facts).proposals, IsEmpty());
}

TEST(RecordedAdvice, RunsOfAnotherContractAreNotCompared) {
  RecordedFacts facts = small_facts();
  RecordedSplit other = ran("4+4", {1, 1, 1}, 99);
  for (RecordedRun& run : other.runs) run.rope_dim = 128;
  facts.splits.push_back(other);
  const RecordedAdvice advice = advise(facts);
  EXPECT_EQ(advice.rope_dim, 96);
  EXPECT_EQ(advice.fit->line.points, 4);
  EXPECT_THAT(names_of(advice.ties), testing::Not(testing::Contains("4+4")));
}

TEST(RecordedAdvice, OneFastestSplitIsNoTie) {
  RecordedFacts facts = small_facts();
  facts.splits[1].runs[0].decode_tok_per_s = 11;
  const RecordedAdvice advice = advise(facts);
  EXPECT_THAT(names_of(advice.ties), ElementsAre("2+2+2+2"));
  EXPECT_THAT(notes_of(advice)[0], StartsWith("on record 2+2+2+2 is the fastest: no other"));
}

TEST(RecordedAdvice, OfNothingIsNothing) {
  const RecordedAdvice advice = advise(RecordedFacts{});
  EXPECT_EQ(advice.rope_dim, 0);
  EXPECT_THAT(advice.ties, IsEmpty());
  EXPECT_THAT(notes_of(advice), SizeIs(1));
  EXPECT_THAT(advice_of(advice), SizeIs(1));
}

}  // namespace
}  // namespace fusesweep
