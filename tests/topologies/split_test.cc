#include "topologies/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace fusesweep {
namespace {

using testing::ElementsAre;

TEST(Split, SegmentsCoverTheLayersInOrder) {
  const Split split({16, 8, 6, 2});
  EXPECT_EQ(split.n_layers(), 32);
  EXPECT_EQ(split.shards(), 4);
  EXPECT_THAT(split.segments(),
              ElementsAre(Segment{0, 16}, Segment{16, 24}, Segment{24, 30}, Segment{30, 32}));
}

TEST(Split, OrdersByTheFirstLengthThatDiffers) {
  EXPECT_LT(Split({12, 12, 6, 2}), Split({16, 8, 6, 2}));
  EXPECT_LT(Split({1, 1, 2}), Split({1, 2, 1}));
  EXPECT_LT(Split({20, 4, 6, 2}), Split({24, 6, 2}));
}

TEST(ParseSplit, ReadsBothNotations) {
  const struct {
    const char* text;
    const char* canonical;
  } rows[] = {
      {"16+8+6+2", "16+8+6+2"},
      {"32", "32"},
      {"8x4", "4+4+4+4+4+4+4+4"},
      {"5x6+2", "6+6+6+6+6+2"},
      {"2+3x10", "2+10+10+10"},
      {"1x32", "32"},
      {"2x3+1x4+2x1", "3+3+4+1+1"},
      {"012", "12"},
      {"512", "512"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Split> split = parse_split(row.text);
    ASSERT_TRUE(split) << split.error().message;
    EXPECT_EQ(to_text(*split), row.canonical);
  }
}

TEST(ParseSplit, ReadsItsOwnTextBack) {
  std::mt19937 random(20260428);
  for (int i = 0; i < 1000; ++i) {
    std::vector<int> lengths;
    for (int left = 126; left > 0; left -= lengths.back()) {
      lengths.push_back(std::uniform_int_distribution(1, left)(random));
    }
    const Split split(lengths);
    ASSERT_EQ(*parse_split(to_text(split), 126), split);
  }
}

TEST(ParseSplit, SaysWhatItFoundWantedAndWhere) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "'': character 1: found the end, want an integer from 1 to 512"},
      {"16++8", "'16++8': character 4: found '+', want an integer from 1 to 512"},
      {"16+8+", "'16+8+': character 6: found the end, want an integer from 1 to 512"},
      {"+16", "'+16': character 1: found '+', want an integer from 1 to 512"},
      {"0+32", "'0+32': character 1: found '0', want an integer from 1 to 512"},
      {"-4", "'-4': character 1: found '-', want an integer from 1 to 512"},
      {"4x", "'4x': character 3: found the end, want an integer from 1 to 512"},
      {"x4", "'x4': character 1: found 'x', want an integer from 1 to 512"},
      {"0x4", "'0x4': character 1: found '0', want an integer from 1 to 512"},
      {"4x0", "'4x0': character 3: found '0', want an integer from 1 to 512"},
      {"2x2x2", "'2x2x2': character 4: found 'x', want '+' or the end"},
      {"16 + 8", "'16 + 8': character 3: found ' ', want '+' or the end"},
      {"16-8", "'16-8': character 3: found '-', want '+' or the end"},
      {"16\xC3\x97"
       "8",
       "'16\xC3\x97"
       "8': character 3: found '\xC3\x97', want '+' or the end"},
      {"8X4", "'8X4': character 2: found 'X', want '+' or the end"},
      {"99999999999999",
       "'99999999999999': character 1: found '99999999999999', want an integer from 1 to 512"},
      {"513", "'513': character 1: found '513', want an integer from 1 to 512"},
      {"512x512", "'512x512': character 1: found 262144 layers so far, want at most 512"},
      {"500+13", "'500+13': character 5: found 513 layers so far, want at most 512"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Split> split = parse_split(row.text);
    ASSERT_FALSE(split);
    EXPECT_EQ(split.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(split.error().message, row.message);
  }
}

TEST(ParseSplit, MustAddUpToTheModel) {
  EXPECT_TRUE(parse_split("16+8+6+2", 32));
  EXPECT_EQ(parse_split("16+8+6", 32).error().message, "'16+8+6': found 30 layers in all, want 32");
  EXPECT_EQ(parse_split("8x4+1", 32).error().message, "'8x4+1': found 33 layers in all, want 32");
}

TEST(SplitDeathTest, InvariantsAreChecked) {
  EXPECT_DEATH(Split({}), "lengths_.empty");
  EXPECT_DEATH(Split({4, 0}), "length >= 1");
  EXPECT_DEATH(Split({512, 1}), "sum <= kMaxLayers");
}

TEST(Split, FewerAndThenSmallerShardsArePreferred) {
  const auto is = [](const char* a, const char* b) {
    return is_preferred(*parse_split(a), *parse_split(b));
  };
  EXPECT_TRUE(is("8+4", "4+4+4"));
  EXPECT_TRUE(is("6+6", "8+4"));
  EXPECT_TRUE(is("4+8", "8+4"));
  EXPECT_FALSE(is("6+6", "6+6"));
}

}  // namespace
}  // namespace fusesweep
