// `fusesweep baseline`, as a user types it, with shards that were really built.
#include "harness/cli/baseline_command.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "harness/cli/baseline_contents.h"
#include "results/baseline.h"
#include "results/folder_archive.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/replay/stand_in.h"
#include "tests/results/sample_baseline.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/ran_command.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

using std::filesystem::perms;
constexpr perms kExecutable = perms::owner_exec | perms::group_exec | perms::others_exec;

bool is_executable(const std::filesystem::path& path) {
  return (std::filesystem::status(path).permissions() & kExecutable) != perms::none;
}

class BaselineCommand : public testing::Test {
 protected:
  // One model and its shards, for all tests.
  static void SetUpTestSuite() {
    built_ = new TemporaryFolder(memory_folder());
    write_small_model(built_->path() / "small.gguf");
    const ModelFile model = *open_model_file(built_->path() / "small.gguf", 1);
    const SystemClock clock;
    Progress progress({}, clock);
    template_ = new Baseline(sample_baseline());
    template_->model = {.hash = model.hash, .name = "small", .contract = model.contract};
    for (BaselineShard& shard : template_->shards) {
      shard.identity = shard_of(model, shard.identity);
      const Artifact artifact =
          *build_shard(model, shard.identity, built_->path() / "artifacts", {}, progress);
      shard.content_hash = artifact.content_hash;
      shard.bytes = artifact.bytes;
    }
    name_shards(*template_);
  }
  static void TearDownTestSuite() {
    delete template_;
    delete built_;
  }

  static void name_shards(Baseline& baseline) {
    const auto hash = [&](std::size_t i) { return hash_of(baseline.shards[i].identity); };
    baseline.splits[0].shards = {hash(0), hash(1), hash(3), hash(4)};
    baseline.control->shards = {hash(2), hash(3), hash(4)};
  }

  // With a store, artifacts that are links, and a program.
  Baseline make(
      const std::string& work, const std::string& name,
      const std::function<void(Baseline&)>& change = [](Baseline&) {}) {
    const std::filesystem::path folder = baseline_folder(work + "/baselines", name);
    std::filesystem::create_directories(baseline_artifacts(folder));
    Baseline baseline = *template_;
    baseline.name = name;
    baseline.sweep = make_store(baseline_store(folder));
    for (const BaselineShard& shard : baseline.shards) {
      const std::string hash = hash_of(shard.identity);
      std::filesystem::copy(built_->path() / "artifacts" / hash, baseline_artifacts(folder) / hash,
                            std::filesystem::copy_options::recursive |
                                std::filesystem::copy_options::create_hard_links);
    }
    put(baseline_program(folder), "#!/bin/sh\ntouch was-started\n");
    std::filesystem::permissions(baseline_program(folder), kExecutable,
                                 std::filesystem::perm_options::add);
    baseline.runner.program_hash = to_hex(*hash_file(baseline_program(folder), 1));
    change(baseline);
    EXPECT_TRUE(write_baseline(baseline, folder));
    return baseline;
  }

  Uuid make_store(const std::filesystem::path& file) {
    clock_.advance(std::chrono::hours(1));
    Store store = *Store::open(file, Access::kWrite, clock_);
    EXPECT_TRUE(fill(store, 1));
    return store.sweeps()->front().id;
  }

  // What an import of such a folder says, and that it leaves nothing.
  std::string refusal(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder_.path() / "refused.tar.zst";
    Progress progress({}, clock_);
    EXPECT_TRUE(pack_folder(folder, file, progress));
    const Ran ran = run({"baseline", "import", file, "--work", there_, "--trust-program"});
    EXPECT_NE(ran.exit_code, ExitCode::kDone);
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(!std::filesystem::exists(there_ + "/baselines") ||
                std::filesystem::is_empty(there_ + "/baselines"));
    return ran.err;
  }

  static TemporaryFolder* built_;
  static Baseline* template_;

  FakeClock clock_ = [] {
    FakeClock clock;
    clock.set_wall(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
    return clock;
  }();
  const TemporaryFolder folder_{memory_folder()};
  const std::string here_ = folder_.path() / "here";
  const std::string there_ = folder_.path() / "there";
  const std::string file_ = folder_.path() / "july.tar.zst";
};

TemporaryFolder* BaselineCommand::built_ = nullptr;
Baseline* BaselineCommand::template_ = nullptr;

TEST_F(BaselineCommand, ListsThemByName) {
  EXPECT_EQ(run({"baseline", "list", "--work", here_}).out,
            "no baseline yet: fusesweep baseline set\n");
  make(here_, "july");
  make(here_, "august", [](Baseline& baseline) {
    baseline.model.name = "\x1b[31mred\n";
    baseline.provenance.host = std::string(1000, 'h');
    baseline.runner.may_start = false;
  });
  std::filesystem::create_directories(here_ + "/baselines/broken");
  const std::string text = run({"baseline", "list", "--work", here_}).out;
  EXPECT_THAT(
      text,
      AllOf(StartsWith("baseline  set (UTC)            model          splits  tok/s  runner"),
            HasSubstr("\naugust    2023-11-14 22:13:20  \\x1b[31mred\\n  2+1     40.00  cpu "
                      "0.1.0  hhh"),
            HasSubstr("h...  not trusted  "), HasSubstr("\njuly      2023-11-14 22:13:20  small "),
            HasSubstr("  box        "), HasSubstr("  ready        "),
            HasSubstr("\ndamaged: " + here_ + "/baselines/broken/baseline.json: ")));
  const auto json = nlohmann::json::parse(run({"baseline", "list", "--work", here_, "--json"}).out);
  EXPECT_EQ(json["schema_version"], 1);
  ASSERT_EQ(json["baselines"].size(), 3U);
  EXPECT_THAT(json["baselines"][1]["error"], HasSubstr("broken/baseline.json"));
  const auto& july = json["baselines"][2];
  EXPECT_EQ(july["name"], "july");
  EXPECT_EQ(july["program"], "ready");
  EXPECT_EQ(july["splits"][0]["tok_per_s"], 40);
  EXPECT_LT(july["bytes_alone"], july["bytes"]);
}

TEST_F(BaselineCommand, ShowsAllOfOne) {
  const Baseline baseline = make(here_, "july");
  const Ran ran = run({"baseline", "show", "july", "--work", here_});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  const BaselineShard& shard = baseline.shards.front();
  EXPECT_THAT(
      ran.out,
      AllOf(StartsWith("baseline   july\n"), HasSubstr("\nset        2023-11-14 22:13:20 UTC\n"),
            HasSubstr("\nmodel      small, hash " + baseline.model.hash +
                      ", file /models/small.gguf\n"),
            HasSubstr("  cpu 0.1.0 on a CPU, 2 cores (cpu), measured; emulated: residency limit\n"),
            HasSubstr("  command    fusesweep 'runner' 'serve' 'cpu'\n"),
            HasSubstr("  program    ready, a copy, hash " + baseline.runner.program_hash + "\n"),
            HasSubstr("  machine    box, a CPU, an OS, a kernel\n"),
            HasSubstr("\nsplits\n  2+1: 40.00 tok/s, 25.000 ms/token; split 2+1, T=1, context 8"),
            HasSubstr("\ncontrol\n  3: 37.74 tok/s"),
            HasSubstr("\n    full-stack: fail: relative_l2 0.1, want at most 0.05\n      "
                      "relative_l2 0.1, want at most 0.05\n"),
            HasSubstr("\nshards\n  layers[0,2): " + hash_of(shard.identity)),
            HasSubstr("\n    content " + shard.content_hash +
                      "\n    8 x conv on vector, "
                      "int8_conv.avx3\n    2 x add on ref\n")));
  auto json =
      nlohmann::json::parse(run({"baseline", "show", "july", "--work", here_, "--json"}).out);
  EXPECT_EQ(json["program"], "ready");
  for (const char* fact : {"folder", "program", "bytes", "bytes_alone"}) json.erase(fact);
  EXPECT_EQ(*parse_baseline(json.dump(), "x"), baseline);

  EXPECT_EQ(run({"baseline", "show", "june", "--work", here_}).err,
            "fusesweep baseline show: found no baseline 'june', want one of july\n");
  EXPECT_EQ(run({"baseline", "show", "../here", "--work", here_}).exit_code, ExitCode::kUsage);
}

TEST_F(BaselineCommand, TextOfOthersDoesNoHarmOnATerminal) {
  make(here_, "july", [](Baseline& baseline) {
    const std::string hostile = "\x1b]0;x\x07\n\u202E$(reboot)";
    baseline.model.name = baseline.runner.row.name = baseline.runner.row.version = hostile;
    baseline.runner.row.device = baseline.runner.row.toolchain = hostile;
    baseline.runner.row.device_kind = baseline.runner.kind = hostile;
    baseline.runner.row.emulated = baseline.runner.words = {hostile};
    baseline.model_file = "/" + hostile;
    baseline.provenance.program_version = baseline.provenance.compiler = hostile;
    baseline.provenance.compiler_flags = baseline.provenance.build_type = hostile;
    baseline.provenance.git_revision = baseline.provenance.host = baseline.provenance.cpu = hostile;
    baseline.provenance.os = baseline.provenance.kernel = hostile;
    baseline.provenance.machine = {{hostile, hostile}};
    baseline.splits[0].name = hostile;
    const GateVerdict verdict{
        .gate = hostile, .reason = hostile, .figures = {{.name = hostile, .value = 1}}};
    baseline.splits[0].verdicts = baseline.shards[0].verdicts = {verdict};
    baseline.shards[0].kinds = {{hostile, hostile, hostile, 1}};
  });
  for (const std::vector<std::string>& words : {std::vector<std::string>{"show", "july"},
                                                {"list"},
                                                {"show", "july", "--json"},
                                                {"list", "--json"},
                                                {"export", "july", "-o", file_}}) {
    std::vector<std::string> typed = {"baseline"};
    typed.insert(typed.end(), words.begin(), words.end());
    typed.insert(typed.end(), {"--work", here_});
    const Ran ran = run(typed);
    EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
    EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
    // JSON keeps them: whoever shows it decides.
    EXPECT_TRUE(words.back() == "--json" || ran.out.find("\u202E") == std::string::npos);
  }
}

TEST_F(BaselineCommand, IsRemoved) {
  make(here_, "july");
  make(here_, "august");
  EXPECT_THAT(run({"baseline", "rm", "july", "--work", here_}).out,
              AllOf(StartsWith("removed july: "), HasSubstr(" freed\n")));
  EXPECT_FALSE(std::filesystem::exists(here_ + "/baselines/july"));
  EXPECT_TRUE(std::filesystem::exists(here_ + "/baselines/august"));
  EXPECT_TRUE(check_content(list_artifacts(built_->path() / "artifacts").front(), 1));
  EXPECT_EQ(run({"baseline", "rm", "july", "--work", here_}).err,
            "fusesweep baseline rm: found no baseline 'july', want one of august\n");
  EXPECT_EQ(run({"baseline", "rm", "..", "--work", here_}).exit_code, ExitCode::kUsage);
  const auto json =
      nlohmann::json::parse(run({"baseline", "rm", "august", "--work", here_, "--json"}).out);
  EXPECT_EQ(json["removed"], "august");
  EXPECT_GT(json["freed_bytes"], 0);
}

TEST_F(BaselineCommand, GoesFromOneMachineToAnotherWithoutItsProgram) {
  Baseline baseline = make(here_, "july");
  const Ran exported = run({"baseline", "export", "july", "-o", file_, "--work", here_});
  EXPECT_EQ(exported.exit_code, ExitCode::kDone) << exported.err;
  EXPECT_THAT(exported.out, StartsWith(file_ + ": 1 split, 5 shards, "));
  const Ran imported = run({"baseline", "import", file_, "--work", there_});
  EXPECT_EQ(imported.exit_code, ExitCode::kDone) << imported.err;
  EXPECT_THAT(imported.out,
              AllOf(StartsWith("july: 1 split, 5 shards, "),
                    HasSubstr("\nits program was left out: --trust-program takes it in\n"),
                    HasSubstr("\nwill not be started: fusesweep 'runner' 'serve' 'cpu'\n")));
  const std::filesystem::path folder = there_ + "/baselines/july";
  baseline.runner.is_copied = baseline.runner.may_start = false;
  EXPECT_EQ(*find_baseline(there_ + "/baselines", "july"), baseline);
  EXPECT_FALSE(std::filesystem::exists(baseline_program(folder).parent_path()));
  EXPECT_EQ(hash_tree(baseline_artifacts(folder), 1)->hash,
            hash_tree(baseline_artifacts(here_ + "/baselines/july"), 1)->hash);
  EXPECT_EQ(state_of_program(baseline, folder), ProgramState::kNotTrusted);

  // And on, from there.
  const std::string second = folder_.path() / "second.tar.zst";
  EXPECT_EQ(run({"baseline", "export", "july", "-o", second, "--work", there_}).exit_code,
            ExitCode::kDone);
  EXPECT_EQ(run({"baseline", "import", second, "--work", here_}).err,
            "fusesweep baseline import: " + here_ +
                "/baselines/july: found a baseline of that name, want another: --as\n");
  EXPECT_EQ(run({"baseline", "import", second, "--as", "back", "--work", here_}).exit_code,
            ExitCode::kDone);
  EXPECT_EQ(find_baseline(here_ + "/baselines", "back")->name, "back");
  EXPECT_THAT(run({"baseline", "import", second, "--as", ".x", "--work", here_}).err,
              HasSubstr("--as: found '.x', want the name of a baseline"));
}

TEST_F(BaselineCommand, BringsItsProgramWhereSomebodyTrustsIt) {
  const Baseline baseline = make(here_, "july");
  ASSERT_EQ(run({"baseline", "export", "july", "-o", file_, "--work", here_}).exit_code,
            ExitCode::kDone);
  const Ran imported =
      run({"baseline", "import", file_, "--work", there_, "--trust-program", "--json"});
  const auto json = nlohmann::json::parse(imported.out);
  EXPECT_EQ(json["may_start"], true);
  EXPECT_EQ(json["program_left_out"], false);
  EXPECT_EQ(json["words"][0], "runner");
  const std::filesystem::path folder = there_ + "/baselines/july";
  EXPECT_EQ(*find_baseline(there_ + "/baselines", "july"), baseline);
  EXPECT_TRUE(is_executable(baseline_program(folder)));
  EXPECT_EQ(state_of_program(baseline, folder), ProgramState::kReady);
  EXPECT_FALSE(std::filesystem::exists("was-started"));
}

TEST_F(BaselineCommand, AProgramIsReadyOnlyAsItWas) {
  Baseline baseline = make(here_, "july");
  const std::filesystem::path folder = here_ + "/baselines/july";
  const auto state = [&] { return state_of_program(baseline, folder); };
  EXPECT_EQ(state(), ProgramState::kReady);
  std::filesystem::permissions(baseline_program(folder), kExecutable,
                               std::filesystem::perm_options::remove);
  EXPECT_EQ(state(), ProgramState::kMissing);
  std::filesystem::permissions(baseline_program(folder), kExecutable,
                               std::filesystem::perm_options::add);
  std::ofstream(baseline_program(folder), std::ios::app) << "more\n";
  EXPECT_EQ(state(), ProgramState::kAltered);
  std::filesystem::remove(baseline_program(folder));
  EXPECT_EQ(state(), ProgramState::kMissing);

  baseline.runner.is_copied = false;
  EXPECT_EQ(state(), ProgramState::kMissing);
  baseline.runner.kind = "-- sh runner";
  baseline.runner.words = {"sh", "runner"};
  EXPECT_EQ(state(), ProgramState::kAltered);
  baseline.runner.program_hash.clear();
  EXPECT_EQ(state(), ProgramState::kReady);
  baseline.runner.words = {"no-such-program-anywhere"};
  EXPECT_EQ(state(), ProgramState::kMissing);
  baseline.runner.may_start = false;
  EXPECT_EQ(state(), ProgramState::kNotTrusted);
}

TEST_F(BaselineCommand, WhatIsNotWhatTheDocumentSaysIsNotTakenIn) {
  const struct {
    const char* name;
    std::function<void(const std::filesystem::path& folder, const std::filesystem::path& shard)>
        change;
    const char* error;
  } rows[] = {
      {"a stray file", [](auto& folder, auto&) { put(folder / "x", "x"); },
       "found 'x', which does not belong there"},
      {"a stray folder among the shards",
       [](auto& folder, auto&) { put(baseline_artifacts(folder) / "x" / "y", "x"); },
       "artifacts: found 'x', which does not belong there"},
      {"a stray file beside a package", [](auto&, auto& shard) { put(shard / "x", "x"); },
       "found 'x', which does not belong there"},
      {"a stray file in a package",
       [](auto&, auto& shard) { put(shard / "layers_0_2.mlpackage" / "x", "x"); },
       "as it was built"},
      {"other weights",
       [](auto&, auto& shard) {
         const std::filesystem::path weights =
             shard / "layers_0_2.mlpackage/Data/com.apple.CoreML/weights/weight.bin";
         std::string bytes = *read_file(weights, 1 << 20);
         bytes.back() ^= 1;
         std::filesystem::remove(weights);  // which others link to
         put(weights, bytes);
       },
       "as it was built"},
      {"another index",
       [](auto&, auto& shard) {
         auto json = nlohmann::json::parse(*read_file(shard / "artifact.json", 1 << 20));
         json["content_hash"] = std::string(32, '0');
         std::filesystem::remove(shard / "artifact.json");
         put(shard / "artifact.json", json.dump());
       },
       "as in the baseline"},
      {"no index", [](auto&, auto& shard) { std::filesystem::remove(shard / "artifact.json"); },
       "does not belong there"},
      {"no shard", [](auto&, auto& shard) { std::filesystem::remove_all(shard); },
       "artifacts: found no '"},
      {"no shards",
       [](auto& folder, auto&) { std::filesystem::remove_all(baseline_artifacts(folder)); },
       "found no 'artifacts'"},
      {"another program", [](auto& folder, auto&) { put(baseline_program(folder), "x"); },
       "found a program of hash"},
      {"no program", [](auto& folder, auto&) { std::filesystem::remove(baseline_program(folder)); },
       "runner: found no 'fusesweep'"},
      {"two programs", [](auto& folder, auto&) { put(folder / "runner" / "x", "x"); },
       "runner: found 'x', which does not belong there"},
      {"no store", [](auto& folder, auto&) { std::filesystem::remove(baseline_store(folder)); },
       "store.db: No such file"},
      {"something else for a store",
       [](auto& folder, auto&) { put(baseline_store(folder), std::string(5000, 'x')); },
       "store.db: found a file that is no SQLite database"},
      {"something beside the store",
       [](auto& folder, auto&) { put(folder / "store.db-journal", "x"); },
       "found a rollback journal"},
      {"a store of another sweep",
       [this](auto& folder, auto&) {
         std::filesystem::remove(baseline_store(folder));
         make_store(baseline_store(folder));
       },
       "store.db: found no sweep "},
      {"half a document", [](auto& folder, auto&) { put(baseline_document(folder), "{"); },
       "baseline.json: parse error"},
      {"no document",
       [](auto& folder, auto&) { std::filesystem::remove(baseline_document(folder)); },
       "found 'store.db' first, want 'baseline.json'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string work = folder_.path() / "sabotaged";
    const Baseline baseline = make(work, "july");
    const std::filesystem::path folder = work + "/baselines/july";
    row.change(folder, baseline_artifacts(folder) / hash_of(baseline.shards.front().identity));
    const std::string error = refusal(folder);
    EXPECT_THAT(error, AllOf(StartsWith("fusesweep baseline import: "), HasSubstr(row.error)));
    EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 1) << error;
    // Nor is it sent anywhere.
    const std::string out = folder_.path() / "out.tar.zst";
    EXPECT_NE(run({"baseline", "export", "july", "-o", out, "--work", work}).exit_code,
              ExitCode::kDone);
    EXPECT_FALSE(std::filesystem::exists(out));
    std::filesystem::remove_all(work);
  }
}

TEST_F(BaselineCommand, LimitsHoldBeforeAnythingIsKept) {
  make(here_, "july");
  ASSERT_EQ(run({"baseline", "export", "july", "-o", file_, "--work", here_}).exit_code,
            ExitCode::kDone);
  const Ran ran = run({"baseline", "import", file_, "--work", there_, "--max-bytes", "20kB"});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_THAT(ran.err, HasSubstr("want at most 20000 in all"));
  EXPECT_TRUE(std::filesystem::is_empty(there_ + "/baselines"));
  EXPECT_THAT(run({"baseline", "import", file_, "--work", there_, "--max-bytes", "much"}).err,
              StartsWith("fusesweep baseline import: --max-bytes: found 'much'"));
  EXPECT_THAT(run({"baseline", "import", "/no/such", "--work", there_}).err,
              HasSubstr("/no/such: No such file"));
}

TEST_F(BaselineCommand, AFileThatIsThereIsNotReplaced) {
  make(here_, "july");
  put(file_, "mine");
  EXPECT_EQ(run({"baseline", "export", "july", "-o", file_, "--work", here_}).err,
            "fusesweep baseline export: --output: " + file_ +
                ": found a file of that name, want a new one\n");
  EXPECT_EQ(read_file(file_, 100).value(), "mine");
}

TEST_F(BaselineCommand, OfARecordHasStandInsForShards) {
  make(here_, "july", [&](Baseline& baseline) {
    const std::filesystem::path folder = here_ + "/baselines/july";
    std::filesystem::remove_all(baseline_artifacts(folder));
    baseline.runner.row.evidence = "recorded";
    for (BaselineShard& shard : baseline.shards) {
      const StandIn made =
          *make_stand_in(shard.identity, baseline.model.contract, baseline_artifacts(folder));
      shard.content_hash = made.content_hash;
      shard.bytes = made.bytes;
    }
  });
  const Ran exported = run({"baseline", "export", "july", "-o", file_, "--work", here_});
  EXPECT_EQ(exported.exit_code, ExitCode::kDone) << exported.err;
  const Ran imported = run({"baseline", "import", file_, "--work", there_});
  EXPECT_EQ(imported.exit_code, ExitCode::kDone) << imported.err;
}

}  // namespace
}  // namespace fusesweep
