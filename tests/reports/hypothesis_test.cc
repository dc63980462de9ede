// Hypotheses are read as they are meant, and what is wrong with one is said at its character.
#include "reports/hypothesis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Hypothesis, OfEveryFormIsRead) {
  using enum SplitMetric;
  using enum Comparison;
  const struct {
    const char* text;
    Claim claim;
  } rows[] = {
      {"tok_s(20+4+6+2) > tok_s(16+8+6+2)",
       SplitsComparison{kTokPerS, "20+4+6+2", kAbove, "16+8+6+2"}},
      {"tok_per_s(8x4)>=tok_s( 16x2 )",
       SplitsComparison{kTokPerS, "4+4+4+4+4+4+4+4", kAtLeast, "2+2+2+2+2+2+2+2+2+2+2+2+2+2+2+2"}},
      {"  ms_per_token(32)<ms_per_token(16+16)  ",
       SplitsComparison{kMsPerToken, "32", kBelow, "16+16"}},
      {"load_ms(32 fp16) <= load_ms(32 int8  kv=mask)",
       SplitsComparison{kLoadMs, "32 fp16", kAtMost, "32 int8  kv=mask"}},
      {"tok_s(16+16) > 15.5 tok/s", SplitBound{kTokPerS, "16+16", kAbove, 15.5}},
      {"tok_s(16+16) > 15.5", SplitBound{kTokPerS, "16+16", kAbove, 15.5}},
      {"ttft_ms(16+16) <= 0.25s", SplitBound{kTtftMs, "16+16", kAtMost, 250}},
      {"activation_ms(16+16) < 1e3 ms", SplitBound{kActivationMs, "16+16", kBelow, 1000}},
      {"cliff in [20,24]", CliffWithin{20, 24}},
      {"cliff in [ 0 , 513 ]", CliffWithin{0, 513}},
      {"cliff confirmed", CliffIsConfirmed{}},
      {"qualified(16+16)", SplitQualifies{"16+16", true}},
      {"disqualified(24+6+2)", SplitQualifies{"24+6+2", false}},
      {"best = 5x6+2", SplitIsBest{"6+6+6+6+6+2"}},
      {"best=16+16 head=4", SplitIsBest{"16+16 head=4"}},
      {"tie(16+16, 32)", SplitsTie{"16+16", "32"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Hypothesis> hypothesis = parse_hypothesis(row.text);
    ASSERT_TRUE(hypothesis) << hypothesis.error().message;
    EXPECT_EQ(hypothesis->claim, row.claim);
    EXPECT_EQ(hypothesis->text, row.text);
  }
}

TEST(Hypothesis, ThatIsNoneIsToldWhereAndWhatIsWanted) {
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {"", "at character 1: found the end, want METRIC(SPLIT) > METRIC(SPLIT)"},
      {"speed(16+16) > 1", "at character 1: found 'speed(16+16) > 1', want METRIC"},
      {"tok_s 16+16", "at character 7: found '16+16', want '('"},
      {"tok_s(16+)", "at character 7: "},
      {"tok_s()", "at character 7: found ')', want a split"},
      {"tok_s(16+16 > 1", "at character 13: found '> 1', want ')'"},
      {"tok_s(16+16) = 1", "at character 14: found '= 1', want >, <, >= or <="},
      {"tok_s(16+16) > -1", "at character 16: found '-1', want tok_s(SPLIT) or a number"},
      {"tok_s(16+16) > 0", "at character 16: found '0', want a number above 0"},
      {"tok_s(16+16) > 1e999", "want a number above 0"},
      {"tok_s(16+16) > nan", "want tok_s(SPLIT) or a number"},
      {"tok_s(16+16) > ms_per_token(32)", "at character 16: found 'ms_per_token(32)', want tok_s("},
      {"tok_s(16+16) > 15 ms", "at character 19: found 'ms', want tok/s or no unit"},
      {"ttft_ms(16+16) > 15 tok/s", "at character 21: found 'tok/s', want ms, s or no unit"},
      {"cliff at 20", "at character 7: found 'at 20', want in [A,B] or confirmed"},
      {"cliff in [24,20]", "at character 14: found '20]', want a longer shard"},
      {"cliff in [20,20]", "want a longer shard"},
      {"cliff in [20,999]", "at character 14: found '999]', want a number of layers"},
      {"cliff in [-1,20]", "at character 11: found '-1,20]', want a number of layers"},
      {"best 16+16", "at character 6: found '16+16', want '='"},
      {"tie(16+16)", "at character 10: found ')', want ','"},
      {"qualified(16+16) and more", "at character 18: found 'and more', want nothing more"},
      {"best = 16+16; DROP TABLE runs", "want nothing more"},
      {"qualified(16+16\n)", "want ')'"},
      {std::string("cliff confirmed\0", 16), "want nothing more"},
      {std::string(401, 'a'), "found 401 characters, want at most 400"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Hypothesis> hypothesis = parse_hypothesis(row.text);
    ASSERT_FALSE(hypothesis);
    EXPECT_THAT(hypothesis.error().message, HasSubstr(row.message));
    EXPECT_THAT(hypothesis.error().message, Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace fusesweep
