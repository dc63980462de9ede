#include "results/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const FakeClock kClock;

class DatabaseTest : public testing::Test {
 protected:
  Result<Store> open(Access access, const StoreOptions& options = {}) const {
    return Store::open(file_, access, kClock, options);
  }
  std::string refusal(Access access) const {
    const Result<Store> store = open(access);
    return store ? "" : store.error().message;
  }
  void make_filled() const {
    Store store = *open(Access::kWrite);
    ASSERT_TRUE(fill(store, 3));
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }
  // Refused by readers and writers alike, and left as it was, with nothing beside it.
  void expect_untouched_refusal(const std::string& wanted) const {
    const std::string before = bytes_of(file_);
    for (const Access access : {Access::kRead, Access::kWrite}) {
      const std::string message = refusal(access);
      EXPECT_THAT(message,
                  AllOf(HasSubstr(file_.string()), HasSubstr(wanted), Not(HasSubstr("\n"))));
    }
    EXPECT_EQ(bytes_of(file_), before);
    EXPECT_THAT(files(), ElementsAre("s.db"));
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
};

TEST_F(DatabaseTest, AStoreIsOneFileOnceItIsClosed) {
  make_filled();
  EXPECT_THAT(files(), ElementsAre("s.db"));
  std::vector<std::string> errors;
  const Everything all = read_everything(*open(Access::kRead), errors);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(all.verdicts.size(), 3U);
  EXPECT_THAT(files(), ElementsAre("s.db"));
}

TEST_F(DatabaseTest, ReadingChangesNothing) {
  make_filled();
  const std::string before = bytes_of(file_);
  std::vector<std::string> errors;
  static_cast<void>(read_everything(*open(Access::kRead), errors));
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(DatabaseTest, OpeningToWriteWithNothingToWriteChangesNothing) {
  make_filled();
  const std::string before = bytes_of(file_);
  ASSERT_TRUE(open(Access::kWrite));
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(DatabaseTest, AFileThatIsNotThereIsMadeOnlyToWrite) {
  EXPECT_THAT(refusal(Access::kRead), HasSubstr("s.db: No such file or directory"));
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_TRUE(open(Access::kWrite));
  EXPECT_THAT(Store::open(folder_.path() / "no" / "s.db", Access::kWrite, kClock).error().message,
              HasSubstr("No such file or directory"));
  EXPECT_THAT(Store::open("", Access::kWrite, kClock).error().message, HasSubstr("no file name"));
}

TEST_F(DatabaseTest, ANameThatSqliteWouldReadOtherwiseIsAName) {
  for (const char* name : {"file:x.db?mode=memory", "a b%20#.db", "caf\xC3\xA9'.db"}) {
    SCOPED_TRACE(name);
    const std::filesystem::path file = folder_.path() / name;
    ASSERT_TRUE(Store::open(file, Access::kWrite, kClock));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    EXPECT_TRUE(Store::open(file, Access::kRead, kClock));
    EXPECT_TRUE(std::filesystem::remove(file));
    EXPECT_THAT(files(), IsEmpty());
  }
}

TEST_F(DatabaseTest, WhatIsNoStoreIsRefused) {
  const std::string store_bytes = [&] {
    make_filled();
    return bytes_of(file_);
  }();
  std::string no_magic = store_bytes;
  no_magic[3] = 'x';
  const struct {
    const char* name;
    std::string bytes;
  } rows[] = {{"empty", ""},
              {"one byte", "S"},
              {"text", std::string(10'000, 'x')},
              {"half a header", store_bytes.substr(0, 50)},
              {"no magic", no_magic}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    write_bytes(file_, row.bytes);
    expect_untouched_refusal("found a file that is no SQLite database, want a store");
  }
}

TEST_F(DatabaseTest, AFolderIsNoStore) {
  std::filesystem::create_directory(file_);
  EXPECT_THAT(refusal(Access::kWrite), HasSubstr("found no regular file"));
  EXPECT_THAT(refusal(Access::kRead), HasSubstr("found no regular file"));
}

TEST_F(DatabaseTest, APipeIsNoStoreAndIsNotWaitedFor) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_THAT(refusal(Access::kRead), HasSubstr("found no regular file"));
}

TEST_F(DatabaseTest, ADatabaseOfAnotherProgramIsRefused) {
  run_raw(file_, "CREATE TABLE t (x); PRAGMA user_version = 1");
  expect_untouched_refusal(
      "found a database of another program (application id 0x0), want a store");
}

TEST_F(DatabaseTest, ANewerVersionIsRefused) {
  make_filled();
  run_raw(file_, "PRAGMA user_version = 7");
  expect_untouched_refusal("written by a newer version: found schema 7, this one knows 1 to 6");
}

TEST_F(DatabaseTest, ANewerVersionThatStandsOnlyInTheLogIsRefused) {
  make_filled();
  SQLite::Database newer(file_.string(), SQLite::OPEN_READWRITE);
  newer.exec("PRAGMA wal_autocheckpoint = 0");
  newer.exec("PRAGMA user_version = 7");
  for (const Access access : {Access::kRead, Access::kWrite})
    EXPECT_THAT(refusal(access), HasSubstr("written by a newer version: found schema 7"));
}

TEST_F(DatabaseTest, AVersionThatNeverWasIsRefused) {
  make_filled();
  run_raw(file_, "PRAGMA user_version = 0");
  expect_untouched_refusal("found schema 0, want 1 to 6");
  run_raw(file_, "PRAGMA user_version = -5");
  expect_untouched_refusal("written by a newer version");
}

TEST_F(DatabaseTest, AForeignSchemaIsRefused) {
  const struct {
    const char* sql;
    const char* wanted;
  } rows[] = {
      {"CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM verdicts; END",
       "found a foreign trigger 't', want what schema 6 has"},
      {"CREATE VIEW v AS SELECT * FROM runs", "found a foreign view 'v'"},
      {"CREATE TABLE extra (x)", "found a foreign table 'extra'"},
      {"CREATE INDEX i ON runs (command)", "found a foreign index 'i'"},
      {"ALTER TABLE runs ADD COLUMN x TEXT", "found a changed table 'runs'"},
      {"ALTER TABLE runs RENAME COLUMN seed TO grain", "found a changed table 'runs'"},
      {"DROP INDEX verdicts_of_run", "found no index 'verdicts_of_run'"},
      {"DROP TABLE decode_counters", "found no table 'decode_counters'"},
      {"DROP TABLE metrics; CREATE TABLE metrics (id)", "found a changed table 'metrics'"},
      {"DROP TABLE decode_counters; CREATE VIEW decode_counters AS SELECT 1",
       "found a changed view 'decode_counters'"},
      {"CREATE VIRTUAL TABLE f USING fts5(x)", "found a foreign table 'f'"},
      {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'reason TEXT NOT "
       "NULL', 'reason TEXT') WHERE name = 'verdicts'",
       "found a changed table 'verdicts'"},
      {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE nonsense' WHERE name = "
       "'verdicts'",
       "damaged: malformed database schema"},
  };
  make_filled();
  const std::string store_bytes = bytes_of(file_);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sql);
    write_bytes(file_, store_bytes);
    run_raw(file_, row.sql);
    expect_untouched_refusal(row.wanted);
  }
}

TEST_F(DatabaseTest, AStoreInRollbackModeIsReadAndGetsItsLogBackWhenWritten) {
  make_filled();
  run_raw(file_, "PRAGMA journal_mode = DELETE");
  EXPECT_TRUE(open(Access::kRead));
  EXPECT_EQ(bytes_of(file_)[18], 1);
  EXPECT_TRUE(open(Access::kWrite));
  EXPECT_EQ(bytes_of(file_)[18], 2);
}

TEST_F(DatabaseTest, ARollbackJournalIsNotPlayedBack) {
  make_filled();
  write_bytes(file_.string() + "-journal", std::string(1000, 'j'));
  for (const Access access : {Access::kRead, Access::kWrite})
    EXPECT_THAT(refusal(access), HasSubstr("s.db-journal: found a rollback journal"));
  EXPECT_EQ(bytes_of(file_.string() + "-journal").size(), 1000U);
}

TEST_F(DatabaseTest, TheLogOfAStoreThatIsGoneIsNotTakenForThatOfANewOne) {
  write_bytes(file_.string() + "-wal", std::string(5000, 'w'));
  EXPECT_THAT(refusal(Access::kWrite),
              HasSubstr("s.db-wal: found the log of a store that is not there"));
  EXPECT_THAT(files(), ElementsAre("s.db-wal"));
}

TEST_F(DatabaseTest, AFileThatIsRefusedKeepsItsLog) {
  make_filled();
  {
    SQLite::Database foreign(file_.string(), SQLite::OPEN_READWRITE);
    foreign.exec("PRAGMA wal_autocheckpoint = 0");
    foreign.exec("CREATE TABLE extra (x)");
    for (const char* ending : {"", "-wal"})
      std::filesystem::copy_file(file_.string() + ending,
                                 folder_.path() / (std::string("c.db") + ending));
  }
  const std::filesystem::path copy = folder_.path() / "c.db";
  const std::string before = bytes_of(copy);
  const std::string log = bytes_of(copy.string() + "-wal");
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_THAT(Store::open(copy, access, kClock).error().message,
                HasSubstr("found a foreign table 'extra'"));
  }
  EXPECT_EQ(bytes_of(copy), before);
  EXPECT_EQ(bytes_of(copy.string() + "-wal"), log);
}

TEST_F(DatabaseTest, AnotherWriterIsWaitedForAndThenNamed) {
  make_filled();
  Store store = *open(Access::kWrite, {.busy_timeout = std::chrono::milliseconds(3)});
  SQLite::Database other(file_.string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  EXPECT_EQ(store.begin_run(sample_run()).error(),
            (Error{ErrorCode::kUnavailable,
                   file_.string() + ": found another process that writes, still after 3 ms"}));
  EXPECT_EQ(store.runs()->size(), 1U);  // readers do not wait
  EXPECT_TRUE(open(Access::kWrite));    // nor whoever only opens
  other.exec("ROLLBACK");
  EXPECT_TRUE(store.begin_run(sample_run()));
}

TEST_F(DatabaseTest, AFullDiskIsAnErrorAndTheStoreGoesOn) {
  make_filled();
  const auto pages = static_cast<std::uint32_t>(std::filesystem::file_size(file_) / 4096);
  Store store = *open(Access::kWrite, {.max_pages = pages + 20});
  const Uuid run = store.runs()->front().id;
  FailureRow long_one = sample_failure();
  long_one.reason = std::string(3000, 'x');
  int stored = 0;
  Result<void> put;
  for (; stored < 100 && (put = store.put_failure(run, long_one)); ++stored) {
  }
  EXPECT_GT(stored, 10);
  EXPECT_LT(stored, 25);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(put.error().message, HasSubstr("s.db: no space left"));
  EXPECT_FALSE(store.put_failure(run, long_one));

  // What was stored is there; less still fits; and with room again everything goes on.
  EXPECT_EQ(store.failures_of(run)->size(), static_cast<std::size_t>(stored) + 1);
  EXPECT_EQ(*store.forget_failures(sample_shard().model_hash), stored + 1);
  EXPECT_TRUE(store.put_failure(run, long_one));
  EXPECT_EQ(store.failures_of(run)->size(), 1U);
  EXPECT_TRUE(open(Access::kRead));
}

TEST_F(DatabaseTest, RowsThatAreOffNameTheirTableAndColumn) {
  const struct {
    const char* sql;
    const char* wanted;
  } rows[] = {
      {"UPDATE runs SET arguments_json = '[1]'", "runs.arguments_json[0]: found 1, want"},
      {"UPDATE runs SET arguments_json = '['", "runs.arguments_json: parse error at line 1"},
      {"UPDATE runs SET seed = '-1'", "runs.seed: found '-1', want a number of 64 bits"},
      {"UPDATE runs SET seed = '18446744073709551616'", "runs.seed: found"},
      {"UPDATE provenances SET machine_json = ''", "provenances.machine_json: "},
      {"UPDATE models SET contract_json = '{}'",
       "models.contract_json: contract.architecture: found nothing"},
      {"UPDATE models SET contract_json = replace(contract_json, '\"n_layers\":32', "
       "'\"n_layers\":-1')",
       "models.contract_json: contract.n_layers: found -1"},
      {"UPDATE runners SET emulated_json = '{}'", "runners.emulated_json: found an object"},
      {"UPDATE shards SET layer_end = 0",
       "shards.layer_end: found 0, want an integer from 1 to 512"},
      {"UPDATE shards SET layer_end = 17", "shards.hash: found the hash of another shard"},
      {"UPDATE shards SET layer_begin = NULL", "shards.layer_begin: found a value of another type"},
      {"UPDATE shards SET kind = 'head'", "shards.vocab_begin: found a value of another type"},
      {"UPDATE shards SET tokens = 99999999999", "shards.tokens: found 99999999999"},
      {"UPDATE decodes SET group_ns = x'0102030405060708'",
       "decodes.group_ns: found 1 times, want one of each of 2 groups in 3 steps"},
      {"UPDATE decodes SET groups_json = '[]'", "decodes.group_ns: found 6 times"},
      {"UPDATE decodes SET workload_json = 'x'", "decodes.workload_json: "},
      {"UPDATE sweeps SET spec_json = '[]'",
       "sweeps.spec_json: found another kind of JSON, want an object"},
      {"UPDATE sweeps SET answer_json = '1'", "sweeps.answer_json: found another kind of JSON"},
      {"UPDATE blocks SET seed = 'x'", "blocks.seed: found 'x', want a number of 64 bits"},
      {"UPDATE blocks SET noise_json = '{'", "blocks.noise_json: parse error at line 1"},
      {"UPDATE arms SET groups_json = '[]'",
       "cells.group_ns: found 6 times, want one of each of 0 groups in 3 steps"},
      {"UPDATE arms SET hash = hash || 'x' WHERE arm = 'twin'",
       "cells.arm_hash: found the hash of no arm"},
      {"UPDATE cells SET token_ns = x'0102030405060708'", "cells.group_ns: found 6 times"},
      {"UPDATE cells SET decode_sum_json = '[]'",
       "cells.decode_sum_json: found another kind of JSON"},
      {"UPDATE decodes SET decode_sum_json = '{\"tokens\":0,\"ns\":1}'",
       "decodes.decode_sum_json: decode_sum_json.tokens: found 0"},
      {"UPDATE cells SET round = 3000000000 WHERE round = 0 AND position = 0",
       "cells.round: found 3000000000, want an integer from 0 to 2147483647"},
      {"UPDATE cell_counters SET position = 7 WHERE round = 0 AND position = 0",
       "cell_counters.position: found a counter of no cell"},
      {"UPDATE cell_counters SET round = -7 WHERE round = 0 AND position = 0",
       "cell_counters.position: found a counter of no cell"},
      {"UPDATE journal_entries SET name = 'a/b'", "journal_entries.name: found 'a/b'"},
      {"UPDATE journal_entries SET hypotheses_json = '[1]'",
       "journal_entries.hypotheses_json[0]: found 1, want"},
      {"UPDATE journal_outcomes SET name = ''", "journal_outcomes.name: found ''"},
      {"DELETE FROM loads WHERE position = 0", "loads.position: found a gap, want 0, 1, ..."},
      {"DELETE FROM loads", "activations.position: found an activation of no load"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE verdicts SET outcome = 'maybe'",
       "verdicts.outcome: found 'maybe', want a text that is stored there"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE probes SET failure = 'boredom'",
       "probes.failure: found 'boredom'"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE probes SET is_resident = 2",
       "probes.is_resident: found 2, want an integer from 0 to 1"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE shards SET encoding = 'int3'",
       "shards.encoding: found 'int3', want one of int8"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE shards SET kind = 'tail'",
       "shards.kind: found 'tail', want segment, head or embedding"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE decodes SET ids = x'010203'",
       "decodes.ids: found 3 bytes, want a multiple of 4"},
      {"PRAGMA ignore_check_constraints = ON; UPDATE artifacts SET bytes = -1",
       "artifacts.bytes: found -1"},
  };
  make_filled();
  const std::string store_bytes = bytes_of(file_);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sql);
    write_bytes(file_, store_bytes);
    const Store store = *open(Access::kRead);  // before, because opening would see some of this
    run_raw(file_, row.sql);
    std::vector<std::string> errors;
    static_cast<void>(read_everything(store, errors));
    ASSERT_FALSE(errors.empty());
    EXPECT_THAT(errors.front(), HasSubstr("s.db: " + std::string(row.wanted)));
  }
}

// Permissions bind nobody who is root: whoever tries is not.
class PermissionTest : public DatabaseTest {
 protected:
  void TearDown() override { chmod(folder_.path().c_str(), 0700); }

  std::string said_without_rights(Access access) const {
    ChildProcess child([&](const auto& say) {
      if (geteuid() == 0) FUSESWEEP_CHECK(setgid(65534) == 0 && setuid(65534) == 0);
      const Result<Store> store = open(access);
      if (!store) return say(store.error().message);
      const auto runs = store->runs();
      say(runs ? std::to_string(runs->size()) + " runs" : runs.error().message);
    });
    return child.hear_all();
  }
};

TEST_F(PermissionTest, AFileThatMayNotBeWrittenIsNotOpenedToWrite) {
  make_filled();
  const std::string before = bytes_of(file_);
  chmod(file_.c_str(), 0444);
  chmod(folder_.path().c_str(), 0755);
  EXPECT_EQ(said_without_rights(Access::kWrite),
            file_.string() + ": cannot be written: " + file_.string() + ": Permission denied");
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(PermissionTest, AFolderThatMayNotBeWrittenIsNamed) {
  make_filled();
  chmod(file_.c_str(), 0666);
  chmod(folder_.path().c_str(), 0555);
  EXPECT_EQ(
      said_without_rights(Access::kWrite),
      file_.string() + ": cannot be written: " + folder_.path().string() + ": Permission denied");
}

TEST_F(PermissionTest, AnArchiveIsReadWithoutWritingBesideIt) {
  make_filled();
  chmod(file_.c_str(), 0444);
  chmod(folder_.path().c_str(), 0555);
  EXPECT_EQ(said_without_rights(Access::kRead), "1 runs");
  EXPECT_THAT(files(), ElementsAre("s.db"));
}

TEST_F(PermissionTest, AFileThatOthersMayWriteIsNotReadBlindly) {
  make_filled();
  chmod(file_.c_str(), 0644);
  chmod(folder_.path().c_str(), 0555);
  EXPECT_THAT(said_without_rights(Access::kRead),
              HasSubstr("cannot be read where its folder cannot be written"));
}

TEST_F(PermissionTest, AFileThatMayNotBeReadIsNotOpened) {
  make_filled();
  chmod(file_.c_str(), 0000);
  chmod(folder_.path().c_str(), 0755);
  EXPECT_EQ(said_without_rights(Access::kRead), file_.string() + ": Permission denied");
}

}  // namespace
}  // namespace fusesweep
