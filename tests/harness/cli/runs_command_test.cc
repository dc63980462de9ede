// `fusesweep runs`, as a user types it.
#include "harness/cli/runs_command.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/stored_runs.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class Runs : public testing::Test {
 protected:
  Runs() {
    clock_.set_wall(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
  }

  Store open(const std::string& work) const {
    std::filesystem::create_directories(work);
    return *Store::open(work + "/fusesweep.db", Access::kWrite, clock_);
  }

  void make(const std::string& work) const {
    Store store = open(work);
    ASSERT_TRUE(fill(store, 1));
  }

  // An hour later, by somebody who means no good.
  void add_hostile_run(const std::string& work) {
    clock_.advance(std::chrono::hours(1));
    Store store = open(work);
    RunStart start = sample_run();
    start.command = "=cmd()\n\"$(x)\" `y`";
    start.provenance.host = std::string(10'000, 'h');
    start.provenance.cpu = "\u202E@SUM(A1) \x1b[31m\u05D0";
    const Uuid run = *store.begin_run(start);
    DecodeRow decode = sample_decode();
    decode.split = "=1+1,\"x\"\r\n$(reboot)";
    ASSERT_TRUE(store.put_runner(sample_runner()));
    ASSERT_TRUE(store.put_decode(run, decode));
  }

  static std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const std::string here_ = folder_.path() / "here";
  const std::string there_ = folder_.path() / "there";
};

TEST_F(Runs, AreListedOldestFirst) {
  make(here_);
  add_hostile_run(here_);
  const std::string host = std::string(37, 'h') + "...";
  EXPECT_EQ(
      run({"runs", "list", "--work", here_}).out,
      fmt::format(
          "run       started (UTC)        command             outcome     {:<40}  runner  "
          "stored\n"
          "018bcfe5  2023-11-14 22:13:20  gate                done        {:<40}  cpu     1 "
          "artifact, 1 verdict, 1 probe, 1 failure, 1 decode, 1 sweep, 2 blocks, 1 intent, 2 "
          "outcomes\n"
          "018bd01c  2023-11-14 23:13:20  =cmd()\\n\"$(x)\" `y`  unfinished  {:<40}  cpu     1 "
          "decode\n",
          "host", "box", host));
  EXPECT_THAT(run({"runs", "list", "--work", here_, "--command", "gate"}).out,
              Not(HasSubstr("cmd")));
  EXPECT_THAT(run({"runs", "list", "--work", here_, "--since", "2023-11-14T23:00:00"}).out,
              Not(HasSubstr("gate")));
  EXPECT_EQ(run({"runs", "list", "--work", here_, "--since", "2023-11-15"}).out, "no runs\n");
  const auto json = nlohmann::json::parse(run({"runs", "list", "--work", here_, "--json"}).out);
  EXPECT_THAT(json["runs"], SizeIs(2));
  EXPECT_EQ(json["runs"][0]["stored"]["blocks"], 2);
  EXPECT_EQ(json["runs"][0]["runners"][0], "cpu");
  const std::string csv = run({"runs", "list", "--work", here_, "--csv"}).out;
  EXPECT_THAT(csv, AllOf(StartsWith("run,started_unix_ms,"),
                         HasSubstr(",\"'=cmd()\n\"\"$(x)\"\" `y`\",,hhh")));
}

TEST_F(Runs, AreShownWithAllThatTheyLeadTo) {
  make(here_);
  EXPECT_THAT(
      run({"runs", "show", "018b", "--work", here_}).out,
      AllOf(HasSubstr("arguments  '--split' '16+16' 'a \"quoted\" one' ''\n"),
            HasSubstr("seed       18446744073709551615\n"),
            HasSubstr("started    2023-11-14 22:13:20 UTC\n"),
            HasSubstr("machine    box, a CPU, an OS, a kernel\n"),
            HasSubstr("  shard [0,16): golden 0: fail: relative_l2 0.1, want at most 0.05\n"
                      "    relative_l2 0.1, want at most 0.05\n"),
            HasSubstr("    rmse -\n"), HasSubstr("  [0,16) once more: not resident, time-out"),
            HasSubstr(": inspect: it died\n"),
            HasSubstr("  16+16: 0.000 ms/token, 3906250.000 tok/s, TTFT 1500.000 ms, 3 steps after "
                      "16 tokens (measured)\n"),
            HasSubstr(": 2 blocks in 4.7 s\n")));
  const auto json =
      nlohmann::json::parse(run({"runs", "show", "018b", "--work", here_, "--json"}).out);
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["provenance"]["machine"]["cpus_usable"], 2);
  EXPECT_EQ(json["decodes"][0]["token_ns"], nlohmann::json::parse("[1,256,9000000000000]"));
  EXPECT_EQ(json["verdicts"][0]["figures"][2]["value"], nullptr);
}

TEST_F(Runs, AnIdThatIsNoneOrSeveralIsOneLine) {
  make(here_);
  add_hostile_run(here_);
  const Ran several = run({"runs", "show", "018b", "--work", here_});
  EXPECT_EQ(several.exit_code, ExitCode::kUsage);
  EXPECT_THAT(several.err, AllOf(StartsWith("fusesweep runs show: found 2 runs '018b', want more "
                                            "of the id, such as 018bcfe5-687b-7"),
                                 testing::EndsWith("\n")));
  EXPECT_EQ(run({"runs", "show", "ff", "--work", here_}).err,
            "fusesweep runs show: found no run 'ff', want the beginning of the id of one\n");
  EXPECT_EQ(run({"runs", "show", "", "--work", here_}).exit_code, ExitCode::kUsage);
  EXPECT_EQ(run({"runs", "show", "018bcfe5687b", "--work", here_}).exit_code, ExitCode::kDone);
  EXPECT_EQ(run({"runs", "list", "--since", "14.11.2023", "--work", here_}).err,
            "fusesweep runs list: --since: found '14.11.2023', want a date such as 2026-01-31 or "
            "2026-01-31T22:13:20 (UTC)\n");
}

TEST_F(Runs, GoFromOneMachineToAnotherOnce) {
  make(there_);
  const std::string file = folder_.path() / "out.db";
  EXPECT_EQ(run({"runs", "export", "--work", there_, "-o", file}).out, file + ": 1 runs\n");
  EXPECT_THAT(run({"runs", "import", file, "--work", here_, "--dry-run"}).out,
              StartsWith("would be new: "));
  EXPECT_FALSE(std::filesystem::exists(here_));
  const Ran first = run({"runs", "import", file, "--work", here_});
  EXPECT_THAT(first.out, AllOf(StartsWith("new: "), HasSubstr("\nblocks ")));
  EXPECT_EQ(run({"runs", "import", file, "--work", here_}).out, "nothing new\n");
  EXPECT_EQ(run({"runs", "merge", file, file, "--work", here_}).out, "nothing new\n");
  const auto json =
      nlohmann::json::parse(run({"runs", "merge", file, "--work", here_, "--json"}).out);
  EXPECT_EQ(json["new_rows"], 0);
  EXPECT_EQ(json["tables"][2]["table"], "runs");
  EXPECT_EQ(json["tables"][2]["known"], 1);
  EXPECT_EQ(run({"runs", "show", "018b", "--work", here_, "--json"}).out,
            run({"runs", "show", "018b", "--work", there_, "--json"}).out);
  EXPECT_EQ(run({"runs", "import", "/no/such.db", "--work", here_}).err,
            "fusesweep runs import: /no/such.db: No such file or directory\n");
  EXPECT_THAT(run({"runs", "export", "--work", there_, "-o", file}).err,
              HasSubstr("found a file of that name, want a new one"));
}

TEST_F(Runs, AreExportedAsJsonAndCsvAndBenchmarks) {
  make(here_);
  add_hostile_run(here_);
  const std::string json = folder_.path() / "out.json";
  const std::string csv = folder_.path() / "out.csv";
  const std::string gbench = folder_.path() / "out.gbench.json";
  for (const std::string& file : {json, csv, gbench}) {
    const Ran ran = run({"runs", "export", "--work", here_, "-o", file});
    EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
    EXPECT_EQ(run({"runs", "export", "--work", here_, "-o", file}).exit_code, ExitCode::kUsage);
  }
  const auto document = nlohmann::json::parse(text_of(json));
  EXPECT_THAT(document["runs"], SizeIs(2));
  EXPECT_THAT(document["sweeps"][0]["blocks"], SizeIs(2));
  const auto benchmarks = nlohmann::json::parse(text_of(gbench));
  EXPECT_EQ(benchmarks["context"]["host_name"], "box");
  EXPECT_THAT(benchmarks["benchmarks"], SizeIs(8));
  const std::string table = text_of(csv);
  const std::string first = to_text(open(here_).runs()->front().id);
  EXPECT_THAT(
      table,
      AllOf(StartsWith("kind,run,sweep,trial,name,split,standing,verdict,reason,runner,host,"
                       "cpu_info,build_commit,n_threads,n_depth,n_gen,rounds,test_time,avg_ns,"
                       "stddev_ns,avg_ts,stddev_ts,ms_per_token,ttft_ms\n"),
            HasSubstr("\narm," + first), HasSubstr("2023-11-14T22:13:20Z"),
            HasSubstr("\ndecode," + first + ",,,,16+16,,,,cpu,box,a CPU," + std::string(40, 'a') +
                      ",,16,3,1,,9000000000257,,"),
            HasSubstr(",\"'=1+1,\"\"x\"\"\r\n$(reboot)\","), HasSubstr(std::string(10'000, 'h')),
            Not(HasSubstr("\x1b"))));
  EXPECT_THAT(run({"runs", "export", "--work", here_, "-o", "x.xlsx"}).err,
              HasSubstr("want a name that ends in .db, .json, .csv or .gbench.json"));
}

}  // namespace
}  // namespace fusesweep
