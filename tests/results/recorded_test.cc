// Runs that others recorded: kept once, and the newest version of a record counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "results/recorded_rows.h"
#include "results/store.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

class RecordedTest : public testing::Test {
 protected:
  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
};

TEST_F(RecordedTest, RowsComeBackAsTheyWere) {
  EXPECT_EQ(*store_.put_recorded(run_, {sample_recorded(), silent_recorded()}), 2);
  EXPECT_THAT(*store_.recorded_runs(), ElementsAre(sample_recorded(), silent_recorded()));
  EXPECT_THAT(*store_.recorded_of(run_), ElementsAre(sample_recorded(), silent_recorded()));
}

TEST_F(RecordedTest, EqualRowsAreKeptOnceAndBelongToTheFirst) {
  EXPECT_EQ(*store_.put_recorded(run_, {sample_recorded()}), 1);
  const Uuid again = *store_.begin_run(sample_run());
  EXPECT_EQ(*store_.put_recorded(again, {sample_recorded(), silent_recorded()}), 1);
  EXPECT_THAT(*store_.recorded_of(run_), ElementsAre(sample_recorded()));
  EXPECT_THAT(*store_.recorded_of(again), ElementsAre(silent_recorded()));
}

TEST_F(RecordedTest, OfARecordThatWasChangedTheVersionImportedLastCounts) {
  EXPECT_EQ(*store_.put_recorded(run_, {sample_recorded(), silent_recorded()}), 2);
  RecordedRunRow other = sample_recorded();
  other.facts = "another record";
  EXPECT_EQ(*store_.put_recorded(run_, {other}), 1);
  RecordedRunRow corrected = sample_recorded();
  corrected.facts_hash = std::string(32, '0');
  corrected.tok_per_s = 17;
  const Uuid later = *store_.begin_run(sample_run());
  EXPECT_EQ(*store_.put_recorded(later, {corrected}), 1);
  EXPECT_THAT(*store_.recorded_runs(), ElementsAre(corrected, other));
}

TEST_F(RecordedTest, ARunThatHasNotBegunTakesNothing) {
  EXPECT_FALSE(store_.put_recorded(Uuid{}, {sample_recorded()}));
  EXPECT_THAT(*store_.recorded_runs(), IsEmpty());
}

TEST_F(RecordedTest, ARecordIsImportedInItsOrderWithItsDates) {
  const RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  EXPECT_EQ(*import_recorded(store_, run_, facts), 22);
  EXPECT_EQ(*import_recorded(store_, run_, facts), 0);
  const std::vector<RecordedRunRow> rows = *store_.recorded_runs();
  EXPECT_THAT(rows, ElementsAreArray(recorded_rows(facts)));
  const RecordedRunRow& first = rows.at(0);
  EXPECT_EQ(first.split, to_text(*parse_split("32x1")));
  EXPECT_EQ(first.tok_per_s, 8.14);
  EXPECT_EQ(first.date_unix_ms, 1'777'248'000'000);  // 2026-04-27
  EXPECT_EQ(first.source, "journal:29");
  const RecordedRunRow& grouped = rows.at(21);
  EXPECT_EQ(grouped.position, 21);
  EXPECT_THAT(grouped.groups,
              ElementsAre(RecordedGroupRow{"[20,25)", 9.23}, RecordedGroupRow{"[25,30)", 9.096}));
}

TEST(DateOfASource, IsItsMidnightOrNothing) {
  const struct {
    const char* text;
    std::optional<std::int64_t> unix_ms;
  } rows[] = {{"1970-01-01", 0},
              {"2026-04-28", 1'777'334'400'000},
              {"2024-02-29", 1'709'164'800'000},
              {"1969-12-31", -86'400'000},
              {"2026-02-29", std::nullopt},
              {"2026-13-01", std::nullopt},
              {"2026-4-28", std::nullopt},
              {"2026-04-28 ", std::nullopt},
              {"-026-04-28", std::nullopt},
              {"2026-+4-28", std::nullopt},
              {"", std::nullopt},
              {"last Tuesday", std::nullopt}};
  for (const auto& row : rows) EXPECT_EQ(unix_ms_of_date(row.text), row.unix_ms) << row.text;
}

class TimesTest : public RecordedTest {};

TEST_F(TimesTest, OnlyWhatIsAskedForIsRead) {
  ASSERT_TRUE(store_.put_runner(sample_runner()));
  ASSERT_TRUE(store_.put_decode(run_, sample_decode()));
  ASSERT_TRUE(fill_sweep(store_, run_));
  const struct {
    TimesOf times;
    std::vector<std::int64_t> wanted;
  } rows[] = {{TimesOf::kSteps, {1, 256, 9'000'000'000'000}},
              {TimesOf::kPrefill, {1'500'000'000}},
              {TimesOf::kGroups, {1, 2, -3, 4, 5, 9'000'000'000'000}}};
  for (const auto& row : rows) {
    int decodes = 0;
    int cells = 0;
    ASSERT_TRUE(store_.each_decode_times({.times = row.times}, [&](const DecodeTimes& decode) {
      ++decodes;
      EXPECT_EQ(decode.run, run_);
      EXPECT_EQ(decode.split, "16+16");
      EXPECT_EQ(decode.steps, 3);
      EXPECT_EQ(decode.conditions, sample_conditions());
      EXPECT_EQ(decode.all_ns, row.wanted);
    }));
    ASSERT_TRUE(store_.each_cell_times({.times = row.times}, [&](const CellTimes& cell) {
      ++cells;
      EXPECT_EQ(cell.began_unix_ms, 1'700'000'000'123);
      if (cell.arm != "32") {
        EXPECT_EQ(cell.all_ns, row.wanted);
        EXPECT_EQ(cell.groups_json, R"x(["[0,16)","[16,32)"])x");
      }
    }));
    EXPECT_EQ(decodes, 1);
    EXPECT_EQ(cells, 12);
  }
}

TEST_F(TimesTest, WhatIsOlderIsLeftOut) {
  ASSERT_TRUE(store_.put_runner(sample_runner()));
  ASSERT_TRUE(store_.put_decode(run_, sample_decode()));
  ASSERT_TRUE(fill_sweep(store_, run_));
  const std::int64_t run_began = store_.find_run(run_)->value().started_unix_ms;
  const auto decodes_since = [&](std::int64_t unix_ms) {
    int count = 0;
    EXPECT_TRUE(
        store_.each_decode_times({.since_unix_ms = unix_ms}, [&](const auto&) { ++count; }));
    return count;
  };
  const auto cells_since = [&](std::int64_t unix_ms) {
    int count = 0;
    EXPECT_TRUE(store_.each_cell_times({.since_unix_ms = unix_ms}, [&](const auto&) { ++count; }));
    return count;
  };
  EXPECT_EQ(decodes_since(run_began), 1);
  EXPECT_EQ(decodes_since(run_began + 1), 0);
  EXPECT_EQ(cells_since(1'700'000'000'123), 12);
  EXPECT_EQ(cells_since(1'700'000'000'124), 0);
}

}  // namespace
}  // namespace fusesweep
