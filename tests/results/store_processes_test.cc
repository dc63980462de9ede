// One store and several processes: what each was told to be stored is there, whatever the others do
// and however a process ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "results/store.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kVerdictsEach = 500;

// The system kills this process when it writes beyond so many bytes of a file.
void die_beyond(rlim_t file_bytes) {
  const rlimit of_files{file_bytes, file_bytes};
  const rlimit of_cores{0, 0};
  FUSESWEEP_CHECK(setrlimit(RLIMIT_FSIZE, &of_files) == 0);
  FUSESWEEP_CHECK(setrlimit(RLIMIT_CORE, &of_cores) == 0);
}

// 48 MB, far more than SQLite's cache: much of it is in the log long before it is whole.
BlockRow huge_block(int number) {
  BlockRow block{.block = number, .trial = sample_block().trial};
  CellRow cell = sample_cell("control", 0, 0);
  cell.token_ns.assign(1000, 1);
  cell.group_ns.assign(1000, {1, 2});
  block.cells.assign(2000, cell);
  for (int round = 0; CellRow & each : block.cells) each.round = round++;
  return block;
}

class StoreProcesses : public testing::Test {
 protected:
  using Children = std::vector<std::unique_ptr<ChildProcess>>;

  Result<Store> open(Access access) const { return Store::open(file_, access, clock_); }

  void make() const {
    Store store = *open(Access::kWrite);
    ASSERT_TRUE(store.put_runner(sample_runner()));
  }

  struct Begun {
    Uuid run;
    Uuid sweep;
  };
  Begun begin_sweep() const {
    Store store = *open(Access::kWrite);
    const Uuid run = *store.begin_run(sample_run());
    return {run, *store.begin_sweep(run, sample_sweep())};
  }

  // Says nothing when all went well.
  std::string write_verdicts(int count) const {
    Result<Store> store = open(Access::kWrite);
    if (!store) return store.error().message;
    const Result<Uuid> run = store->begin_run(sample_run());
    if (!run) return run.error().message;
    for (int i = 0; i < count; ++i) {
      const auto put = store->put_verdict(*run, sample_verdict("gate " + std::to_string(i)));
      if (!put) return put.error().message;
    }
    return "";
  }

  // Reads whole verdicts in ever greater numbers.
  std::string read_verdicts(int times) const {
    const Result<Store> store = open(Access::kRead);
    if (!store) return store.error().message;
    std::size_t before = 0;
    for (int i = 0; i < times; ++i) {
      std::vector<std::string> errors;
      const Everything all = read_everything(*store, errors);
      if (!errors.empty()) return errors.front();
      if (all.verdicts.size() < before) return "verdicts were lost";
      before = all.verdicts.size();
      for (const VerdictRow& row : all.verdicts) {
        if (row.verdict.figures != sample_verdict().verdict.figures) return "half a verdict";
      }
    }
    return "";
  }

  const SystemClock clock_{};
  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
};

TEST_F(StoreProcesses, TwoThatWriteAndTwoThatReadLoseNothing) {
  make();
  Children children;
  for (int i = 0; i < 2; ++i) {
    children.push_back(std::make_unique<ChildProcess>(
        [&](const auto& say) { say(write_verdicts(kVerdictsEach)); }));
    children.push_back(
        std::make_unique<ChildProcess>([&](const auto& say) { say(read_verdicts(10)); }));
  }
  for (const auto& child : children) EXPECT_EQ(child->hear_all(), "");

  const Store store = *open(Access::kRead);
  const std::vector<RunRow> runs = *store.runs();
  ASSERT_THAT(runs, SizeIs(2));
  for (const RunRow& run : runs) {
    const std::vector<VerdictRow> verdicts = *store.verdicts_of(run.id);
    ASSERT_THAT(verdicts, SizeIs(kVerdictsEach));
    for (int i = 0; i < kVerdictsEach; ++i)
      EXPECT_EQ(verdicts[static_cast<std::size_t>(i)], sample_verdict("gate " + std::to_string(i)));
  }
}

TEST_F(StoreProcesses, ThatMakeTheFileAtOnceUseTheSameOne) {
  Children children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(std::make_unique<ChildProcess>([&](const auto& say) {
      Result<Store> store = open(Access::kWrite);
      if (!store) return say(store.error().message);
      const auto run = store->begin_run(sample_run());
      if (!run) return say(run.error().message);
    }));
  }
  for (const auto& child : children) EXPECT_EQ(child->hear_all(), "");
  EXPECT_EQ(open(Access::kRead)->runs()->size(), 8U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(StoreProcesses, OneThatIsKilledLosesNothingThatWasStored) {
  make();
  std::size_t stored = 0;
  for (const std::size_t heard : {1U, 17U, 60U, 200U}) {
    ChildProcess child([&](const auto& say) {
      Store store = *open(Access::kWrite);
      const Uuid run = *store.begin_run(sample_run());
      for (;;) {
        if (!store.put_verdict(run, sample_verdict())) return;
        say(".");
      }
    });
    stored += child.hear(heard).size();
    child.kill_now();
    stored += child.hear_all().size();
    std::vector<std::string> errors;
    const Everything all = read_everything(*open(Access::kRead), errors);
    EXPECT_THAT(errors, IsEmpty());
    EXPECT_GE(all.verdicts.size(), stored);
    EXPECT_LE(all.verdicts.size(), stored + 1);  // stored, and killed before it said so
    EXPECT_THAT(all.verdicts, Each(sample_verdict()));
    stored = all.verdicts.size();
  }
  EXPECT_GE(stored, 278U);
}

TEST_F(StoreProcesses, OneThatIsKilledWhileItStoresABlockLeavesNoneOfIt) {
  const Begun begun = begin_sweep();
  ASSERT_TRUE(open(Access::kWrite)->put_block(begun.run, begun.sweep, sample_block(0)));
  const struct {
    const char* name;
    BlockRow block;
    rlim_t file_bytes;
  } rows[] = {{"at once", sample_block(1), 100},
              {"as it commits", sample_block(1), 20'000},
              {"before it commits", huge_block(1), 5'000'000},
              {"long after it began", huge_block(1), 40'000'000}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const ChildProcess child([&](const auto& say) {
      Store store = *open(Access::kWrite);
      say("opened ");
      die_beyond(row.file_bytes);
      static_cast<void>(store.put_block(begun.run, begun.sweep, row.block));
      say("went on");
    });
    EXPECT_EQ(child.hear_all(), "opened ");
    EXPECT_THAT(*open(Access::kRead)->blocks_of(begun.sweep, row.block.trial),
                ElementsAre(sample_block(0)));
    SQLite::Database database(file_.string());
    for (const auto& [table, count] : {std::pair{"blocks", 1},
                                       {"arms", 3},
                                       {"loads", 3},
                                       {"activations", 3},
                                       {"cells", 6},
                                       {"cell_counters", 8}}) {
      EXPECT_EQ(database.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt(), count)
          << table;
    }
  }
  EXPECT_TRUE(open(Access::kWrite)->put_block(begun.run, begun.sweep, huge_block(1)));
  EXPECT_EQ(open(Access::kRead)->blocks_of(begun.sweep, sample_block().trial)->back(),
            huge_block(1));
}

TEST_F(StoreProcesses, OneThatIsKilledLosesNoBlockThatWasStored) {
  const Begun begun = begin_sweep();
  std::size_t stored = 0;
  for (const std::size_t heard : {1U, 17U, 60U}) {
    ChildProcess child([&](const auto& say) {
      Store store = *open(Access::kWrite);
      int next = static_cast<int>(stored);
      while (store.put_block(begun.run, begun.sweep, sample_block(next++))) say(".");
    });
    stored += child.hear(heard).size();
    child.kill_now();
    stored += child.hear_all().size();
    const std::vector<BlockRow> blocks =
        *open(Access::kRead)->blocks_of(begun.sweep, sample_block().trial);
    EXPECT_GE(blocks.size(), stored);
    EXPECT_LE(blocks.size(), stored + 1);  // stored, and killed before it said so
    for (int i = 0; i < std::ssize(blocks); ++i)
      EXPECT_EQ(blocks[static_cast<std::size_t>(i)], sample_block(i));
    stored = blocks.size();
  }
  EXPECT_GE(stored, 78U);
}

TEST_F(StoreProcesses, OneThatIsKilledWhileItMakesTheFileLeavesNoneThatIsHalf) {
  for (int i = 0; i < 20; ++i) {
    ChildProcess child([&](const auto& say) {
      say(".");
      static_cast<void>(open(Access::kWrite));
      say(".");
    });
    child.hear(1);
    child.kill_now();
    child.hear_all();
    EXPECT_TRUE(open(Access::kWrite));
    std::filesystem::remove(file_);
  }
}

}  // namespace
}  // namespace fusesweep
