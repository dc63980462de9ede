// Whose change it was, from points that are there; and how a store's trials become points.
#include "reports/trend_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "results/recorded_rows.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kPoints = 40;
constexpr std::size_t kAt = 22;

// Small differences that repeat nowhere near, the same every time.
double wobble(std::size_t i) { return 1 + 0.002 * std::sin(static_cast<double>(i * i) * 1.7); }

// A series whose split gets slower by one factor, and whose machine by another, from kAt on.
TrendSeries moved(double split, double machine, double control_alone = 1) {
  TrendSeries series{.key = {.split = "16+16"}};
  for (std::size_t i = 0; i < kPoints; ++i) {
    const bool is_after = i >= kAt;
    TrendPoint point{.unix_ms = static_cast<std::int64_t>(i) * 86'400'000,
                     .control_split = "32",
                     .trial = "trial " + std::to_string(i)};
    point.control = 20 * wobble(i + 3) * (is_after ? machine * control_alone : 1);
    point.value = 18 * wobble(i) * (is_after ? machine * split : 1);
    point.ratio = point.value / *point.control;
    series.points.push_back(point);
  }
  return series;
}

TEST(JudgeTrend, TellsTheSplitFromTheMachineByTheControl) {
  const struct {
    const char* name;
    TrendSeries series;
    ChangeOwner owner;
    double size_rel;
  } rows[] = {{"the split alone", moved(1.1, 1), ChangeOwner::kSplit, 0.1},
              {"the machine alone", moved(1, 0.9), ChangeOwner::kMachine, -0.1},
              {"both", moved(1.1, 1.1), ChangeOwner::kSplit, 0.21}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    TrendRows rows_of{.metric = "ms_per_token", .series = {row.series}};
    judge_trend(rows_of);
    const std::vector<TrendChange>& changes = rows_of.series[0].changes;
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].point, kAt);
    EXPECT_EQ(changes[0].owner, row.owner);
    EXPECT_NEAR(changes[0].size_rel, row.size_rel, 0.004);
    EXPECT_FALSE(changes[0].in_ratio);
  }
}

TEST(JudgeTrend, WithoutAControlItIsNotTold) {
  TrendSeries series = moved(1.1, 1);
  for (TrendPoint& point : series.points) point.ratio = point.control = std::nullopt;
  TrendRows rows{.metric = "ms_per_token", .series = {series}};
  judge_trend(rows);
  ASSERT_THAT(rows.series[0].changes, SizeIs(1));
  EXPECT_EQ(rows.series[0].changes[0].owner, ChangeOwner::kUnknown);
}

TEST(JudgeTrend, AControlIsToldByThoseItWasTheControlOf) {
  const struct {
    const char* name;
    TrendSeries other;
    ChangeOwner of_control;
    ChangeOwner of_other;
  } rows[] = {
      {"the machine", moved(1, 1.1), ChangeOwner::kMachine, ChangeOwner::kMachine},
      {"the control's split", moved(1, 1, 1.1), ChangeOwner::kSplit, ChangeOwner::kControl}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    TrendSeries control{.key = {.split = "32"}};
    for (const TrendPoint& point : row.other.points) {
      control.points.push_back(
          {.unix_ms = point.unix_ms, .value = *point.control, .trial = point.trial});
    }
    TrendRows all{.metric = "ms_per_token", .series = {row.other, control}};
    judge_trend(all);
    ASSERT_THAT(all.series[0].changes, SizeIs(1));
    ASSERT_THAT(all.series[1].changes, SizeIs(1));
    EXPECT_EQ(all.series[0].changes[0].owner, row.of_other);
    EXPECT_EQ(all.series[1].changes[0].owner, row.of_control);
  }
}

TEST(JudgeTrend, AChangeThatTheMachinesNoiseHidesIsFoundInTheRatio) {
  TrendSeries series = moved(1.02, 1);
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double afternoon = i % 2 == 0 ? 1.3 : 0.8;
    series.points[i].value *= afternoon;
    *series.points[i].control *= afternoon;
  }
  TrendRows rows{.metric = "ms_per_token", .series = {series}};
  judge_trend(rows);
  ASSERT_THAT(rows.series[0].changes, SizeIs(1));
  EXPECT_TRUE(rows.series[0].changes[0].in_ratio);
  EXPECT_EQ(rows.series[0].changes[0].owner, ChangeOwner::kSplit);
  EXPECT_NEAR(rows.series[0].changes[0].size_rel, 0.02, 0.004);
}

TEST(JudgeTrend, AnotherControlIsAnEventAndNotAChange) {
  TrendSeries series = moved(1, 1);
  for (std::size_t i = kAt; i < kPoints; ++i) {
    series.points[i].control_split = "8+8+8+8";
    *series.points[i].control *= 2;
    *series.points[i].ratio /= 2;
  }
  TrendRows rows{.metric = "ms_per_token", .series = {series}};
  judge_trend(rows);
  EXPECT_THAT(rows.series[0].changes, IsEmpty());
  ASSERT_THAT(rows.series[0].events, SizeIs(1));
  EXPECT_EQ(rows.series[0].events[0].what, "control");
  EXPECT_EQ(rows.series[0].events[0].point, kAt);
}

TEST(JudgeTrend, OtherToolchainsSystemsAndProgramsAreEvents) {
  TrendRows rows{.metric = "ms_per_token",
                 .series = {{.points = {{.unix_ms = 2, .value = 1, .toolchain = "b", .os = "o"},
                                        {.unix_ms = 1, .value = 1, .toolchain = "a"},
                                        {.value = 1, .toolchain = "b", .program = "2"}}}}};
  judge_trend(rows);
  const TrendSeries& series = rows.series[0];
  EXPECT_EQ(series.points[0].unix_ms, 1);
  EXPECT_FALSE(series.points[2].unix_ms);
  ASSERT_THAT(series.events, SizeIs(1));
  EXPECT_EQ(series.events[0].point, 1U);
  EXPECT_EQ(series.events[0].from + series.events[0].to, "ab");
}

TEST(RecordedTrend, TheRecordGrowsFrom8To17TokensASecond) {
  const RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  const TrendRows rows = *recorded_trend(facts, {});
  std::vector<double> best;
  std::size_t runs = 0;
  std::size_t of_splits = 0;
  for (const TrendSeries& series : rows.series) {
    EXPECT_EQ(series.key.evidence, TrendEvidence::kRecorded);
    EXPECT_EQ(series.key.host, "Apple M4 Max");
    if (series.key.of == TrendOf::kAllSplits) runs = series.points.size();
    if (series.key.of == TrendOf::kSplit) of_splits += series.points.size();
    if (series.key.of != TrendOf::kBestSoFar) continue;
    for (const TrendPoint& point : series.points) best.push_back(point.value);
    EXPECT_THAT(series.points.front().about, HasSubstr("(old contract), 63 tokens"));
    EXPECT_THAT(series.points.back().about, HasSubstr("20+4+6+2"));
  }
  EXPECT_THAT(best, ElementsAre(8.14, 14.332, 14.358, 15.364, 15.661, 16.103, 16.622, 16.653,
                                17.159, 17.174, 17.203));
  EXPECT_EQ(runs, 22U);
  EXPECT_EQ(of_splits, runs);
}

TEST(RecordedTrend, AsksForNothingThatWasNotRecorded) {
  const RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  EXPECT_THAT(recorded_trend(facts, {.metric = "ttft_ms"})->series, IsEmpty());
  const TrendRows groups = *recorded_trend(facts, {.metric = "group_ms"});
  ASSERT_THAT(groups.series, SizeIs(2));
  EXPECT_EQ(groups.series[0].key.group, "[20,25)");
  EXPECT_EQ(groups.series[0].points.at(0).value, 9.23);
  EXPECT_THAT(recorded_trend(facts, {.metric = "cosine"}).error().message,
              HasSubstr("found 'cosine', want one of tok_per_s"));
  EXPECT_THAT(recorded_trend(facts, {.split = "20+4+6+2"})->series, SizeIs(2));
  EXPECT_THAT(recorded_trend(facts, {.since_unix_ms = unix_ms_of_date("2026-04-30")})->series,
              SizeIs(2));  // 20+4+6+2 and all splits; it set no record
}

class TrendOfStore : public testing::Test {
 protected:
  TrendOfStore() {
    clock_.set_wall(std::chrono::system_clock::time_point(std::chrono::milliseconds(1000)));
    EXPECT_TRUE(store_.put_runner(sample_runner()));
    EXPECT_TRUE(store_.put_model(sample_model()));
  }

  static CellRow cell(const std::string& arm, const std::string& split_key, int position,
                      std::int64_t ms) {
    return {.arm = arm,
            .split_key = split_key,
            .position = position,
            .prefill_ns = 3 * ms * 1'000'000,
            .groups = {"[0,16)", "head"},
            .token_ns = {ms * 1'000'000, ms * 1'000'000, 1'000 * ms * 1'000'000},
            .group_ns = {{ms * 750'000, ms * 250'000},
                         {ms * 750'000, ms * 250'000},
                         {ms * 750'000, ms * 250'000}}};
  }

  // Steps of 16+16 take `ms`, of the control 32 twice as long.
  void sweep(std::int64_t began_unix_ms, std::int64_t ms, const std::string& toolchain = "a") {
    RunnerRow runner = sample_runner();
    runner.toolchain = toolchain;
    ASSERT_TRUE(store_.put_runner(runner));
    const ModelRow model = sample_model();
    Json candidate = {{"split", "16+16"},   {"tokens", 1},  {"context", 512},
                      {"encoding", "int8"}, {"kv", "mask"}, {"head_shards", 1},
                      {"threads", 0}};
    Json control = candidate;
    control["split"] = "32";
    const SweepRow spec{.spec_hash = std::to_string(began_unix_ms),
                        .spec = {{"model_hash", model.hash},
                                 {"contract_hash", hash_of(model.contract)},
                                 {"runner", fingerprint_of(runner)},
                                 {"options_hash", "o"},
                                 {"candidates", {candidate, control}},
                                 {"prompt_tokens", 16},
                                 {"decode_tokens", 3}}};
    const Uuid run = *store_.begin_run(sample_run());
    const Uuid id = *store_.begin_sweep(run, spec);
    for (int block = 0; block < 3; ++block) {
      const std::int64_t more = block % 2;
      ASSERT_TRUE(store_.put_block(
          run, id,
          {.block = block,
           .trial = "t",
           .began_unix_ms = began_unix_ms + block,
           .cells = {cell("16+16", "x", 0, ms + more), cell("32", "y", 1, 2 * (ms + more)),
                     cell("twin", "y", 2, 2 * (ms + more))}}));
    }
  }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
};

TEST_F(TrendOfStore, ATrialIsAPointOfEachArmButTheTwin) {
  sweep(5000, 20);
  const TrendRows rows = *read_trend(store_, {.metric = "ms_per_token"});
  ASSERT_THAT(rows.series, SizeIs(2));
  const TrendSeries& fast = rows.series[0];
  EXPECT_EQ(fast.key.split, "16+16");
  EXPECT_EQ(fast.key.source, "sweep");
  EXPECT_EQ(fast.key.host, "box");
  EXPECT_EQ(fast.key.model, "nano");
  EXPECT_EQ(fast.key.runner, "cpu");
  EXPECT_EQ(fast.key.workload, "T=1 S=512 int8 kv=mask head=1 threads=all prompt=16 decode=3");
  ASSERT_THAT(fast.points, SizeIs(1));
  EXPECT_EQ(fast.points[0].unix_ms, 5000);
  EXPECT_NEAR(fast.points[0].value, std::cbrt(20. * 21 * 20), 1e-9);  // no token of 20 s in it
  ASSERT_TRUE(fast.points[0].interval);
  EXPECT_TRUE(contains(*fast.points[0].interval, fast.points[0].value));
  EXPECT_NEAR(fast.points[0].ratio.value(), 0.5, 1e-12);
  EXPECT_EQ(fast.points[0].control_split, "32");
  EXPECT_EQ(rows.series[1].key.split, "32");
  EXPECT_FALSE(rows.series[1].points[0].control);
}

TEST_F(TrendOfStore, SelfchecksAndRerunsAreNoPoints) {
  for (const char* kind : {"selfcheck", "rerun", "optimize"}) {
    const Uuid run = *store_.begin_run(sample_run());
    const Uuid id = *store_.begin_sweep(run, {.spec_hash = kind, .spec = {{"kind", kind}}});
    ASSERT_TRUE(store_.put_block(run, id,
                                 {.trial = "16+16",
                                  .began_unix_ms = 5000,
                                  .cells = {cell("baseline", "x", 0, 20), cell("twin", "x", 1, 20),
                                            cell("new", "y", 2, 21)}}));
  }
  for (const char* metric : {"ms_per_token", "group_ms"})
    EXPECT_THAT(read_trend(store_, {.metric = metric})->series, IsEmpty());
  sweep(5000, 20);
  EXPECT_THAT(read_trend(store_, {.metric = "ms_per_token"})->series, SizeIs(2));
}

TEST_F(TrendOfStore, EachMetricIsItsOwn) {
  sweep(5000, 20);
  const TrendRows rate = *read_trend(store_, {});
  EXPECT_NEAR(rate.series[0].points[0].value, 1000 / std::cbrt(20. * 21 * 20), 1e-9);
  EXPECT_NEAR(*rate.series[0].points[0].ratio, 2, 1e-12);
  EXPECT_LT(rate.series[0].points[0].interval->low, rate.series[0].points[0].interval->high);
  const TrendRows first = *read_trend(store_, {.metric = "ttft_ms"});
  EXPECT_NEAR(first.series[0].points[0].value, 3 * std::cbrt(20. * 21 * 20), 1e-9);
  const TrendRows groups = *read_trend(store_, {.metric = "group_ms", .split = "16+16"});
  ASSERT_THAT(groups.series, SizeIs(2));
  EXPECT_EQ(groups.series[0].key.group, "[0,16)");
  EXPECT_NEAR(groups.series[0].points[0].value, 0.75 * std::cbrt(20. * 21 * 20), 1e-9);
  EXPECT_EQ(groups.series[1].key.group, "head");
}

TEST_F(TrendOfStore, AMachineThatGetsSlowerIsToldApart) {
  for (int day = 0; day < 24; ++day)
    sweep(86'400'000LL * (day + 1), (day < 12 ? 400 : 500) + day % 3, day < 12 ? "a" : "b");
  const TrendRows rows = *read_trend(store_, {.metric = "ms_per_token"});
  ASSERT_THAT(rows.series, SizeIs(2));
  for (const TrendSeries& series : rows.series) {
    SCOPED_TRACE(series.key.split);
    ASSERT_THAT(series.changes, SizeIs(1));
    EXPECT_EQ(series.changes[0].point, 12U);
    EXPECT_EQ(series.changes[0].owner, ChangeOwner::kMachine);
    ASSERT_THAT(series.events, SizeIs(1));
    EXPECT_EQ(series.events[0].point, 12U);
    EXPECT_EQ(series.events[0].to, "cpu 0.1.0, b");
  }
  EXPECT_THAT(read_trend(store_, {.since_unix_ms = 86'400'000LL * 20})->series[0].points,
              SizeIs(5));
}

TEST_F(TrendOfStore, ADecodingOfARunIsAPointHoweverOftenItWasRepeated) {
  const Uuid run = *store_.begin_run(sample_run());
  DecodeRow decode = sample_decode();
  decode.token_ns = {20'000'000, 20'000'000, 9'000'000'000'000};
  ASSERT_TRUE(store_.put_decode(run, decode));
  decode.token_ns = {45'000'000, 45'000'000, 9'000'000'000'000};
  ASSERT_TRUE(store_.put_decode(run, decode));
  const TrendRows rows = *read_trend(store_, {.metric = "ms_per_token"});
  ASSERT_THAT(rows.series, SizeIs(1));
  EXPECT_EQ(rows.series[0].key.source, "bench");
  EXPECT_EQ(rows.series[0].key.workload, "T=1 S=? int8 kv=? head=? threads=? prompt=16 decode=3");
  ASSERT_THAT(rows.series[0].points, SizeIs(1));
  EXPECT_EQ(rows.series[0].points[0].unix_ms, 1000);
  EXPECT_NEAR(rows.series[0].points[0].value, 30, 1e-9);
  EXPECT_FALSE(rows.series[0].points[0].ratio);
}

TEST_F(TrendOfStore, TimesThatAreNoneGiveNoPoint) {
  const Uuid run = *store_.begin_run(sample_run());
  DecodeRow decode = sample_decode();
  decode.token_ns = {0, 5, 5};
  decode.prefill_ns.reset();
  ASSERT_TRUE(store_.put_decode(run, decode));
  EXPECT_THAT(read_trend(store_, {})->series, IsEmpty());
  EXPECT_THAT(read_trend(store_, {.metric = "ttft_ms"})->series, IsEmpty());
  ASSERT_TRUE(fill_sweep(store_, run));  // whose spec and splits say nothing
  EXPECT_TRUE(read_trend(store_, {.metric = "group_ms"}));
}

TEST_F(TrendOfStore, RecordedRunsAreTheSameAsFromTheRecordItselfAndNotMixed) {
  sweep(5000, 20);
  const Uuid run = *store_.begin_run(sample_run());
  const RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  EXPECT_EQ(*import_recorded(store_, run, facts), 22);
  const TrendRows rows = *read_trend(store_, {});
  const TrendRows wanted = *recorded_trend(facts, {});
  ASSERT_EQ(rows.series.size(), wanted.series.size() + 2);
  for (std::size_t i = 0; i < wanted.series.size(); ++i) {
    EXPECT_EQ(rows.series[i + 2].key, wanted.series[i].key);
    EXPECT_EQ(rows.series[i + 2].points.size(), wanted.series[i].points.size());
  }
}

}  // namespace
}  // namespace fusesweep
