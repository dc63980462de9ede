#include "harness/sweep/needed_shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/optimize.h"
#include "tests/support/fake_clock.h"
#include "tests/support/stored_sweeps.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class NeededShardsTest : public testing::Test {
 protected:
  using Needed = std::map<std::string, KeptFor>;

  Needed all_of(const std::vector<Candidate>& candidates, KeptFor why) const {
    Needed wanted;
    for (const Candidate& candidate : candidates) {
      for (const ShardIdentity& shard : sweeps_.shards(candidate))
        wanted.try_emplace(hash_of(shard), why);
    }
    return wanted;
  }

  NeededShards found(const std::vector<ListedBaseline>& baselines = {}) const {
    Result<NeededShards> needed = find_needed(store_, baselines);
    EXPECT_TRUE(needed) << needed.error().message;
    return needed ? *std::move(needed) : NeededShards{};
  }

  // The question of an ordinary sweep, with one member changed.
  Json spec_with(const std::string& member, Json value) const {
    Json spec = to_json(SweepSpec{.candidates = {three_}}, sweeps_.model, sample_conditions());
    spec[member] = std::move(value);
    return spec;
  }

  Json selfcheck_spec() const {
    return {{"kind", "selfcheck"},
            {"model_hash", sweeps_.model.hash},
            {"contract_hash", hash_of(sweeps_.model.contract)},
            {"split", "4+2+2"},
            {"tokens", 1},
            {"context", 16},
            {"encoding", "int8"},
            {"kv", "mask"},
            {"head_shards", 1}};
  }

  Json optimize_spec(int tokens = 1) const {
    Json spec = selfcheck_spec();
    spec["kind"] = "optimize";
    spec["tokens"] = tokens;
    spec.erase("split");
    return spec;
  }

  // A search that has ended with this choice, of `model` as small_contract() has it.
  void end_optimize(const Json& answer) {
    ASSERT_TRUE(store_.end_sweep(sweeps_.begin_asking(optimize_spec()), "done", answer));
  }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  StoredSweeps sweeps_{store_};
  const Candidate two_ = StoredSweeps::candidate("6+2");
  const Candidate three_ = StoredSweeps::candidate("4+2+2");
  const Candidate sliced_ = StoredSweeps::candidate("6+2", 1, 3);
};

TEST_F(NeededShardsTest, OfASweepThatGoesOnAllCandidatesAre) {
  sweeps_.begin({two_, three_, sliced_});
  const NeededShards needed = found();
  EXPECT_EQ(needed.shards, all_of({two_, three_, sliced_}, KeptFor::kUnfinishedSweep));
  EXPECT_EQ(needed.shards.size(), 2U + 3 - 1 + 1 + 3 + 1);  // [6,8) once; heads of 1 and 3; a table
  EXPECT_THAT(needed.models, IsEmpty());
}

TEST_F(NeededShardsTest, OfSeveralTokensACallThoseOfOneAreToo) {
  const Candidate verifier = StoredSweeps::candidate("6+2", 4);
  sweeps_.begin({verifier});
  EXPECT_EQ(found().shards, all_of({verifier, two_}, KeptFor::kUnfinishedSweep));
}

TEST_F(NeededShardsTest, OfOneThatHasEndedTheBestIs) {
  sweeps_.end({two_, three_}, {1});
  EXPECT_EQ(found().shards, all_of({three_}, KeptFor::kBestSplit));
}

TEST_F(NeededShardsTest, OfATieThePreferredOneIs) {
  sweeps_.end({two_, three_, sliced_}, {2, 0, 1});
  EXPECT_EQ(found().shards, all_of({sliced_}, KeptFor::kBestSplit));
}

TEST_F(NeededShardsTest, OfOneThatFoundNothingNothingIs) {
  sweeps_.end({two_, three_}, {});
  const Uuid nonsense = sweeps_.begin_asking(Json::object());
  ASSERT_TRUE(store_.end_sweep(nonsense, "done", Json::object()));
  const NeededShards needed = found();
  EXPECT_THAT(needed.shards, IsEmpty());
  EXPECT_THAT(needed.models, IsEmpty());
}

TEST_F(NeededShardsTest, EveryBuilderHasItsOwn) {
  sweeps_.begin_asking(spec_with("builder_version", 77));
  Needed wanted;
  for (ShardIdentity shard : sweeps_.shards(three_)) {
    shard.builder_version = 77;
    wanted[hash_of(shard)] = KeptFor::kUnfinishedSweep;
  }
  EXPECT_EQ(found().shards, wanted);
}

TEST_F(NeededShardsTest, ASelfcheckNeedsItsSplitUntilItHasEnded) {
  const Uuid id = sweeps_.begin_asking(selfcheck_spec());
  EXPECT_EQ(found().shards, all_of({three_}, KeptFor::kUnfinishedSweep));
  ASSERT_TRUE(store_.end_sweep(id, "done", Json::object()));
  EXPECT_THAT(found().shards, IsEmpty());
}

TEST_F(NeededShardsTest, ASpeculationNeedsItsVerifiersTooUntilItHasEnded) {
  Json spec = selfcheck_spec();
  spec["kind"] = "speculate";
  spec["verifier_tokens"] = Json::array({4});
  const Uuid id = sweeps_.begin_asking(spec);
  EXPECT_EQ(found().shards,
            all_of({three_, StoredSweeps::candidate("4+2+2", 4)}, KeptFor::kUnfinishedSweep));
  ASSERT_TRUE(store_.end_sweep(id, "done", Json::object()));
  EXPECT_THAT(found().shards, IsEmpty());
}

TEST_F(NeededShardsTest, ASearchThatGoesOnNeedsEverySegment) {
  sweeps_.begin_asking(optimize_spec());
  const NeededShards needed = found();
  EXPECT_THAT(needed.models, IsEmpty());
  EXPECT_EQ(needed.shards.size(), 8U * 9 / 2 + 2);  // of 8 layers; the head, the table
  for (const Candidate& split : {two_, three_, StoredSweeps::candidate("8")}) {
    for (const auto& [hash, why] : all_of({split}, KeptFor::kUnfinishedSweep))
      EXPECT_THAT(needed.shards, testing::Contains(Pair(hash, why)));
  }
}

TEST_F(NeededShardsTest, ASearchOfSeveralTokensNeedsThoseOfOneToo) {
  sweeps_.begin_asking(optimize_spec(4));
  EXPECT_EQ(found().shards.size(), 2U * (8 * 9 / 2 + 1) + 1);
}

TEST_F(NeededShardsTest, ASearchThatHasEndedNeedsTheSplitThatItChose) {
  end_optimize(to_json(OptimizeReport{
      .n_layers = 8, .best = {{.split = "8"}}, .chosen = "4+2+2", .ties = {"4+2+2", "6+2"}}));
  EXPECT_EQ(found().shards, all_of({three_}, KeptFor::kBestSplit));
}

TEST_F(NeededShardsTest, ASearchThatChoseNothingNeedsNothing) {
  end_optimize(to_json(OptimizeReport{.n_layers = 8, .best = {{.split = "8"}}}));
  const NeededShards needed = found();
  EXPECT_THAT(needed.shards, IsEmpty());
  EXPECT_THAT(needed.models, IsEmpty());
}

TEST_F(NeededShardsTest, ASearchWhoseAnswerIsNoneNeedsItsWholeModel) {
  for (const Json& answer : {Json::object(), to_json(OptimizeReport{.chosen = "x"}),
                             to_json(OptimizeReport{.chosen = "4+4+4"})}) {
    SCOPED_TRACE(to_text(answer));
    FakeClock clock;
    Store store = *Store::open(":memory:", Access::kWrite, clock);
    StoredSweeps sweeps(store);
    ASSERT_TRUE(store.end_sweep(sweeps.begin_asking(optimize_spec()), "done", answer));
    const NeededShards needed = *find_needed(store, {});
    EXPECT_THAT(needed.shards, IsEmpty());
    EXPECT_THAT(needed.models, ElementsAre(Pair(sweeps.model.hash, KeptFor::kUnreadableSweep)));
  }
}

TEST_F(NeededShardsTest, ARerunNeedsItsFolderUntilItHasEnded) {
  const Uuid goes_on = sweeps_.begin_asking({{"kind", "rerun"}});
  const Uuid ended = sweeps_.begin_asking({{"kind", "rerun"}});
  ASSERT_TRUE(store_.end_sweep(ended, "done", Json::object()));
  const NeededShards needed = found();
  EXPECT_THAT(needed.reruns, ElementsAre(goes_on));
  EXPECT_THAT(needed.shards, IsEmpty());
}

TEST_F(NeededShardsTest, WhatIsNotUnderstoodNeedsItsWholeModel) {
  const struct {
    const char* name;
    Json spec;
  } rows[] = {{"a kind from tomorrow", spec_with("kind", "of tomorrow")},
              {"a search that tells no shape", spec_with("kind", "optimize")},
              {"a split that is none", spec_with("candidates", {{{"split", "x"}}})},
              {"no candidates", spec_with("candidates", nullptr)},
              {"a split of another model", spec_with("contract_hash", std::string(32, 'c'))},
              {"a builder that is none", spec_with("builder_version", "new")}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    FakeClock clock;
    Store store = *Store::open(":memory:", Access::kWrite, clock);
    StoredSweeps sweeps(store);
    sweeps.begin_asking(row.spec);
    const NeededShards needed = *find_needed(store, {});
    EXPECT_THAT(needed.shards, IsEmpty());
    EXPECT_THAT(needed.models, ElementsAre(Pair(sweeps.model.hash, KeptFor::kUnreadableSweep)));
  }
}

TEST_F(NeededShardsTest, ManySlicesFromElsewhereAreNotListed) {
  Json many = spec_with("seed", 1);
  many["candidates"][0]["head_shards"] = 1'000'000'000;
  sweeps_.begin_asking(many);
  EXPECT_THAT(found().models, ElementsAre(Pair(sweeps_.model.hash, KeptFor::kUnreadableSweep)));
}

TEST_F(NeededShardsTest, AnAnswerThatNamesNoCandidateNeedsItsWholeModel) {
  const Uuid id = sweeps_.begin({two_});
  ASSERT_TRUE(store_.end_sweep(id, "done", {{"best", "x"}, {"candidates", Json::array()}}));
  EXPECT_THAT(found().models, ElementsAre(Pair(sweeps_.model.hash, KeptFor::kUnreadableSweep)));
}

TEST_F(NeededShardsTest, WhatTellsNotEvenItsModelIsAnError) {
  const Uuid id = sweeps_.begin_asking({{"model_hash", 7}});
  const Result<NeededShards> needed = find_needed(store_, {});
  ASSERT_FALSE(needed);
  EXPECT_EQ(needed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(needed.error().message, "sweep " + to_text(id) +
                                        ": nobody knows what it needs: spec.model_hash: found 7, "
                                        "want a string");
}

TEST_F(NeededShardsTest, ABaselineNeedsItsShardsAndTheTableBesideThem) {
  Baseline baseline;
  const std::vector<ShardIdentity> shards = sweeps_.shards(two_);
  baseline.shards.push_back({.identity = shards.front()});
  baseline.splits.push_back({.shards = {hash_of(shards[1])}});
  baseline.control = BaselineSplit{.shards = {hash_of(shards[2])}};
  EXPECT_EQ(found({{"good", baseline}}).shards, all_of({two_}, KeptFor::kBaseline));
}

TEST_F(NeededShardsTest, ABaselineThatCannotBeReadIsAnError) {
  const Result<NeededShards> needed =
      find_needed(store_, {{"good", Baseline{}}, {"ba\nd", invalid_input("no JSON")}});
  ASSERT_FALSE(needed);
  EXPECT_EQ(needed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(needed.error().message, "baseline 'ba\\nd': nobody knows what it needs: no JSON");
}

TEST_F(NeededShardsTest, TheStrongestReasonIsTold) {
  sweeps_.end({three_}, {0});
  sweeps_.begin({two_});
  Baseline baseline;
  baseline.shards.push_back({.identity = sweeps_.shards(two_).front()});
  Needed wanted = all_of({two_}, KeptFor::kUnfinishedSweep);
  wanted.merge(all_of({three_}, KeptFor::kBestSplit));
  wanted[hash_of(sweeps_.shards(two_).front())] = KeptFor::kBaseline;
  wanted[hash_of(sweeps_.shards(two_).back())] = KeptFor::kBaseline;  // the table
  EXPECT_EQ(found({{"good", baseline}}).shards, wanted);
}

}  // namespace
}  // namespace fusesweep
