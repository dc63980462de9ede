// Blocks: they come back sample by sample, whole, and each once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "results/store.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const FakeClock kClock;

class BlockTest : public testing::Test {
 protected:
  BlockTest() : store_(*Store::open(file_, Access::kWrite, kClock)) {}

  std::vector<BlockRow> stored(std::string_view trial) const {
    return *store_.blocks_of(sweep_, trial);
  }
  std::string refusal(const BlockRow& block) {
    const Result<void> put = store_.put_block(run_, sweep_, block);
    return put ? "" : put.error().message;
  }
  int rows_of(const char* table) const {
    SQLite::Database database(file_.string());
    return database.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt();
  }
  void expect_no_rows() const {
    for (const char* table : {"blocks", "arms", "loads", "activations", "cells", "cell_counters"})
      EXPECT_EQ(rows_of(table), 0) << table;
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
  Store store_;
  const Uuid run_ = *store_.begin_run(sample_run());
  const Uuid sweep_ = *store_.begin_sweep(run_, sample_sweep());
};

TEST_F(BlockTest, OneComesBackWithWhatIsThereAndWithoutWhatIsNot) {
  const BlockRow bare{.block = 7, .trial = "t"};
  BlockRow without_groups = sample_block(8, "t");
  for (CellRow& cell : without_groups.cells) cell.group_ns.clear();
  without_groups.loads.clear();
  BlockRow without_cells = sample_block(9, "t");
  without_cells.cells.clear();
  for (const BlockRow& block : {without_cells, bare, without_groups, sample_block(0, "t")})
    ASSERT_TRUE(store_.put_block(run_, sweep_, block));
  EXPECT_THAT(stored("t"), ElementsAre(sample_block(0, "t"), bare, without_groups, without_cells));
}

TEST_F(BlockTest, CellsThatAreKnownOnlyInSumComeBackAsSums) {
  BlockRow block = sample_block(0, "t");
  for (CellRow& cell : block.cells) {
    cell.token_ns.clear();
    cell.group_ns.clear();
    cell.sum = sample_sum();
  }
  ASSERT_TRUE(store_.put_block(run_, sweep_, block));
  EXPECT_THAT(stored("t"), ElementsAre(block));
}

TEST_F(BlockTest, TrialsAndSweepsAreApart) {
  const Uuid other = *store_.begin_sweep(run_, sample_sweep());
  ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(0, "second by name")));
  ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(0, "first by name")));
  ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(1, "second by name")));
  ASSERT_TRUE(store_.put_block(run_, other, sample_block(0, "first by name")));
  EXPECT_THAT(*store_.trials_of(sweep_), ElementsAre("second by name", "first by name"));
  EXPECT_THAT(*store_.trials_of(other), ElementsAre("first by name"));
  EXPECT_THAT(*store_.trials_of(Uuid{}), IsEmpty());
  EXPECT_THAT(stored("first by name"), ElementsAre(sample_block(0, "first by name")));
  EXPECT_THAT(stored("second by name"),
              ElementsAre(sample_block(0, "second by name"), sample_block(1, "second by name")));
  EXPECT_THAT(stored("by name"), IsEmpty());
}

TEST_F(BlockTest, CellsComeBackInTheOrderInWhichTheyRan) {
  BlockRow shuffled = sample_block(0, "t");
  std::swap(shuffled.cells[0], shuffled.cells[5]);
  std::swap(shuffled.cells[1], shuffled.cells[3]);
  ASSERT_TRUE(store_.put_block(run_, sweep_, shuffled));
  EXPECT_THAT(stored("t"), ElementsAre(sample_block(0, "t")));
}

TEST_F(BlockTest, TheSameTwiceIsRefusedAndTheFirstStays) {
  ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(0, "t")));
  BlockRow again = sample_block(0, "t");
  again.cells[0].token_ns[0] = 99;
  again.seed = 1;
  const Uuid later_run = *store_.begin_run(sample_run());
  EXPECT_EQ(store_.put_block(later_run, sweep_, again).error(),
            (Error{ErrorCode::kInvalidInput, file_.string() + ": found block 0 of trial 't' of " +
                                                 "sweep " + to_text(sweep_) + ", want each once"}));
  EXPECT_THAT(stored("t"), ElementsAre(sample_block(0, "t")));
  EXPECT_TRUE(store_.put_block(later_run, sweep_, sample_block(1, "t")));
}

TEST_F(BlockTest, ArmsAreKeptOnceHoweverManyCellsSpeakOfThem) {
  for (int block = 0; block < 5; ++block)
    ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(block)));
  EXPECT_EQ(rows_of("arms"), 3);
  BlockRow other_split = sample_block(5);
  for (CellRow& cell : other_split.cells) cell.split_key = std::string(32, '7');
  ASSERT_TRUE(store_.put_block(run_, sweep_, other_split));
  EXPECT_EQ(rows_of("arms"), 6);
  EXPECT_EQ(stored(other_split.trial).back(), other_split);
  EXPECT_EQ(rows_of("cells"), 36);
}

TEST_F(BlockTest, WhatDoesNotFitLeavesNothing) {
  BlockRow ragged = sample_block(3, "t");
  ragged.cells[3].group_ns[1].pop_back();
  EXPECT_EQ(refusal(ragged),
            "block 3 of trial 't': 'twin' in round 1: step 1: found 1 times, want one of each of 2 "
            "groups");
  BlockRow short_one = sample_block();
  short_one.cells[0].group_ns.pop_back();
  EXPECT_THAT(refusal(short_one), HasSubstr("found times of 2 groups in 2 steps"));
  BlockRow same_place = sample_block();
  same_place.cells[1].position = 0;
  EXPECT_THAT(refusal(same_place), HasSubstr("UNIQUE constraint failed: cells"));
  BlockRow arm_twice = sample_block();
  arm_twice.cells[2] = arm_twice.cells[0];
  arm_twice.cells[2].position = 2;
  EXPECT_THAT(refusal(arm_twice), HasSubstr("UNIQUE constraint failed: cells"));
  BlockRow loaded_twice = sample_block();
  loaded_twice.loads[2].arm = "twin";
  EXPECT_THAT(refusal(loaded_twice), HasSubstr("UNIQUE constraint failed: loads"));
  BlockRow negative = sample_block();
  negative.cells[5].round = -1;
  EXPECT_THAT(refusal(negative), HasSubstr("CHECK constraint failed"));
  expect_no_rows();
  EXPECT_EQ(refusal(sample_block()), "");
}

TEST_F(BlockTest, ASweepThatHasEndedTakesNoMore) {
  ASSERT_TRUE(store_.end_sweep(sweep_, "done", sample_answer()));
  EXPECT_THAT(refusal(sample_block()), HasSubstr("found no sweep " + to_text(sweep_)));
  EXPECT_THAT(store_.put_block(run_, Uuid{}, sample_block()).error().message,
              HasSubstr("found no sweep 00000000-"));
  expect_no_rows();
}

TEST_F(BlockTest, WithoutItsRunNothingIsStored) {
  EXPECT_THAT(store_.put_block(Uuid{}, sweep_, sample_block()).error().message,
              HasSubstr("FOREIGN KEY constraint failed"));
  expect_no_rows();
}

}  // namespace
}  // namespace fusesweep
