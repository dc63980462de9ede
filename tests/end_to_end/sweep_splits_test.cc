// The main job as a user types it, and what is left of it when it is killed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "results/store.h"
#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class SweepSplits : public TypedCommand {
 protected:
  SweepSplits() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model(folder_.path() / "small.gguf");
  }

  std::vector<std::string> sweep(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> typed = {"sweep",
                                      "--model",
                                      folder_.path() / "small.gguf",
                                      "--splits",
                                      "3,2+1,1+2,1+1+1",
                                      "--context",
                                      "32",
                                      "--threads",
                                      "1",
                                      "--residency-limit",
                                      "20000",
                                      "--prompt-tokens",
                                      "4",
                                      "-n",
                                      "6",
                                      "--turn-tokens",
                                      "4",
                                      "--budget-s",
                                      "1",
                                      "--positions",
                                      "8",
                                      "--gate-prompts",
                                      "1",
                                      "--gate-prompt-tokens",
                                      "8",
                                      "--greedy-tokens",
                                      "4"};
    typed.insert(typed.end(), more.begin(), more.end());
    return typed;
  }

  // Starts the command in a process group of its own and kills all of that after a while; whether it
  // had ended before.
  bool run_and_kill(std::vector<std::string> typed, std::chrono::microseconds after) const {
    typed.insert(typed.end(), {"--work", work().string()});
    typed.insert(typed.begin(), FUSESWEEP_PROGRAM);
    std::vector<char*> words;
    for (std::string& word : typed) words.push_back(word.data());
    words.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&files);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    FUSESWEEP_CHECK(posix_spawn(&child, words[0], &files, &attributes, words.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    std::this_thread::sleep_for(after);  // any moment will do
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status);
  }

  // Without what two runs of the same may differ in.
  static nlohmann::json timeless(nlohmann::json document) {
    for (const char* key : {"run", "sweep", "report", "benchmark", "work_done"})
      document.erase(key);
    return document;
  }
};

TEST_F(SweepSplits, EndsWithAnAnswerAndGoesOnWithoutDoingAnythingTwice) {
  const auto first = run_here(sweep({"--json"}));
  ASSERT_THAT(first.err, IsEmpty());
  const auto document = nlohmann::json::parse(first.out);
  EXPECT_EQ(document["evidence"], "measured");
  EXPECT_EQ(document["cliff"]["edge"]["last_resident"], 2);
  EXPECT_EQ(document["candidates"].size(), 4U);
  EXPECT_EQ(document["candidates"][0]["name"], "3");
  EXPECT_EQ(document["candidates"][0]["qualified"], false);
  EXPECT_EQ(document["candidates"][0]["tok_per_s"], nullptr);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(document["candidates"][i]["qualified"], true) << document["candidates"][i].dump();
    EXPECT_GT(document["candidates"][i]["tok_per_s"], 0);
  }
  EXPECT_GE(document["blocks"], 6);
  EXPECT_TRUE(std::filesystem::exists(document["report"].get<std::string>()));
  const std::string blocks = document["benchmark"].get<std::string>();
  EXPECT_THAT(blocks, EndsWith(document["sweep"].get<std::string>() + ".benchmark.json"));
  // Three splits and the control's twin, in each block once a round.
  const Result<std::string> benchmarks = read_file(blocks, 10'000'000);
  ASSERT_TRUE(benchmarks.has_value()) << benchmarks.error().message;
  const auto rounds = nlohmann::json::parse(*benchmarks)["benchmarks"].size();
  EXPECT_GE(rounds, 4 * document["blocks"].get<std::size_t>());

  const auto again = nlohmann::json::parse(run_here(sweep({"--json"})).out);
  EXPECT_EQ(again["work_done"], 0);
  EXPECT_EQ(timeless(again), timeless(document));
  EXPECT_THAT(run_here(sweep()).out,
              AllOf(HasSubstr("nothing was left to do"), HasSubstr("real: every weight"),
                    HasSubstr("emulated, not a property of the device")));
}

// Names of the folders of artifacts that a manifest leads to; of no manifest, none.
std::set<std::string> artifacts_of(const nlohmann::json& manifest) {
  std::set<std::string> names;
  if (manifest.is_null()) return names;
  const std::string text = read_file(manifest.get<std::string>(), 1 << 20).value();
  const RuntimeManifest read = parse_runtime_manifest(text, "manifest").value();
  names.insert(std::filesystem::path(read.embedding).parent_path().filename());
  for (const auto* shards : {&read.layers, &read.head}) {
    for (const ManifestShard& shard : *shards) names.insert(shard.artifact);
  }
  return names;
}

TEST_F(SweepSplits, WhatGcLeavesIsTheBestSplitAndTheAnswerStaysWhatItWas) {
  const auto document = nlohmann::json::parse(run_here(sweep({"--json"})).out);
  const std::set<std::string> best = artifacts_of(document["manifest"]);
  const auto collected = run_json({"gc"});
  std::set<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(work() / "artifacts"))
    left.insert(entry.path().filename());
  EXPECT_EQ(left, best);
  EXPECT_GT(collected["count"], 3);
  EXPECT_EQ(collected["kept"].size(), best.size());
  EXPECT_TRUE(collected["left_alone"].empty()) << collected["left_alone"].dump();
  EXPECT_EQ(run_json({"gc"})["count"], 0);

  const auto again = nlohmann::json::parse(run_here(sweep({"--json"})).out);
  EXPECT_EQ(again["work_done"], 0);
  EXPECT_EQ(timeless(again), timeless(document));
}

TEST_F(SweepSplits, KilledAnywhereItLosesNothingAndCountsNothingTwice) {
  std::mt19937 random(7);
  bool has_ended = false;
  int kills = 0;
  for (; kills < 60 && !has_ended; ++kills)
    has_ended = run_and_kill(sweep(), std::chrono::microseconds(20'000 + random() % 400'000));
  const auto document = nlohmann::json::parse(run_here(sweep({"--json"})).out);
  EXPECT_GE(kills, 3);
  EXPECT_GE(document["blocks"], 6);
  const SystemClock clock;
  const Store store = *Store::open(work() / "fusesweep.db", Access::kRead, clock);
  // No shard was built twice: a build that was finished is found by its hash.
  std::multiset<std::string> built;
  const std::vector<RunRow> runs = *store.runs();
  for (const RunRow& run : runs) {
    const std::vector<ArtifactRow> artifacts = *store.artifacts_of(run.id);
    for (const ArtifactRow& artifact : artifacts) {
      if (artifact.build_ns) built.insert(artifact.content_hash);
    }
  }
  for (const std::string& content : built) EXPECT_EQ(built.count(content), 1U);
  const std::vector<StoredSweep> sweeps = *store.sweeps();
  for (const StoredSweep& sweep : sweeps) {
    const std::vector<std::string> trials = *store.trials_of(sweep.id);
    for (const std::string& trial : trials) {
      const std::vector<BlockRow> blocks = *store.blocks_of(sweep.id, trial);
      int number = 0;
      for (const BlockRow& block : blocks) {
        EXPECT_EQ(block.block, number++);
        EXPECT_EQ(block.cells.size(),
                  4U * 8U);  // three arms and the twin, four decodings in two turns
      }
      EXPECT_EQ(number, document["blocks"]);
    }
  }
}

TEST_F(SweepSplits, OfARecordKilledAnywhereEndsAsIfUndisturbed) {
  const std::vector<std::string> typed = {"sweep", "--runner", "replay:phi4-mini-m4max"};
  const auto undisturbed = run_json(typed);
  std::filesystem::remove_all(work());
  std::mt19937 random(11);
  for (int i = 0; i < 50; ++i)
    run_and_kill(typed, std::chrono::microseconds(5'000 + random() % 60'000));
  EXPECT_EQ(timeless(run_json(typed)), timeless(undisturbed));
  EXPECT_EQ(undisturbed["best"], nullptr);
  EXPECT_EQ(undisturbed["tie"], nullptr);
  EXPECT_THAT(
      run_here(typed).out,
      AllOf(HasSubstr("no winner: the runs of these 3 splits lie within each other's spread"),
            HasSubstr("24+6+2"), HasSubstr("disqualified: residency of [0,24)"),
            HasSubstr("* old contract")));
}

TEST_F(SweepSplits, LeavesAPageThatReportWritesAgain) {
  const std::vector<std::string> typed = {"sweep", "--runner", "replay:phi4-mini-m4max"};
  const auto swept = run_json(typed);
  const std::string id = swept["sweep"];
  EXPECT_TRUE(std::filesystem::exists(work() / "reports" / (id + ".html")));
  EXPECT_TRUE(std::filesystem::exists(work() / "reports" / (id + ".md")));
  EXPECT_EQ(swept["benchmark"], nullptr);  // it measured nothing

  const std::string folder = folder_.path() / "out";
  const auto one = run_json(
      {"report", "--sweep", id.substr(0, 8), "--format", "html,md,csv,json", "-o", folder});
  EXPECT_EQ(one["sweep"], id);
  EXPECT_EQ(one["outcome"], "recorded");
  EXPECT_EQ(one["files"].size(), 4U);
  for (const auto& file : one["files"]) EXPECT_TRUE(std::filesystem::exists(std::string(file)));

  const auto all = run_json({"report", "--all", "-o", folder});
  EXPECT_EQ(all["sweeps"].size(), 1U);
  EXPECT_EQ(all["files"].size(), 0U);  // its page is newer than its end
  EXPECT_EQ(all["index"][0], folder + "/index.html");
  EXPECT_THAT(run_here({"report"}).out, HasSubstr(id + ".html\n"));
}

TEST_F(SweepSplits, AReportOfWhatIsNotThereIsAnErrorInALine) {
  const struct {
    std::vector<std::string> typed;
    const char* message;
    ExitCode exit_code;
  } rows[] = {
      {{"report"}, "fusesweep.db", ExitCode::kUsage},
      {{"report", "--format", "docx"}, "--format: found 'docx', want some of", ExitCode::kUsage},
      {{"report", "--all", "--sweep", "0"}, "found both --all and --sweep", ExitCode::kUsage},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran ran = run_here(row.typed);
    EXPECT_EQ(ran.exit_code, row.exit_code);
    EXPECT_THAT(ran.err, HasSubstr(row.message));
  }
}

TEST_F(SweepSplits, WithoutARunnerNothingCanBeAnswered) {
  auto typed = sweep({"--runner", "-- /bin/false"});
  const Ran ran = run_here(typed);
  EXPECT_EQ(ran.exit_code, ExitCode::kEnvironment);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
}

TEST_F(SweepSplits, WithEveryCandidateDisqualifiedThereIsNoAnswer) {
  auto typed = sweep();
  *std::find(typed.begin(), typed.end(), "20000") = "1";
  const Ran ran = run_here(typed);
  EXPECT_EQ(ran.exit_code, ExitCode::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("no answer: every candidate is disqualified"));
}

TEST_F(SweepSplits, ErrorsAreOneLineThatSaysWhere) {
  const struct {
    std::vector<std::string> typed;
    const char* message;
  } rows[] = {
      {sweep({"--target-rel", "2"}), "--target-rel: found '2', want a share above 0"},
      {sweep({"--budget-s", "0"}), "--budget-s"},
      {sweep({"--family", "spiral"}), "--family: "},
      {{"sweep", "--model", folder_.path() / "small.gguf", "--splits", "3", "--context", "32"},
       "--context: found 32 positions, want at least"},
      {{"sweep", "--runner", "abacus"}, "found 'abacus', want one of cpu"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran ran = run_here(row.typed);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace fusesweep
