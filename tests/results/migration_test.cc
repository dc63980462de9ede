// How a store of an older version becomes one of this: with a schema of its own, whose steps do more
// than the real ones so far, and with files of every real one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/hash.h"
#include "results/database.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::array<std::string_view, 3> kSteps = {
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "CREATE TABLE verdicts (run_id INTEGER NOT NULL REFERENCES runs (id), outcome TEXT) STRICT",
    "ALTER TABLE runs ADD COLUMN seed INTEGER",
    // A table made anew while others refer to it.
    "CREATE TABLE new_runs (id INTEGER PRIMARY KEY, title TEXT NOT NULL, seed INTEGER) STRICT;"
    "INSERT INTO new_runs SELECT id, name, seed FROM runs; DROP TABLE runs;"
    "ALTER TABLE new_runs RENAME TO runs"};
constexpr std::array<std::string_view, 3> kBrokenSteps = {kSteps[0], kSteps[1],
                                                          "DELETE FROM verdicts; CREATE NONSENSE"};
constexpr std::array<std::string_view, 3> kLosingSteps = {kSteps[0], kSteps[1], "DELETE FROM runs"};

class MigrationTest : public testing::Test {
 protected:
  Result<Database> open(Migrations migrations, Access access = Access::kWrite) const {
    return Database::open(file_, access, {}, migrations);
  }
  void make_first() const {
    Database database = *open(Migrations(kSteps).first(1));
    database.sqlite().exec(
        "INSERT INTO runs VALUES (1, 'one'), (2, 'two'); INSERT INTO verdicts VALUES (2, 'pass')");
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
};

std::string text_of(Database& database, const char* sql) {
  return database.sqlite().execAndGet(sql).getString();
}

std::string text_of(Result<Database> database, const char* sql) {
  return database ? text_of(*database, sql) : database.error().message;
}

TEST_F(MigrationTest, RowsSurviveEveryStep) {
  make_first();
  { EXPECT_EQ(text_of(open(Migrations(kSteps).first(2)), "PRAGMA user_version"), "2"); }
  Database database = *open(kSteps);
  EXPECT_EQ(text_of(database, "PRAGMA user_version"), "3");
  EXPECT_EQ(text_of(database, "SELECT group_concat(id || title || ifnull(seed, '-')) FROM runs"),
            "1one-,2two-");
  EXPECT_EQ(text_of(database, "SELECT title FROM verdicts JOIN runs ON id = run_id"), "two");
  EXPECT_EQ(text_of(database, "PRAGMA foreign_keys"), "1");
}

TEST_F(MigrationTest, StepsMayBeTakenAtOnceAndLeadToTheSameSchema) {
  make_first();
  EXPECT_TRUE(open(kSteps));
  EXPECT_TRUE(open(kSteps, Access::kRead));  // compares it with a schema made from nothing
}

TEST_F(MigrationTest, AStepThatFailsLeavesTheFileAsItWas) {
  make_first();
  const std::string before = bytes_of(file_);
  EXPECT_THAT(open(kBrokenSteps).error().message,
              AllOf(HasSubstr("migrating to schema 3: " + file_.string()), HasSubstr("NONSENSE")));
  EXPECT_EQ(bytes_of(file_), before);
  EXPECT_EQ(text_of(open(Migrations(kSteps).first(1)), "SELECT count(*) FROM verdicts"), "1");
}

TEST_F(MigrationTest, AStepThatLosesWhatOthersReferToFails) {
  make_first();
  EXPECT_THAT(open(kLosingSteps).error().message,
              HasSubstr("a row refers to one that is not there"));
  EXPECT_EQ(text_of(open(Migrations(kSteps).first(1)), "SELECT count(*) FROM runs"), "2");
}

TEST_F(MigrationTest, AReaderDoesNotMigrate) {
  make_first();
  const std::string before = bytes_of(file_);
  EXPECT_THAT(open(kSteps, Access::kRead).error().message,
              HasSubstr("written by an older version: found schema 1, want 3"));
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(MigrationTest, AnOlderProgramRefusesWhatANewerOneMigrated) {
  make_first();
  ASSERT_TRUE(open(kSteps));
  EXPECT_THAT(open(Migrations(kSteps).first(2)).error().message,
              HasSubstr("found schema 3, this one knows 1 to 2"));
}

TEST_F(MigrationTest, AForeignSchemaIsNotMigrated) {
  make_first();
  run_raw(file_, "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END");
  const std::string before = bytes_of(file_);
  EXPECT_THAT(open(kSteps).error().message,
              HasSubstr("found a foreign trigger 't', want what schema 1"));
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(MigrationTest, SeveralProcessesMigrateOnce) {
  make_first();
  std::vector<std::unique_ptr<ChildProcess>> children;
  children.reserve(6);
  for (int i = 0; i < 6; ++i) {
    children.push_back(std::make_unique<ChildProcess>([&](const auto& say) {
      const Result<Database> database = open(kSteps);
      say(database ? "." : database.error().message);
    }));
  }
  for (const auto& child : children) EXPECT_EQ(child->hear_all(), ".");
  EXPECT_EQ(text_of(open(kSteps), "SELECT count(*) FROM runs"), "2");
}

// Files that have these steps behind them are out there, and are compared with them.
TEST(Migrations, TheOldOnesAreNeverEdited) {
  const char* const hashes[] = {
      "f8602ffb78ea00eb2991178565e2551f", "bd1d45d6b511894d001f8a4b8c51e4c3",
      "96ee68480a0d3a170aadba0dee7de800", "ff6d3cfcadcd6f623d804fd905fdcf80",
      "215e33ea3546a9a51d928cfc71409814", "75a32e5fc6d765164973ef00f06c6f9c"};
  ASSERT_EQ(all_migrations().size(), std::size(hashes));
  for (std::size_t i = 0; i < std::size(hashes); ++i)
    EXPECT_EQ(to_hex(hash128(all_migrations()[i])), hashes[i]) << "schema " << i + 1;
}

// Has a copy of a file that a program with so many steps has written.
class OldStore : public testing::Test {
 protected:
  Store open(int schema) const {
    const std::filesystem::path file = folder_.path() / fmt::format("{}.db", schema);
    std::filesystem::copy_file(std::filesystem::path(FUSESWEEP_SOURCE_DIR) /
                                   fmt::format("tests/fuzz/corpus/store/schema_{}.db", schema),
                               file);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return *Store::open(file, Access::kWrite, clock_);
  }

  const TemporaryFolder folder_{memory_folder()};
  const FakeClock clock_{};
};

TEST_F(OldStore, OfAnySchemaKeepsItsRows) {
  for (const int schema : {1, 2, 3, 4, 5, 6}) {
    SCOPED_TRACE(schema);
    std::vector<std::string> errors;
    const Everything all = read_everything(open(schema), errors);
    EXPECT_THAT(errors, IsEmpty());
    EXPECT_EQ(all.runs.at(0).start, sample_run());
    EXPECT_THAT(all.models, ElementsAre(sample_model()));
    EXPECT_THAT(all.artifacts, ElementsAre(sample_artifact()));
    EXPECT_THAT(all.verdicts, ElementsAre(sample_verdict("golden 0"), sample_verdict("golden 1")));
    EXPECT_THAT(all.probes, ElementsAre(sample_probe()));
    EXPECT_THAT(all.failures, ElementsAre(sample_failure()));
    EXPECT_THAT(all.decodes, ElementsAre(sample_decode()));
  }
}

TEST_F(OldStore, FromTheSecondSchemaOnKeepsItsSweepAndItsBlocks) {
  for (const int schema : {2, 3, 4, 5}) {
    SCOPED_TRACE(schema);
    std::vector<std::string> errors;
    const Everything all = read_everything(open(schema), errors);
    EXPECT_THAT(errors, IsEmpty());
    ASSERT_EQ(all.sweeps.size(), 1U);
    EXPECT_EQ(all.sweeps[0].sweep, sample_sweep());
    EXPECT_EQ(all.sweeps[0].answer, sample_answer());
    EXPECT_THAT(all.blocks, ElementsAre(sample_block(0), sample_block(1)));
  }
}

TEST_F(OldStore, FromTheThirdSchemaOnKeepsItsRecordedRuns) {
  for (const int schema : {3, 4, 5, 6}) {
    SCOPED_TRACE(schema);
    std::vector<std::string> errors;
    const Everything all = read_everything(open(schema), errors);
    EXPECT_THAT(errors, IsEmpty());
    EXPECT_THAT(all.recorded, ElementsAre(sample_recorded(), silent_recorded()));
  }
}

TEST_F(OldStore, OfTheFourthSchemaKeepsItsJournal) {
  std::vector<std::string> errors;
  const Everything all = read_everything(open(4), errors);
  EXPECT_THAT(errors, IsEmpty());
  ASSERT_EQ(all.journal_entries.size(), 1U);
  const JournalEntryRow& entry = all.journal_entries[0];
  EXPECT_EQ(entry.intent, sample_intent("entry-1"));
  EXPECT_EQ(entry.hash, hash_of(entry.intent, entry.began_unix_ms));
  ASSERT_EQ(all.journal_outcomes.size(), 2U);
  EXPECT_EQ(all.journal_outcomes[0].outcome, (JournalOutcome{.name = "entry-1",
                                                             .entry = entry.id,
                                                             .sweep = all.sweeps.at(0).id,
                                                             .lesson = "Measure more.",
                                                             .next = "32"}));
  EXPECT_EQ(all.journal_outcomes[1].outcome,
            (JournalOutcome{.name = "no-entry-1", .sweep = all.sweeps.at(0).id}));
}

BlockRow speculative_block() {
  BlockRow block = sample_block(0, "speculative");
  block.cells[0].passes = {{.proposed = 3, .accepted = 2, .ngram = 4, .guard_calls = 1},
                           {.is_fallback = true},
                           {.proposed = 1, .accepted = 0, .ngram = 2}};
  return block;
}

TEST_F(OldStore, OfTheSixthSchemaKeepsItsPasses) {
  std::vector<std::string> errors;
  const Everything all = read_everything(open(6), errors);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(all.blocks,
              UnorderedElementsAre(sample_block(0), sample_block(1), speculative_block()));
}

TEST_F(OldStore, OfAnySchemaTakesWhatANewOneTakes) {
  for (const int schema : {1, 2, 3, 4, 5, 6}) {
    SCOPED_TRACE(schema);
    Store store = open(schema);
    ASSERT_TRUE(fill(store, 1));
    ASSERT_TRUE(store.put_decode(store.runs()->back().id, decode_in_sum()));
    std::vector<std::string> errors;
    const Everything all = read_everything(store, errors);
    EXPECT_THAT(errors, IsEmpty());
    EXPECT_EQ(all.runs.size(), 2U);
    EXPECT_EQ(all.blocks.back(), sample_block(1));
  }
}

}  // namespace
}  // namespace fusesweep
