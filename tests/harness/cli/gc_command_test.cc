// `fusesweep gc`, as a user types it.
#include "harness/cli/gc_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "harness/base/folder_lock.h"
#include "harness/cli/stored_run.h"
#include "tests/support/fake_clock.h"
#include "tests/support/ran_command.h"
#include "tests/support/stored_sweeps.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class GcCommand : public testing::Test {
 protected:
  // A best split of two shards, another one that nothing needs, and what a killed command left.
  GcCommand() {
    fs::create_directories(work_);
    store_.emplace(*Store::open(work_ + "/fusesweep.db", Access::kWrite, clock_));
    sweeps_.emplace(*store_);
    const Candidate best = StoredSweeps::candidate("4+4");
    const Candidate other = StoredSweeps::candidate("6+2");
    for (const Candidate& candidate : {best, other}) {
      for (const ShardIdentity& shard : sweeps_->shards(candidate)) {
        make_artifact(work_ + "/artifacts", shard, sweeps_->model.contract);
        if (!std::holds_alternative<EmbeddingTable>(shard.kind)) sweeps_->gate(shard);
      }
    }
    sweeps_->gate_model();
    sweeps_->end({best, other}, {0});
    write_text(work_ + "/gates/x/hidden.npy", "12345");
    for (const std::size_t i : {0U, 1U}) garbage_.push_back(hash_of(sweeps_->shards(other)[i]));
  }

  Ran gc(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"gc", "--work", work_});
    return run(std::move(more));
  }

  // But for the store, whose log comes and goes with who looks at it.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(work_)) {
      const std::string name = entry.path().lexically_relative(work_).string();
      if (name.starts_with("fusesweep.db")) continue;
      files[name] = entry.is_regular_file() ? read_file(entry.path(), 1 << 20).value() : "";
    }
    return files;
  }

  std::size_t artifacts() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(work_ + "/artifacts"), {}));
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const std::string work_ = folder_.path() / "work";
  std::optional<Store> store_;
  std::optional<StoredSweeps> sweeps_;
  std::vector<std::string> garbage_;
};

TEST_F(GcCommand, SaysWhatItRemovedAndWhatItKept) {
  const Ran ran = gc();
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("scratch          gates/x  left by a command that was killed\n"),
                    HasSubstr("artifact         artifacts/" + garbage_[0] +
                              "  layers[0,6), needed by nothing\n"),
                    HasSubstr("\nremoved 3, "), EndsWith("kept 4: 4 for a best split\n")));
  EXPECT_EQ(artifacts(), 4U);
  for (const std::string& name : garbage_) EXPECT_FALSE(fs::exists(work_ + "/artifacts/" + name));
  const Ran again = gc();
  EXPECT_EQ(again.exit_code, ExitCode::kDone);
  EXPECT_EQ(again.out, "nothing to remove\nkept 4: 4 for a best split\n");
}

TEST_F(GcCommand, ADryRunSaysTheSameAndChangesNothing) {
  const auto before = files();
  const Ran dry = gc({"--dry-run"});
  EXPECT_EQ(dry.exit_code, ExitCode::kDone) << dry.err;
  EXPECT_EQ(files(), before);
  std::string said = dry.out;
  said.replace(said.find("would remove"), std::string("would remove").size(), "removed");
  EXPECT_EQ(said, gc().out);
}

TEST_F(GcCommand, AsJsonItIsOneObject) {
  write_text(work_ + "/artifacts/mine", "x");
  const auto dry = nlohmann::json::parse(gc({"--dry-run", "--json"}).out);
  EXPECT_EQ(dry["schema_version"], 1);
  EXPECT_EQ(dry["dry_run"], true);
  EXPECT_EQ(dry["work"], work_);
  EXPECT_EQ(dry["count"], 3);
  EXPECT_EQ(dry["items"][0],
            nlohmann::json::parse(R"({"kind":"scratch","path":"gates/x","bytes":5,)"
                                  R"("why":"left by a command that was killed"})"));
  std::uint64_t bytes = 0;
  for (const auto& item : dry["items"]) bytes += item["bytes"].get<std::uint64_t>();
  EXPECT_EQ(dry["bytes"], bytes);
  EXPECT_EQ(dry["kept"].size(), 4U);
  EXPECT_EQ(dry["kept"][0]["why"], "a best split");
  EXPECT_EQ(dry["left_alone"],
            nlohmann::json::parse(R"([{"path":"artifacts/mine","why":"no folder"}])"));
  EXPECT_TRUE(dry["failed"].empty());
  auto wanted = dry;
  wanted["dry_run"] = false;
  const Ran ran = gc({"--json"});
  EXPECT_THAT(ran.out, testing::StartsWith("{\"schema_version\":1,"));
  EXPECT_EQ(nlohmann::json::parse(ran.out), wanted);
}

TEST_F(GcCommand, NobodyElseMayBeAtWork) {
  const auto before = files();
  std::optional<FolderLock> sweep = *FolderLock::share(work_);
  for (const auto& flags : {std::vector<std::string>{}, std::vector<std::string>{"--dry-run"}}) {
    const Ran ran = gc(flags);
    EXPECT_EQ(ran.exit_code, ExitCode::kEnvironment);
    EXPECT_EQ(ran.err, "fusesweep gc: another fusesweep is at work in " + work_ + '\n');
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(files(), before);
  sweep.reset();
  EXPECT_EQ(gc().exit_code, ExitCode::kDone);
}

TEST_F(GcCommand, WhoWorksThereHoldsTheFolder) {
  const SystemClock clock;
  std::optional<StoredRun> at_work = *StoredRun::begin(work_, "bench", {}, clock);
  EXPECT_EQ(gc().exit_code, ExitCode::kEnvironment);
  at_work.reset();
  EXPECT_EQ(gc().exit_code, ExitCode::kDone);
}

TEST_F(GcCommand, ABaselineThatCannotBeReadEndsIt) {
  write_text(work_ + "/baselines/good/baseline.json", "{");
  const auto before = files();
  const Ran ran = gc();
  EXPECT_EQ(ran.exit_code, ExitCode::kEnvironment);
  EXPECT_THAT(
      ran.err,
      AllOf(testing::StartsWith("fusesweep gc: baseline 'good': nobody knows what it needs: "),
            EndsWith("\n"), Not(HasSubstr("\n\n"))));
  EXPECT_EQ(files(), before);
}

TEST_F(GcCommand, BaselinesBehindALinkCount) {
  write_text(folder_.path() / "elsewhere/good/baseline.json", "{");
  fs::create_directory_symlink(folder_.path() / "elsewhere", work_ + "/baselines");
  EXPECT_EQ(gc().exit_code, ExitCode::kEnvironment);
  // And one that leads nowhere is not known to have none.
  fs::remove_all(folder_.path() / "elsewhere");
  write_text(folder_.path() / "elsewhere", "a file");
  EXPECT_EQ(gc().exit_code, ExitCode::kEnvironment);
}

TEST_F(GcCommand, AFolderWithoutAStoreIsNoneOfOurs) {
  const fs::path other = folder_.path() / "other";
  write_text(other / "gates/precious", "x");
  const Ran ran = run({"gc", "--work", other});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_EQ(ran.err, "fusesweep gc: " + (other / "fusesweep.db").string() +
                         ": found no store, want a work folder of fusesweep\n");
  EXPECT_TRUE(fs::exists(other / "gates/precious"));
}

TEST_F(GcCommand, NamesFromElsewhereDoNoHarm) {
  const std::string name = "\x1b[31m\n\u202Ex";
  write_text(work_ + "/gates/" + name + "/x", "x");
  write_text(work_ + "/artifacts/" + name, "x");
  for (const Ran& ran : {gc({"--dry-run"}), gc({"--dry-run", "--json"})}) {
    EXPECT_EQ(ran.exit_code, ExitCode::kDone);
    EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("\x1b")), HasSubstr("[31m")));
  }
  gc();
  EXPECT_TRUE(fs::is_empty(work_ + "/gates"));
}

}  // namespace
}  // namespace fusesweep
