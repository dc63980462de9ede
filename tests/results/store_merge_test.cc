// Stores of several machines in one, and parts of one as a store of their own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "results/migrations.h"
#include "results/store.h"
#include "results/table_list.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class StoreMerge : public testing::Test {
 protected:
  StoreMerge() {
    clock_.set_wall(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
  }

  Store open(const std::filesystem::path& file, Access access = Access::kWrite) const {
    return *Store::open(file, access, clock_);
  }

  void make(const std::filesystem::path& file, int verdicts = 2) const {
    Store store = open(file);
    ASSERT_TRUE(fill(store, verdicts));
  }

  Everything everything_in(const std::filesystem::path& file) const {
    std::vector<std::string> errors;
    Everything all = read_everything(open(file, Access::kRead), errors);
    EXPECT_THAT(errors, IsEmpty());
    return all;
  }

  // What merging a file into here_ comes to: nothing, or the message.
  std::string refusal(const std::filesystem::path& file) const {
    const auto merged = open(here_).merge({file}, MergeMode::kCommit);
    return merged ? std::string() : merged.error().message;
  }

  bool is_something_left() const {
    return std::any_of(
        std::filesystem::directory_iterator(folder_.path()), {},
        [](const auto& entry) { return entry.path().string().find(".tmp-") != std::string::npos; });
  }

  static std::int64_t sum(const MergeReport& report, std::int64_t TableCount::*member) {
    std::int64_t total = 0;
    for (const TableCount& count : report.tables) total += count.*member;
    return total;
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path here_ = folder_.path() / "here.db";
  const std::filesystem::path there_ = folder_.path() / "there.db";
};

// All rows of every table, as SQLite prints them.
std::string rows_of(const std::filesystem::path& file) {
  SQLite::Database database(file.string());
  std::string text;
  for (const TableRule& rule : all_tables()) {
    std::string columns;
    for (const ColumnRule& column : rule.columns)
      columns += fmt::format("{}quote({})", columns.empty() ? "" : " || ',' || ", column.name);
    SQLite::Statement query(database,
                            fmt::format("SELECT {} FROM {} ORDER BY 1", columns, rule.table));
    text += fmt::format("{}\n", rule.table);
    while (query.executeStep()) text += query.getColumn(0).getString() + "\n";
  }
  return text;
}

TEST(TableList, HasEveryTableAndColumnOfTheSchema) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
  for (const std::string_view step : all_migrations()) database.exec(std::string(step));
  std::set<std::string> wanted;
  SQLite::Statement columns(
      database,
      "SELECT tables.name || '.' || columns.name FROM sqlite_schema AS tables "
      "JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'");
  while (columns.executeStep()) wanted.insert(columns.getColumn(0).getString());
  std::set<std::string> listed;
  std::set<std::string> tables;
  for (const TableRule& rule : all_tables()) {
    EXPECT_TRUE(tables.insert(rule.table).second) << rule.table;
    for (const ColumnRule& column : rule.columns)
      listed.insert(fmt::format("{}.{}", rule.table, column.name));
  }
  EXPECT_EQ(listed, wanted);
}

TEST(TableList, HasTheKeysOfTheSchemaAndATableAfterThoseThatItRefersTo) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
  for (const std::string_view step : all_migrations()) database.exec(std::string(step));
  std::set<std::string> before;
  for (const TableRule& rule : all_tables()) {
    SCOPED_TRACE(rule.table);
    SQLite::Statement keys(database, fmt::format("SELECT name FROM pragma_table_info('{}') "
                                                 "WHERE pk > 0 ORDER BY pk",
                                                 rule.table));
    std::vector<std::string> wanted;
    while (keys.executeStep()) wanted.push_back(keys.getColumn(0).getString());
    std::vector<std::string> found;
    for (std::size_t i = 0; i < rule.keys; ++i) found.emplace_back(rule.columns[i].name);
    EXPECT_EQ(found, wanted);
    SQLite::Statement parents(
        database,
        fmt::format("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list('{}')", rule.table));
    while (parents.executeStep())
      EXPECT_TRUE(before.contains(parents.getColumn(0).getString()))
          << parents.getColumn(0).getString();
    before.insert(rule.table);
  }
}

TEST_F(StoreMerge, TakesInEverythingThatAnotherStoreHas) {
  make(here_);
  make(there_);
  const Everything ours = everything_in(here_);
  const Everything theirs = everything_in(there_);
  EXPECT_EQ(refusal(there_), "");
  const Everything both = everything_in(here_);
  EXPECT_THAT(both.runs, SizeIs(2));
  EXPECT_THAT(both.verdicts, SizeIs(4));
  EXPECT_THAT(both.decodes, SizeIs(2));
  EXPECT_THAT(both.sweeps, SizeIs(2));
  EXPECT_THAT(both.blocks, SizeIs(4));
  EXPECT_THAT(both.models, SizeIs(1));
  EXPECT_THAT(both.artifacts, SizeIs(1));  // equal ones are kept once
  for (const RunRow& run : theirs.runs) EXPECT_THAT(both.runs, testing::Contains(run));
  for (const RunRow& run : ours.runs) EXPECT_THAT(both.runs, testing::Contains(run));
}

TEST_F(StoreMerge, IntoAnEmptyStoreGivesTheSameRows) {
  make(there_);
  const std::string before = bytes_of(there_);
  EXPECT_EQ(refusal(there_), "");
  EXPECT_EQ(rows_of(here_), rows_of(there_));
  EXPECT_EQ(bytes_of(there_), before);
  EXPECT_FALSE(is_something_left());
}

TEST_F(StoreMerge, ASecondTimeNothingIsNew) {
  make(here_);
  make(there_);
  ASSERT_EQ(refusal(there_), "");
  const std::string before = rows_of(here_);
  const MergeReport again = *open(here_).merge({there_}, MergeMode::kCommit);
  EXPECT_EQ(sum(again, &TableCount::added), 0);
  EXPECT_EQ(sum(again, &TableCount::ended), 0);
  EXPECT_GT(sum(again, &TableCount::known), 50);
  EXPECT_EQ(rows_of(here_), before);
}

TEST_F(StoreMerge, ADryRunSaysTheSameAndKeepsNothing) {
  make(here_);
  make(there_);
  const std::string before = rows_of(here_);
  const MergeReport tried = *open(here_).merge({there_}, MergeMode::kDryRun);
  EXPECT_EQ(rows_of(here_), before);
  EXPECT_EQ(*open(here_).merge({there_}, MergeMode::kCommit), tried);
}

TEST_F(StoreMerge, OfSeveralFilesIsAllOrNothing) {
  make(here_);
  make(there_);
  const std::filesystem::path third = folder_.path() / "third.db";
  make(third);
  const std::string before = rows_of(here_);
  run_raw(third, "UPDATE verdict_figures SET value = 9e999 WHERE position = 0");
  EXPECT_THAT(open(here_).merge({there_, third}, MergeMode::kCommit).error().message,
              StartsWith(third.string() + ": verdict_figures.value: found inf"));
  EXPECT_EQ(rows_of(here_), before);
}

TEST_F(StoreMerge, ReadsWhatIsOnlyInTheLogAndLeavesBothAsTheyAre) {
  make(there_);
  Store writer = open(there_);
  ASSERT_TRUE(writer.begin_run(sample_run()));
  const std::string log = bytes_of(there_.string() + "-wal");
  ASSERT_FALSE(log.empty());
  EXPECT_EQ(refusal(there_), "");
  EXPECT_THAT(everything_in(here_).runs, SizeIs(2));
  EXPECT_EQ(bytes_of(there_.string() + "-wal"), log);
}

TEST_F(StoreMerge, AnOlderSchemaIsMigratedInACopy) {
  for (const int schema : {1, 2}) {
    const std::filesystem::path old = std::filesystem::path(FUSESWEEP_SOURCE_DIR) /
                                      fmt::format("tests/fuzz/corpus/store/schema_{}.db", schema);
    const std::string before = bytes_of(old);
    clock_.set_wall(std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 100)));
    EXPECT_EQ(refusal(old), "");
    EXPECT_EQ(bytes_of(old), before);
    EXPECT_THAT(everything_in(here_).runs, SizeIs(schema));
  }
}

TEST_F(StoreMerge, AnEndIsTakenOverAndNeverTakenBack) {
  Store store = open(there_);
  const Uuid run = *store.begin_run(sample_run());
  const Uuid sweep = *store.begin_sweep(run, sample_sweep());
  ASSERT_TRUE(store.put_block(run, sweep, sample_block(0)));
  const std::filesystem::path early = folder_.path() / "early.db";
  ASSERT_TRUE(store.export_runs({run}, early));
  ASSERT_EQ(refusal(early), "");
  EXPECT_EQ(everything_in(here_).sweeps.at(0).ended_unix_ms, std::nullopt);

  ASSERT_TRUE(store.put_block(run, sweep, sample_block(1)));
  ASSERT_TRUE(store.end_sweep(sweep, "done", sample_answer()));
  ASSERT_TRUE(store.end_run(run, "exit 0"));
  const MergeReport report = *open(here_).merge({there_}, MergeMode::kCommit);
  EXPECT_EQ(sum(report, &TableCount::ended), 2);
  EXPECT_EQ(rows_of(here_), rows_of(there_));
  EXPECT_EQ(sum(*open(here_).merge({early}, MergeMode::kCommit), &TableCount::ended), 0);
  EXPECT_EQ(rows_of(here_), rows_of(there_));
}

TEST_F(StoreMerge, ASweepOfAnotherMachineIsReadAndNeverGoneOnWith) {
  Store theirs = open(there_);
  RunStart start = sample_run();
  start.provenance.host = "another box";
  const Uuid their_run = *theirs.begin_run(start);
  const Uuid their_sweep = *theirs.begin_sweep(their_run, sample_sweep());
  ASSERT_TRUE(theirs.put_block(their_run, their_sweep, sample_block(0)));

  Store ours = open(here_);
  ASSERT_TRUE(ours.merge({there_}, MergeMode::kCommit));
  const Uuid run = *ours.begin_run(sample_run());
  EXPECT_EQ(*ours.find_sweep(run, sample_sweep().spec_hash), std::nullopt);
  EXPECT_EQ((*ours.find_sweep(their_run, sample_sweep().spec_hash))->id, their_sweep);
  EXPECT_THAT(*ours.sweeps(), SizeIs(1));
  EXPECT_THAT(ours.put_block(run, their_sweep, sample_block(1)).error().message,
              AllOf(HasSubstr("found the sweep"), HasSubstr("of another machine")));
  const Uuid sweep = *ours.begin_sweep(run, sample_sweep());
  EXPECT_TRUE(ours.put_block(run, sweep, sample_block(0)));
  EXPECT_EQ((*ours.find_sweep(run, sample_sweep().spec_hash))->id, sweep);
}

TEST_F(StoreMerge, WhatIsMadeHereAfterwardsIsNewerThanWhatCameIn) {
  clock_.advance(std::chrono::hours(1));  // that machine's clock is ahead
  make(there_);
  clock_.set_wall(
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
  Store store = open(here_);
  ASSERT_TRUE(store.merge({there_}, MergeMode::kCommit));
  const Uuid run = *store.begin_run(sample_run());
  EXPECT_EQ(store.runs()->back().id, run);
}

// Each makes a store that must not come in.
struct Sabotage {
  const char* name;
  std::string sql;
  const char* line;  // after the file's name
};

TEST_F(StoreMerge, WhatDiffersFromWhatIsHereIsRefused) {
  make(there_);
  ASSERT_EQ(refusal(there_), "");
  const std::string before = rows_of(here_);
  const std::string pristine = bytes_of(there_);
  const Sabotage rows[] = {
      {"another outcome", "UPDATE verdicts SET outcome = 'pass'",
       "found 'pass', here it is 'fail'"},
      {"another reason", "UPDATE failures SET reason = 'x'", "failures.reason: "},
      {"another time", "UPDATE decodes SET prefill_ns = 1", "found 1, here it is 1500000000"},
      {"no time", "UPDATE decodes SET prefill_ns = NULL", "found nothing, here it is 1500000000"},
      {"other samples", "UPDATE cells SET token_ns = x'', group_ns = x''", "cells.token_ns: "},
      {"another command", "UPDATE runs SET command = 'rm'", "runs.command: "},
      {"another end", "UPDATE runs SET outcome = 'exit 1'", "runs.outcome: "},
      {"another answer", "UPDATE sweeps SET answer_json = '{}'", "sweeps.answer_json: "},
      {"another figure", "UPDATE verdict_figures SET value = 0.5", "verdict_figures.value: "},
      {"a figure more",
       "INSERT INTO verdict_figures SELECT verdict_id, 9, metric, value, at_least, at_most FROM "
       "verdict_figures WHERE position = 0",
       "found more or fewer rows of it than are here"},
      {"a figure fewer", "DELETE FROM verdict_figures WHERE position = 2",
       "found more or fewer rows of it than are here"},
      {"no figures", "DELETE FROM verdict_figures", "found more or fewer rows"},
      {"no loads", "DELETE FROM activations; DELETE FROM loads", "found more or fewer rows"},
      {"a counter more", "INSERT INTO decode_counters SELECT id, 'extra', 1 FROM decodes",
       "found more or fewer rows"},
      {"a block more of a sweep that has ended",
       "INSERT INTO blocks SELECT x'018bcfe56800700080000000000000ff', run_id, sweep_id, trial, 7, "
       "seed, began_unix_ms, wall_ns, noise_json FROM blocks WHERE block = 0",
       "found a block more of a sweep that has ended"},
      {"a block under another id",
       "PRAGMA foreign_keys = OFF; UPDATE loads SET block_id = x'018bcfe56800700080000000000000ff' "
       "WHERE block_id = (SELECT min(id) FROM blocks); "
       "UPDATE activations SET block_id = x'018bcfe56800700080000000000000ff' "
       "WHERE block_id = (SELECT min(id) FROM blocks); "
       "UPDATE cells SET block_id = x'018bcfe56800700080000000000000ff' "
       "WHERE block_id = (SELECT min(id) FROM blocks); "
       "UPDATE cell_counters SET block_id = x'018bcfe56800700080000000000000ff' "
       "WHERE block_id = (SELECT min(id) FROM blocks); "
       "UPDATE blocks SET id = x'018bcfe56800700080000000000000ff' "
       "WHERE id = (SELECT min(id) FROM blocks)",
       "found what is here under another id"},
  };
  for (const Sabotage& row : rows) {
    SCOPED_TRACE(row.name);
    write_bytes(there_, pristine);
    run_raw(there_, row.sql);
    EXPECT_THAT(refusal(there_), AllOf(StartsWith(there_.string() + ": "), HasSubstr(row.line)));
    EXPECT_EQ(rows_of(here_), before);
  }
}

TEST_F(StoreMerge, AHostileStoreIsRefusedByTableAndColumn) {
  make(here_);
  make(there_);
  const std::string before = rows_of(here_);
  const std::string pristine = bytes_of(there_);
  const std::string no_keys = "PRAGMA foreign_keys = OFF; ";
  const Sabotage rows[] = {
      {"a trigger", "CREATE TRIGGER t AFTER INSERT ON runs BEGIN SELECT 1; END",
       "found a foreign trigger 't'"},
      {"a view", "CREATE VIEW v AS SELECT 1", "found a foreign view 'v'"},
      {"a table", "CREATE TABLE t (x)", "found a foreign table 't'"},
      {"a newer version", "PRAGMA user_version = 999", "written by a newer version"},
      {"another program's", "PRAGMA application_id = 1", "a database of another program"},
      {"a rule broken", "PRAGMA ignore_check_constraints = ON; UPDATE verdicts SET outcome = 'ok'",
       "CHECK constraint failed in verdicts"},
      {"a run that is not there", no_keys + "DELETE FROM runs",
       "found a row that refers to one of runs that is not there"},
      {"a runner that is not there", no_keys + "DELETE FROM runners",
       ".runner: found a row that refers to one of runners"},
      {"an arm that is not there", no_keys + "DELETE FROM arms", "cells.arm_hash: found a row"},
      {"samples of half a number",
       "PRAGMA ignore_check_constraints = ON; UPDATE cells SET token_ns = x'0102030405'", "cells"},
      {"groups that do not fit", "UPDATE decodes SET group_ns = x'0000000000000000'",
       "decodes.group_ns: found 1 times"},
      {"an infinite figure", "UPDATE verdict_figures SET at_most = -9e999",
       "verdict_figures.at_most: found -inf, want a finite number"},
      {"arguments that are no list", "UPDATE runs SET arguments_json = '{}'",
       "runs.arguments_json: found"},
      {"no JSON", "UPDATE sweeps SET spec_json = '{'", "sweeps.spec_json: "},
      {"JSON of another kind", "UPDATE blocks SET noise_json = '[]'", "blocks.noise_json: found"},
      {"JSON that is deep", "UPDATE decodes SET workload_json = printf('%.*c', 100000, '[')",
       "decodes.workload_json: "},
      {"a workload that is no object", "UPDATE decodes SET workload_json = '7'",
       "decodes.workload_json: found another kind of JSON"},
      {"a seed that is none", "UPDATE runs SET seed = '-1'", "runs.seed: found '-1'"},
      {"an id of another version", "UPDATE probes SET id = x'018bcfe5680040008000000000000001'",
       "probes.id: found the id"},
      {"an id of another variant", "UPDATE probes SET id = x'018bcfe5680070000000000000000001'",
       "want a UUID of version 7"},
      {"an id from the end of time", "UPDATE failures SET id = x'7fffffffffff70008000000000000001'",
       "failures.id: found the id 7fffffff-ffff-7000-8000-000000000001, made more than a day from "
       "now"},
      {"a hash that is none", "UPDATE decodes SET split_key = '../../x'",
       "decodes.split_key: found '../../x', want 32 hexadecimal digits"},
      {"another machine's hash", "UPDATE provenances SET host = 'other'",
       "provenances.hash: found another hash"},
      {"another runner's fingerprint", "UPDATE runners SET device = 'ANE'",
       "runners.fingerprint: found another hash"},
      {"another shard's hash", "UPDATE shards SET layer_end = 20",
       "shards.hash: found the hash of"},
      {"another arm's hash", "UPDATE arms SET arm = 'control' WHERE arm = '32'",
       "arms.hash: found another hash"},
      {"another artifact's hash", "UPDATE artifacts SET bytes = 1",
       "artifacts.hash: found another"},
      {"another contract", "UPDATE models SET contract_json = replace(contract_json, '48', '64')",
       "models.contract_hash: found another hash"},
      {"an intent that was changed afterwards", "UPDATE journal_entries SET intent = 'I knew'",
       "journal_entries.hash: found another hash than that of the row"},
      {"an intent that was dated back", "UPDATE journal_entries SET began_unix_ms = -9",
       "journal_entries.hash: found another hash than that of the row"},
      {"an entry that leads out of its folder", "UPDATE journal_entries SET name = '../../x'",
       "journal_entries.name: found '../../x'"},
      {"an outcome that leads out of its folder", "UPDATE journal_outcomes SET name = '/x'",
       "journal_outcomes.name: found '/x'"},
      {"hypotheses that are no list", "UPDATE journal_entries SET hypotheses_json = '{}'",
       "journal_entries.hypotheses_json: found"},
      {"a load out of order",
       no_keys + "DELETE FROM loads WHERE position = 0; "
                 "DELETE FROM activations WHERE position = 0",
       "loads.position: found a gap"},
  };
  for (const Sabotage& row : rows) {
    SCOPED_TRACE(row.name);
    write_bytes(there_, pristine);
    run_raw(there_, row.sql);
    const std::string found = bytes_of(there_);
    EXPECT_THAT(refusal(there_), AllOf(StartsWith(there_.string() + ": "), HasSubstr(row.line),
                                       Not(HasSubstr("\n")), Not(HasSubstr("copy.db"))));
    EXPECT_EQ(rows_of(here_), before);
    EXPECT_EQ(bytes_of(there_), found);
  }
  EXPECT_FALSE(is_something_left());
}

TEST_F(StoreMerge, WhatIsNoFileOfItsOwnIsRefused) {
  make(here_);
  make(there_);
  const std::filesystem::path link = folder_.path() / "link.db";
  std::filesystem::create_symlink(there_, link);
  EXPECT_EQ(refusal(link), link.string() + ": found a link, want a store");
  EXPECT_EQ(refusal(folder_.path()),
            folder_.path().string() + ": found no regular file, want a store");
  EXPECT_THAT(refusal(folder_.path() / "none.db"), HasSubstr("none.db: No such file"));
  EXPECT_EQ(refusal(here_), here_.string() + ": found this store itself, want another one");
  write_bytes(there_.string() + "-journal", "x");
  EXPECT_THAT(refusal(there_), HasSubstr("found a rollback journal"));
  std::filesystem::remove(there_.string() + "-journal");
  std::filesystem::create_symlink("/etc/passwd", there_.string() + "-wal");
  EXPECT_EQ(refusal(there_), there_.string() + "-wal: found a link, want a store");
  std::filesystem::remove(there_.string() + "-wal");
  write_bytes(there_, "no database at all");
  EXPECT_THAT(refusal(there_), HasSubstr("no SQLite database"));
  write_bytes(there_, "");
  EXPECT_NE(refusal(there_), "");
}

TEST_F(StoreMerge, AnArtifactThatLiesOutsideIsRefused) {
  Store store = open(there_);
  const Uuid run = *store.begin_run(sample_run());
  ArtifactRow artifact = sample_artifact();
  artifact.path = "artifacts/../../../etc";
  ASSERT_TRUE(store.put_artifact(run, artifact));
  EXPECT_THAT(refusal(there_), HasSubstr("artifacts.path: found '..' in it"));
}

TEST_F(StoreMerge, KilledInTheMiddleLeavesTheStoreAsItWas) {
  make(here_);
  make(there_, 2000);
  const std::string before = rows_of(here_);
  for (const rlim_t bytes : {rlim_t{400'000}, rlim_t{900'000}}) {
    const ChildProcess child([&](const auto& say) {
      Store store = open(here_);
      say("opened ");
      // The copy of the source fits, or not; so does a part of the log.
      const rlimit of_files{bytes, bytes};
      const rlimit of_cores{0, 0};
      FUSESWEEP_CHECK(setrlimit(RLIMIT_FSIZE, &of_files) == 0);
      FUSESWEEP_CHECK(setrlimit(RLIMIT_CORE, &of_cores) == 0);
      static_cast<void>(store.merge({there_}, MergeMode::kCommit));
      say("went on");
    });
    EXPECT_EQ(child.hear_all(), "opened ");
    EXPECT_EQ(rows_of(here_), before);
  }
  EXPECT_EQ(refusal(there_), "");
}

TEST_F(StoreMerge, AnExportOfEverythingIsTheSameStore) {
  make(there_);
  {
    VerdictRow of_model = sample_verdict("contract");
    of_model.subject = {.kind = "model", .key = sample_model().hash, .text = "nano"};
    Store filled = open(there_);
    ASSERT_TRUE(filled.put_verdict(*filled.begin_run(sample_run()), of_model));
  }
  const Store store = open(there_, Access::kRead);
  const std::vector<RunRow> rows = *store.runs();
  std::vector<Uuid> runs;
  for (const RunRow& run : rows) runs.push_back(run.id);
  const std::filesystem::path out = folder_.path() / "out.db";
  ASSERT_TRUE(store.export_runs(runs, out));
  EXPECT_EQ(rows_of(out), rows_of(there_));
  EXPECT_EQ(refusal(out), "");
  EXPECT_EQ(rows_of(here_), rows_of(there_));
}

TEST_F(StoreMerge, AnExportHasOnlyWhatItsRunsLeadTo) {
  make(there_);
  Store store = open(there_);
  const Uuid other = *store.begin_run(sample_run());
  ASSERT_TRUE(store.put_verdict(other, sample_verdict("residency")));
  const std::filesystem::path out = folder_.path() / "out.db";
  ASSERT_TRUE(store.export_runs({other}, out));
  const Everything all = everything_in(out);
  ASSERT_THAT(all.runs, SizeIs(1));
  EXPECT_EQ(all.runs[0].id, other);
  EXPECT_THAT(all.verdicts, ElementsAre(sample_verdict("residency")));
  EXPECT_THAT(all.sweeps, IsEmpty());
  EXPECT_THAT(all.decodes, IsEmpty());
  EXPECT_THAT(all.runners, ElementsAre(sample_runner()));
}

TEST_F(StoreMerge, AnExportOfARunOfASweepHasTheWholeSweep) {
  Store store = open(there_);
  const Uuid first = *store.begin_run(sample_run());
  const Uuid sweep = *store.begin_sweep(first, sample_sweep());
  ASSERT_TRUE(store.put_block(first, sweep, sample_block(0)));
  const Uuid second = *store.begin_run(sample_run());
  ASSERT_TRUE(store.put_block(second, sweep, sample_block(1)));
  const Uuid third = *store.begin_run(sample_run());
  EXPECT_THAT(*store.closure_of({second}), ElementsAre(first, second));
  EXPECT_THAT(*store.closure_of({third}), ElementsAre(third));
  const std::filesystem::path out = folder_.path() / "out.db";
  ASSERT_TRUE(store.export_runs({second}, out));
  EXPECT_THAT(everything_in(out).blocks, ElementsAre(sample_block(0), sample_block(1)));
}

TEST_F(StoreMerge, AnExportOfASweepHasItsJournalAndTheOtherWayRound) {
  Store store = open(there_);
  const Uuid measured = *store.begin_run(sample_run());
  const Uuid sweep = *store.begin_sweep(measured, sample_sweep());
  const Uuid meant = *store.begin_run(sample_run());
  const Uuid entry = store.put_journal_entry(meant, sample_intent())->id;
  const Uuid ended = *store.begin_run(sample_run());
  ASSERT_TRUE(store.put_journal_outcome(
      ended, {.name = sample_intent().name, .entry = entry, .sweep = sweep}));
  EXPECT_THAT(*store.closure_of({measured}), ElementsAre(measured, meant, ended));
  EXPECT_THAT(*store.closure_of({ended}), ElementsAre(measured, meant, ended));
  EXPECT_THAT(*store.closure_of({meant}), ElementsAre(meant));
  const std::filesystem::path out = folder_.path() / "out.db";
  ASSERT_TRUE(store.export_runs({measured}, out));
  const Everything all = everything_in(out);
  EXPECT_THAT(all.journal_entries, SizeIs(1));
  EXPECT_THAT(all.journal_outcomes, SizeIs(1));
}

TEST_F(StoreMerge, AnExportNeverReplaces) {
  make(there_);
  const std::filesystem::path out = folder_.path() / "out.db";
  write_bytes(out, "mine");
  EXPECT_EQ(open(there_).export_runs({}, out).error().message,
            out.string() + ": found a file of that name, want a new one");
  EXPECT_EQ(bytes_of(out), "mine");
  std::filesystem::remove(out);
  std::filesystem::create_symlink(folder_.path() / "nowhere", out);
  EXPECT_THAT(open(there_).export_runs({}, out).error().message, HasSubstr("want a new one"));
}

TEST_F(StoreMerge, WhatARunStoredIsCounted) {
  make(there_, 3);
  const Store store = open(there_);
  const std::vector<RunRow> runs = *store.runs();
  const Uuid run = runs.at(0).id;
  EXPECT_EQ(store.contents_of_runs()->at(run), (RunContents{.artifacts = 1,
                                                            .verdicts = 3,
                                                            .probes = 1,
                                                            .failures = 1,
                                                            .decodes = 1,
                                                            .sweeps = 1,
                                                            .blocks = 2,
                                                            .journal_entries = 1,
                                                            .journal_outcomes = 2,
                                                            .runners = {"cpu"}}));
  const std::vector<MeasuredTrial> trials = *store.trials_measured_by(run);
  ASSERT_THAT(trials, SizeIs(1));
  EXPECT_EQ(trials[0].blocks, 2);
  EXPECT_EQ(trials[0].wall_ns, 2 * sample_block().wall_ns);
}

}  // namespace
}  // namespace fusesweep
