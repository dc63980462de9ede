#include "harness/plan/cliff_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "harness/core/shard_weight.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = CliffSurprise::Kind;
using Quantity = CliffExplanation::Quantity;

// What a device says of a shard, as a table or rule that a test writes.
struct Said {
  bool is_resident = false;
  ProbeFailure failure = ProbeFailure::kPlan;
  bool is_recorded = true;
};
using Device = std::function<Said(const CliffProbe& probe)>;

struct Searched {
  CliffResult result;
  std::set<int> fronts;        // distinct front shards until the edge stood
  std::set<Segment> segments;  // all of them
  int confirming = 0;          // builds after the edge stood
};

Searched search(const CliffQuestion& question, const Device& device) {
  CliffSearch search(question);
  Searched searched;
  bool is_found = false;
  while (const auto probe = search.next()) {
    is_found = is_found || probe->attempt == 2;
    if (!is_found) searched.fronts.insert(probe->segment.end);
    searched.confirming += is_found ? 1 : 0;
    searched.segments.insert(probe->segment);
    const Said said = device(*probe);
    const auto layers = static_cast<std::uint64_t>(probe->segment.layers());
    ProbeAnswer answer{.probe = *probe,
                       .is_recorded = said.is_recorded,
                       .is_resident = said.is_resident,
                       .weight_bytes = 100 * layers,
                       .operations = 70 * layers + 7};
    if (!said.is_resident) answer.failure = said.failure;
    search.observe(answer);
    EXPECT_LT(searched.segments.size(), 4U * 512);  // it ends
  }
  searched.result = search.result();
  return searched;
}

Device up_to(int longest) {
  return [longest](const CliffProbe& probe) { return Said{probe.segment.layers() <= longest}; };
}

TEST(CliffSearch, AGoodGuessFindsTheEdgeWithItsNeighbourAndConfirmsIt) {
  const Searched searched = search({.n_layers = 32, .first_guess = 21}, up_to(21));
  EXPECT_EQ(searched.result.edge, (CliffEdge{21, 22}));
  EXPECT_TRUE(searched.result.is_confirmed);
  EXPECT_THAT(searched.fronts, ElementsAre(21, 22));
  EXPECT_LE(searched.confirming, 8);
  EXPECT_EQ(searched.result.first_failure, ProbeFailure::kPlan);
  EXPECT_THAT(searched.result.surprises, IsEmpty());
  EXPECT_THAT(searched.result.explanations,
              ElementsAre(CliffExplanation{Quantity::kWeightBytes, 2100, 2200},
                          CliffExplanation{Quantity::kOperations, 70 * 21 + 7, 70 * 22 + 7},
                          CliffExplanation{Quantity::kLength, 21, 22}));
}

TEST(CliffSearch, FirstEdgeIsExactForAnyMonotoneRuleWithinFewShards) {
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    const int n = 1 + static_cast<int>(random() % 512);
    const int cliff = static_cast<int>(random() % static_cast<unsigned>(n + 1));
    const int guess = 1 + static_cast<int>(random() % static_cast<unsigned>(n));
    const Searched searched = search({.n_layers = n, .first_guess = guess}, up_to(cliff));
    ASSERT_EQ(searched.result.edge, (CliffEdge{cliff, cliff + 1})) << n << ' ' << guess;
    ASSERT_LE(static_cast<double>(searched.fronts.size()), std::log2(n) + 4) << n << ' ' << cliff;
    ASSERT_LE(searched.confirming, 8) << n << ' ' << cliff;
    ASSERT_TRUE(searched.result.is_confirmed);
  }
}

TEST(CliffSearch, WhatStandsInNoRecordIsNamedAndTheMiddleOfItIsNext) {
  const Searched searched =
      search({.n_layers = 32, .first_guess = 21}, [](const CliffProbe& probe) {
        static const std::set<int> kResident = {1, 8, 12, 16, 20};
        const int length = probe.segment.end;
        const bool is_known =
            probe.segment.begin == 0 && (kResident.contains(length) || length == 24);
        return Said{.is_resident = length < 24, .is_recorded = is_known};
      });
  EXPECT_EQ(searched.result.edge, (CliffEdge{20, 24}));
  EXPECT_THAT(searched.result.not_recorded, ElementsAre(21, 22, 23));
  EXPECT_EQ(searched.result.next, (Segment{0, 22}));
  EXPECT_FALSE(searched.result.is_confirmed);
  EXPECT_THAT(searched.result.explanations,
              Contains(CliffExplanation{Quantity::kWeightBytes, 2000, 2400}));
}

TEST(CliffSearch, ARecordOfNothingHasNoEdge) {
  const Searched searched = search({.n_layers = 6, .first_guess = 3},
                                   [](const CliffProbe&) { return Said{.is_recorded = false}; });
  EXPECT_EQ(searched.result.edge, std::nullopt);
  EXPECT_FALSE(searched.result.is_confirmed);
}

TEST(CliffSearch, ALongerShardThatIsResidentAgainIsNamed) {
  const Device device = [](const CliffProbe& probe) {
    const int length = probe.segment.layers();
    return Said{length < 24 || length == 25};
  };
  const Searched searched =
      search({.n_layers = 32, .first_guess = 21, .is_exhaustive = true}, device);
  EXPECT_EQ(searched.result.edge, (CliffEdge{23, 24}));
  EXPECT_THAT(searched.result.surprises,
              ElementsAre(CliffSurprise{Kind::kNotMonotone, {0, 25}, {0, 24}}));
  EXPECT_FALSE(searched.result.is_confirmed);
  EXPECT_THAT(searched.result.explanations, IsEmpty());
  EXPECT_EQ(searched.result.answers.size(), 32U + 2 + 4 + 1);
}

TEST(CliffSearch, AnAnswerThatChangesIsFlaky) {
  const Searched searched =
      search({.n_layers = 32, .first_guess = 10}, [](const CliffProbe& probe) {
        return Said{probe.segment.layers() <= 10 && probe.attempt == 1};
      });
  EXPECT_THAT(searched.result.surprises, Contains(CliffSurprise{Kind::kFlaky, {0, 10}, {0, 10}}));
  EXPECT_FALSE(searched.result.is_confirmed);
}

TEST(CliffSearch, OtherLayersWithAnotherAnswerAreValueDependent) {
  const Searched searched =
      search({.n_layers = 32, .first_guess = 10}, [](const CliffProbe& probe) {
        return Said{probe.segment.layers() <= 10 && probe.segment.end != 32};
      });
  EXPECT_EQ(searched.result.edge, (CliffEdge{10, 11}));
  EXPECT_THAT(searched.result.surprises,
              ElementsAre(CliffSurprise{Kind::kValueDependent, {0, 10}, {22, 32}},
                          CliffSurprise{Kind::kValueDependent, {11, 21}, {22, 32}}));
}

TEST(CliffSearch, ShardsThatAreTooShortHaveAnEdgeOfTheirOwn) {
  const Searched searched =
      search({.n_layers = 32, .first_guess = 20}, [](const CliffProbe& probe) {
        return Said{probe.segment.layers() > 2 && probe.segment.layers() <= 20};
      });
  EXPECT_EQ(searched.result.edge, (CliffEdge{20, 21}));
  EXPECT_EQ(searched.result.lower_edge, (CliffEdge{3, 2}));
  EXPECT_EQ(searched.result.explanations.size(), 3U);  // of the upper edge
}

TEST(CliffSearch, SaysWhatFailedFirst) {
  for (const ProbeFailure failure :
       {ProbeFailure::kBuild, ProbeFailure::kCrash, ProbeFailure::kTimeOut, ProbeFailure::kRun}) {
    const Searched searched =
        search({.n_layers = 32, .first_guess = 4}, [&](const CliffProbe& probe) {
          const int length = probe.segment.layers();
          return Said{length < 18, length < 20 ? failure : ProbeFailure::kPlan};
        });
    EXPECT_EQ(searched.result.edge, (CliffEdge{17, 18}));
    EXPECT_EQ(searched.result.first_failure, failure);
  }
}

TEST(CliffSearch, AsksForWhatIsLeftAfterTheFrontBeyondTheEdge) {
  const Searched searched = search({.n_layers = 32, .first_guess = 24}, up_to(23));
  EXPECT_THAT(searched.segments, Contains(Segment{24, 32}));
}

TEST(TellingShard, HasTheBytesOfALongShardInAShortOne) {
  const Contract nano = *known_model("nano");
  CliffSearch cliff({.n_layers = 32, .first_guess = 21});
  while (const auto probe = cliff.next()) {
    const auto layers = static_cast<std::uint64_t>(probe->segment.layers());
    const std::uint64_t bytes = shard_weight_bytes(nano, probe->segment, Encoding::kInt8);
    cliff.observe({.probe = *probe,
                   .is_resident = layers <= 21,
                   .failure = std::nullopt,
                   .weight_bytes = bytes,
                   .operations = 100 * layers,
                   .reason = {},
                   .wrong = std::nullopt});
  }
  CliffResult result = cliff.result();
  const auto telling = find_telling_shard(result, nano, Encoding::kInt8);
  ASSERT_TRUE(telling);
  EXPECT_EQ(telling->segment, (Segment{0, 11}));
  EXPECT_EQ(telling->encoding, Encoding::kFp16);
  EXPECT_EQ(telling->weight_bytes, shard_weight_bytes(nano, Segment{0, 22}, Encoding::kInt8));
  // With one explanation left there is nothing to tell apart.
  result.explanations.resize(1);
  EXPECT_FALSE(find_telling_shard(result, nano, Encoding::kInt8));
}

TEST(BeyondCliff, IsInferredOnlyWhereNothingSpeaksAgainstIt) {
  const auto answer = [](Segment segment, bool is_resident) {
    return ProbeAnswer{.probe = {segment, 1},
                       .is_resident = is_resident,
                       .failure = std::nullopt,
                       .operations = std::nullopt,
                       .reason = {},
                       .wrong = std::nullopt};
  };
  using Answers = std::vector<ProbeAnswer>;
  const struct {
    const char* name;
    Answers answers;
    Segment shard;
    std::optional<Segment> because;
  } kRows[] = {
      {"longer than one that is not resident",
       {answer({0, 21}, true), answer({0, 22}, false)},
       {0, 24},
       Segment{0, 22}},
      {"the one itself must be tried",
       {answer({0, 21}, true), answer({0, 22}, false)},
       {0, 22},
       {}},
      {"another start", {answer({0, 21}, true), answer({0, 22}, false)}, {4, 30}, {}},
      {"a longer one was resident",
       {answer({0, 21}, true), answer({0, 22}, false), answer({0, 25}, true)},
       {0, 24},
       {}},
      {"a flaky one says nothing",
       {answer({0, 21}, true), answer({0, 22}, false), answer({0, 22}, true)},
       {0, 24},
       {}},
      {"only short ones were refused", {answer({0, 1}, false)}, {0, 24}, {}},
      {"nothing is known", {}, {0, 24}, {}},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(beyond_cliff(row.answers, row.shard), row.because);
  }
}

}  // namespace
}  // namespace fusesweep
