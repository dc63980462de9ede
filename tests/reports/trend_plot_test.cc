#include "reports/trend_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/draw_plot.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kDayMs = 86'400'000;

TrendRows twenty_days() {
  TrendSeries series{.key = {.host = "mac", .metric = "tok_per_s", .split = "16+8+6+2"}};
  for (int day = 0; day < 20; ++day) {
    const double value = (day < 12 ? 17.0 : 16.2) + 0.05 * (day % 3);
    series.points.push_back({.unix_ms = 1'750'000'000'000 + day * kDayMs,
                             .value = value,
                             .interval = Interval{value - 0.1, value + 0.1},
                             .toolchain = day < 12 ? "coreml 8" : "coreml 9"});
  }
  series.changes.push_back({.point = 12,
                            .before = 17.05,
                            .after = 16.25,
                            .size_rel = -0.047,
                            .owner = ChangeOwner::kMachine});
  series.events.push_back({.point = 12, .what = "toolchain", .from = "coreml 8", .to = "coreml 9"});
  return {.metric = "tok_per_s", .series = {series}};
}

TEST(TrendPlot, SaysTheLargestChangeAndWhoseItIs) {
  const Plot plot = trend_plot(twenty_days());
  EXPECT_EQ(plot.title, "1 change: the largest is -4.7 % of 16+8+6+2, that of the machine");
  EXPECT_THAT(plot.script, AllOf(HasSubstr("'toolchain: coreml 9'"), HasSubstr("'a change'"),
                                 HasSubstr("set object 1 rectangle"), HasSubstr("'tok/s'")));
  EXPECT_THAT(plot.csv, HasSubstr("coreml 9,,,,-0.047,0,the machine\n"));
  EXPECT_THAT(draw(plot, PlotFormat::kSvg).value_or(""), HasSubstr("id=\"trend_title\""));
  EXPECT_THAT(draw(plot, PlotFormat::kText).value_or(""), HasSubstr("16+8+6+2"));
}

TEST(TrendPlot, MarksWhatIsRecordedAndSteadyOnesHaveNoChange) {
  TrendRows rows = twenty_days();
  rows.series[0].key.evidence = TrendEvidence::kRecorded;
  rows.series[0].changes.clear();
  rows.series[0].events.clear();
  const Plot plot = trend_plot(rows);
  EXPECT_EQ(plot.title, "No change in 20 points of 1 series");
  EXPECT_THAT(plot.script, AllOf(HasSubstr("RECORDED"), HasSubstr("'16+8+6+2, recorded'"),
                                 Not(HasSubstr("'a change'"))));
}

TEST(TrendPlot, ARecordTellsItsStoryAndEachRunOnce) {
  const Result<RecordedFacts> facts = find_recorded("phi4-mini-m4max");
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  const Result<TrendRows> rows = recorded_trend(*facts, {});
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  const Plot plot = trend_plot(*rows);
  EXPECT_EQ(plot.title,
            "Recorded: from 8.1 to 17.2 tok/s, the best so far from 2026-04-27 to 2026-04-28");
  EXPECT_THAT(plot.script,
              AllOf(HasSubstr("RECORDED"), HasSubstr("'8.1 32x1'"), HasSubstr("'17.2 20+4+6+2'"),
                    HasSubstr("'the best so far, recorded'"),
                    HasSubstr("'a run of any split, recorded'"), Not(HasSubstr("$series1"))));
}

TEST(TrendPlot, PointsWithoutADateAreInTheDataAlone) {
  TrendRows rows{.metric = "tok_per_s", .series = {{.points = {{.value = 17}}}}};
  EXPECT_THAT(trend_plot(rows).csv, HasSubstr(",17,"));
  EXPECT_TRUE(draw(trend_plot(rows), PlotFormat::kSvg).has_value());
  EXPECT_EQ(trend_plot(TrendRows{}).title, "Nothing was measured yet");
}

TEST(TrendPlot, HostileNamesAreDrawnAsText) {
  TrendRows rows = twenty_days();
  for (std::string* text :
       {&rows.series[0].key.split, &rows.series[0].key.host, &rows.series[0].events[0].to})
    *text = "''; system('x')`x`<b>\n";
  EXPECT_THAT(draw(trend_plot(rows), PlotFormat::kSvg).value_or("<b>"), Not(HasSubstr("<b>")));
}

}  // namespace
}  // namespace fusesweep
