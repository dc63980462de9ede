#include "reports/speculation_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/draw_plot.h"
#include "reports/speculation_rows.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

SpeculativeArm arm(int tokens, double factor, std::string outcome) {
  return {.tokens = tokens,
          .exactness = {.gate = "exactness", .outcome = GateOutcome::kPass, .reason = "equal"},
          .counts = {.passes = 40, .targets = 100, .proposed = 80, .accepted = 60},
          .simulated_passes = 25,
          .draft_rel = 0.001,
          .ms_per_token = 10,
          .speed_up = SpeedUp{factor, factor * 0.9, factor * 1.1, std::move(outcome)}};
}

SpeculationReport sample() {
  return {.split = "16+8+6+2",
          .workload = "tiled",
          .loading = "beside",
          .prompt_tokens = 32,
          .decode_tokens = 64,
          .blocks = 8,
          .greedy_ms_per_token = 20,
          .arms = {arm(2, 1.25, "faster"), arm(4, 1.5, "faster")}};
}

TEST(SpeculationPlot, SaysWhatTheBestVerifierGains) {
  const Plot plot = speculation_plot(sample());
  EXPECT_EQ(plot.title, "tiled prompt: T=4 is 1.50 times as fast as greedy decoding (faster)");
  EXPECT_THAT(plot.csv,
              HasSubstr("\n4,pass,,10,1.5,1.35,1.6500000000000001,faster,2.5,2.56,80,60,"));
  EXPECT_THAT(plot.script, HasSubstr("$speeds"));
  EXPECT_THAT(plot.about, HasSubstr(plot.title));
}

TEST(SpeculationPlot, TitleKeepsToWhatMayBeSaid) {
  SpeculationReport slower = sample();
  slower.arms = {arm(4, 0.8, "slower")};
  EXPECT_EQ(speculation_plot(slower).title,
            "tiled prompt: T=4 takes 1.25 times as long as greedy decoding (slower)");
  SpeculationReport dirty = sample();
  dirty.dirt = {"the twin differs"};
  EXPECT_EQ(speculation_plot(dirty).title, "The trial is dirty and ranks nothing");
  SpeculationReport none = sample();
  none.arms = {{.tokens = 4, .exactness = {.gate = "exactness", .outcome = GateOutcome::kFail}}};
  const Plot plot = speculation_plot(none);
  EXPECT_EQ(plot.title, "No verifier was exact and measured");
  EXPECT_THAT(plot.csv, HasSubstr("4,fail,,,"));
  EXPECT_THAT(plot.script, Not(HasSubstr("$speeds")));
}

TEST(SpeculationPlot, IsDrawn) {
  if (!can_draw()) GTEST_SKIP() << "no gnuplot";
  for (const PlotFormat format : {PlotFormat::kSvg, PlotFormat::kText}) {
    const Result<std::string> picture = draw(speculation_plot(sample()), format);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_GT(picture->size(), 100U);
  }
}

TEST(SpeculationRows, TheNewestThatHasEndedIsReadOrTheOneThatIsNamed) {
  const FakeClock clock;
  Store store = *Store::open(":memory:", Access::kWrite, clock);
  EXPECT_EQ(read_speculation(store).error().message,
            "found no speculate that has ended: fusesweep speculate makes one");
  const Uuid run = *store.begin_run({.command = "speculate"});
  SweepRow row{.spec_hash = std::string(32, '1'), .spec = {{"kind", "speculate"}}};
  const Uuid sweep = *store.begin_sweep(run, row);
  ASSERT_TRUE(store.end_sweep(sweep, "done", to_json(sample())));
  row.spec_hash = std::string(32, '2');
  const Uuid goes_on = *store.begin_sweep(run, row);
  row = {.spec_hash = std::string(32, '3'), .spec = Json::object()};
  const Uuid other = *store.begin_sweep(run, row);
  EXPECT_EQ(read_speculation(store)->report, sample());
  EXPECT_EQ((*find_speculation(store, to_text(sweep)))->report, sample());
  EXPECT_FALSE(find_speculation(store, to_text(other))->has_value());
  EXPECT_THAT(find_speculation(store, to_text(goes_on)).error().message,
              HasSubstr("found no answer, want one that has ended"));
  EXPECT_THAT(read_speculation(store, to_text(other)).error().message,
              HasSubstr("found one of kind 'sweep', want a speculate"));
}

}  // namespace
}  // namespace fusesweep
