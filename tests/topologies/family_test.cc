#include "topologies/family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::ElementsAre;

// The members of a family as texts, by rank; or its error.
std::vector<std::string> members(std::string_view text, int n_layers) {
  const Result<Family> family = parse_family(text, n_layers);
  if (!family) return {"error: " + family.error().message};
  std::vector<std::string> texts;
  for (BigCount rank = 0; rank < count(*family); ++rank)
    texts.push_back(to_text(split_at(*family, rank)));
  return texts;
}

TEST(FrontFused, FrontIsAtLeastTheRestAndTheTailIsFixed) {
  EXPECT_THAT(members("front-fused:tail=6+2,front=12..24,step=4", 32),
              ElementsAre("12+12+6+2", "16+8+6+2", "20+4+6+2", "24+6+2"));
  EXPECT_THAT(members("front-fused:tail=6+2,front=8..13", 32),
              ElementsAre("12+12+6+2", "13+11+6+2"));
  EXPECT_THAT(members("front-fused:front=23..32", 32), ElementsAre("23+1+6+2", "24+6+2"));
  EXPECT_THAT(members("front-fused:front=16", 32), ElementsAre("16+8+6+2"));
  EXPECT_THAT(members("front-fused:tail=none,front=3..5", 6), ElementsAre("3+3", "4+2", "5+1"));
  EXPECT_THAT(members("front-fused:tail=2x2", 8), ElementsAre("2+2+2+2", "3+1+2+2", "4+2+2"));
}

TEST(FrontFused, NoMemberIsAnAnswer) {
  EXPECT_THAT(members("front-fused:front=25..32", 32), ElementsAre());
}

TEST(Uniform, ShardsAreEqualAndTheLastTakesTheRest) {
  EXPECT_THAT(members("uniform:length=2..8,step=2", 12),
              ElementsAre("2+2+2+2+2+2", "4+4+4", "6+6", "8+4"));
  EXPECT_THAT(members("uniform", 4), ElementsAre("1+1+1+1", "2+2", "3+1", "4"));
  EXPECT_THAT(members("uniform:length=5", 12), ElementsAre("5+5+2"));
}

TEST(List, KeepsItsOwnOrder) {
  EXPECT_THAT(members("list:4+4,2x4,8", 8), ElementsAre("4+4", "4+4", "8"));
}

TEST(All, IsInOrderAndObeysEveryLimit) {
  EXPECT_THAT(members("all", 3), ElementsAre("1+1+1", "1+2", "2+1", "3"));
  EXPECT_THAT(members("all:max-shard=4,max-shards=3,min-shard=2,min-shards=2,multiple=2", 6),
              ElementsAre("2+2+2", "2+4", "4+2"));
}

TEST(Family, RanksOfAllReachItsLastSplit) {
  const Family all = *parse_family("all", 126);
  EXPECT_EQ(to_text(split_at(all, count(all) - 1)), "126");
}

TEST(Family, SaysWhatItFoundAndWanted) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "found the family '', want front-fused, uniform, list or all"},
      {"frontfused", "found the family 'frontfused', want front-fused, uniform, list or all"},
      {"all:maxshard=4",
       "all: found the key 'maxshard', want one of min-shard, max-shard, min-shards, max-shards, "
       "multiple"},
      {"all:max-shard", "all: found 'max-shard', want KEY=VALUE"},
      {"all:max-shard=4,", "all: found '', want KEY=VALUE"},
      {"all:max-shard=4,max-shard=5", "all: found the key 'max-shard' twice, want it once"},
      {"all:max-shard=0", "all: max-shard: found '0', want an integer from 1 to 32"},
      {"all:max-shard=33", "all: max-shard: found '33', want an integer from 1 to 32"},
      {"all:max-shard=99999999999999999999",
       "all: max-shard: found '99999999999999999999', want an integer from 1 to 32"},
      {"all:min-shard=5,max-shard=4",
       "all: min-shard: found 5, want at most max-shard, which is 4"},
      {"all:min-shards=5,max-shards=4",
       "all: min-shards: found 5, want at most max-shards, which is 4"},
      {"uniform:length=8..2", "uniform: length: found '8..2', want LOW..HIGH"},
      {"uniform:length=..2", "uniform: length: found '', want an integer from 1 to 32"},
      {"uniform:step=0", "uniform: step: found '0', want an integer from 1 to 32"},
      {"front-fused:tail=6++2",
       "front-fused: tail: '6++2': character 3: found '+', want an integer from 1 to 512, or "
       "'none'"},
      {"front-fused:tail=32", "front-fused: tail: found 32 layers, want fewer than the model's 32"},
      {"list", "list: found an empty list, want splits separated by commas, such as 16+8+6+2,8x4"},
      {"list:16+16,16+8", "list: '16+8': found 24 layers in all, want 32"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_THAT(members(row.text, 32), ElementsAre(std::string("error: ") + row.message));
  }
}

}  // namespace
}  // namespace fusesweep
