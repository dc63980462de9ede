#include "harness/core/decode_sum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DecodeSum read(const Json& json, std::string& error) {
  JsonReader reader(json, "sum");
  DecodeSum sum = read_decode_sum(reader.root());
  error = reader.error() ? reader.error()->message : "";
  return sum;
}

TEST(DecodeSum, ComesBackAsItWasWritten) {
  std::string error;
  for (const DecodeSum& sum :
       {DecodeSum{.tokens = 3, .ns = 7}, DecodeSum{.tokens = 63,
                                         .ns = 4'850'000'000,
                                         .forward_calls = 95,
                                         .forward_ns = 0,
                                         .group_calls = 95,
                                         .groups = {{"layers", 1}, {"head", 0}}}}) {
    EXPECT_EQ(read(to_json(sum), error), sum);
    EXPECT_EQ(error, "");
  }
}

TEST(DecodeSum, WhatCannotBeDividedIsRefused) {
  std::string error;
  read({{"tokens", 0}, {"ns", 1}}, error);
  EXPECT_THAT(error, HasSubstr("tokens"));
  read({{"tokens", 1}, {"ns", 0}}, error);
  EXPECT_THAT(error, HasSubstr("ns"));
  read({{"tokens", 1}, {"ns", 1}, {"groups", {{{"group", "head"}, {"ns", 1}}}}}, error);
  EXPECT_THAT(error, HasSubstr("want group_calls beside them"));
}

TEST(DecodeSum, CountsAsOneTimeAndTimesOfStepsAsThemselves) {
  const DecodeSum sum{.tokens = 4, .ns = 42, .group_calls = 10, .groups = {{"head", 25}}};
  EXPECT_THAT(times_of_steps({}, sum), ElementsAre(11));
  EXPECT_THAT(times_of_steps({5, 6}, std::nullopt), ElementsAre(5, 6));
  EXPECT_THAT(times_of_steps({}, std::nullopt), IsEmpty());
  EXPECT_THAT(mean_of_call(sum), ElementsAre(GroupSum{"head", 3}));
  EXPECT_THAT(mean_of_call({.tokens = 1, .ns = 1}), IsEmpty());
}

}  // namespace
}  // namespace fusesweep
