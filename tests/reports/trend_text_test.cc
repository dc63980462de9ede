// Trends in words, byte for byte; and that hostile texts in them do no harm.
#include "reports/trend_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kDay = 86'400'000;

TrendRows two_series() {
  const TrendKey key{.source = "sweep",
                     .host = "box",
                     .runner = "cpu",
                     .model = "nano",
                     .workload = "T=1 int8",
                     .metric = "ms_per_token",
                     .split = "4+4+4+2"};
  TrendSeries changed{.key = key};
  changed.points = {{.unix_ms = 0,
                     .value = 20,
                     .interval = Interval{19, 21},
                     .control = 10,
                     .ratio = 2,
                     .ratio_interval = Interval{1.9, 2.1},
                     .control_split = "14",
                     .trial = "s t",
                     .run = "r1",
                     .toolchain = "cpu 1, a"},
                    {.unix_ms = kDay, .value = 25, .run = "r2", .toolchain = "cpu 1, b"},
                    {.value = 26, .about = "no day"}};
  changed.changes = {
      {.point = 1, .before = 20, .after = 25, .size_rel = 0.25, .owner = ChangeOwner::kMachine}};
  changed.events = {{1, "toolchain", "cpu 1, a", "cpu 1, b"}};
  TrendSeries steady{.key = key, .points = {{.unix_ms = 2 * kDay, .value = 9}}};
  steady.key.split = "14";
  return {.metric = "ms_per_token", .series = {changed, steady}};
}

TEST(TrendText, ATableForPeople) {
  EXPECT_EQ(
      trend_table(two_series()),
      "ms_per_token, lower is better\n"
      "\n"
      "measured, sweep; box; cpu; nano; T=1 int8\n"
      "  split  points  from        to           first  latest  last change        by  whose\n"
      "  3x4+2       3  1970-01-01  1970-01-02  20.000  25.000  1970-01-02   +25.00 %  the "
      "machine\n"
      "  14          1  1970-01-03  1970-01-03   9.000   9.000  -                   -  -\n"
      "    1970-01-02 toolchain: cpu 1, a -> cpu 1, b\n");
}

TEST(TrendText, CsvHasALineForEachPoint) {
  const std::string csv = trend_csv(two_series());
  EXPECT_THAT(csv, HasSubstr("measured,sweep,box,cpu,nano,,,T=1 int8,,ms_per_token,,4+4+4+2,0,20,"
                             "19,21,10,14,2,1.9,2.1,r1,s t,\"cpu 1, a\",,,,,,\n"));
  EXPECT_THAT(csv, HasSubstr("86400000,25,,,,,,,,r2,,\"cpu 1, b\",,,,0.25,0,the machine\n"));
  EXPECT_THAT(csv, HasSubstr("4+4+4+2,,26,"));
}

TEST(TrendText, JsonHasAllOfIt) {
  const Json json = trend_json(two_series());
  EXPECT_EQ(json.begin().key(), "schema_version");
  EXPECT_EQ(json["unit"], "ms");
  const Json& series = json["series"][0];
  EXPECT_EQ(series["of"], "split");
  EXPECT_EQ(series["points"][0]["ratio_interval"], Json({1.9, 2.1}));
  EXPECT_TRUE(series["points"][2]["unix_ms"].is_null());
  EXPECT_EQ(series["changes"][0]["owner"], "the machine");
  EXPECT_EQ(series["events"][0]["to"], "cpu 1, b");
  EXPECT_TRUE(series["model_hash"].is_null());
}

TEST(TrendText, WhatModelsAndStoresAreCalledDoesNoHarm) {
  const std::string evil = "=1+1\x1b[2J\n|<script>`$(x)`\xff";
  TrendRows rows = two_series();
  TrendSeries& series = rows.series[0];
  series.key.host = series.key.model = series.key.workload = series.key.split = evil;
  series.points[1].toolchain = series.events[0].to = series.points[2].about = evil;
  series.points[1].unix_ms = std::numeric_limits<std::int64_t>::max();
  for (const std::string& text : {trend_table(rows), trend_csv(rows), to_text(trend_json(rows))}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
    EXPECT_THAT(text, Not(HasSubstr(",=1")));
  }
  EXPECT_THAT(trend_table(rows), Not(HasSubstr("\n|<")));  // CSV keeps it, in quotes
  EXPECT_THAT(trend_table(rows), HasSubstr("9223372036854775807 ms"));
}

TEST(TrendText, ModelsOfOneNameAreToldApart) {
  TrendRows rows = two_series();
  EXPECT_THAT(trend_table(rows), Not(HasSubstr("model ")));
  rows.series[0].key.model_hash = "11111111222";
  rows.series[1].key.model_hash = "33333333444";
  EXPECT_THAT(trend_table(rows), HasSubstr("model 11111111 contract"));
}

TEST(ShortSplit, CountsEqualNeighboursFromThreeOn) {
  const struct {
    const char* split;
    const char* wanted;
  } rows[] = {{"16+8+6+2", "16+8+6+2"},
              {"12+12+6+2", "12+12+6+2"},
              {"8+8+8+6+2", "3x8+6+2"},
              {"6+6+6+6+6+2", "5x6+2"},
              {"32", "32"},
              {"best so far", "best so far"}};
  for (const auto& row : rows) EXPECT_EQ(short_split(row.split), row.wanted);
}

}  // namespace
}  // namespace fusesweep
