#include "harness/cli/plot_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A work folder with a sweep of recorded facts in it, which takes no time.
class PlotCommand : public testing::Test {
 protected:
  void SetUp() override {
    const Ran swept =
        run({"sweep", "--runner", "replay:phi4-mini-m4max", "--work", work()}, FUSESWEEP_PROGRAM);
    ASSERT_THAT(swept.out, HasSubstr("no winner")) << swept.err;
  }
  std::string work() const { return folder_.path() / "work"; }
  std::string path(const char* name) const { return folder_.path() / name; }
  Ran plot(std::vector<std::string> words) const {
    words.insert(words.begin(), "plot");
    words.insert(words.end(), {"--work", work()});
    return run(words);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(PlotCommand, DrawsIntoFilesAndTheTerminal) {
  const Ran svg = plot({"tok-s", "-o", path("tok-s.svg"), "--keep-script"});
  EXPECT_EQ(svg.exit_code, ExitCode::kDone) << svg.err;
  EXPECT_EQ(svg.out,
            "Recorded: the runs of 3 splits overlap, none is shown to be faster; 24+6+2 is not "
            "resident\n" +
                path("tok-s.svg") + "\n" + path("tok-s.gp") + "\n" + path("tok-s.csv") + "\n");
  EXPECT_THAT(read_file(path("tok-s.svg"), 1 << 20).value_or(""), HasSubstr("RECORDED"));
  EXPECT_THAT(read_file(path("tok-s.gp"), 1 << 20).value_or(""),
              HasSubstr("set output 'tok-s.svg'"));
  EXPECT_EQ(read_file(path("tok-s.csv"), 1 << 20).value_or(""), plot({"tok-s", "--csv"}).out);
  for (const char* kind : {"tok-s", "groups", "cliff", "cold-warm", "golden", "trend"}) {
    SCOPED_TRACE(kind);
    const Ran text = plot({kind, "--term"});
    EXPECT_EQ(text.exit_code, ExitCode::kDone) << text.err;
    EXPECT_THAT(text.out,
                HasSubstr(std::string(kind) == "trend" ? "Nothing was measured yet" : "phi4-mini"));
    EXPECT_EQ(plot({kind, "-o", path("picture.png")}).exit_code, ExitCode::kDone);
  }
}

TEST_F(PlotCommand, TellsProgramsWhatItWrote) {
  const Ran ran = plot({"tok-s", "-o", path("tok-s.svg"), "--json"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  const auto json = nlohmann::ordered_json::parse(ran.out);
  EXPECT_EQ(json.begin().key(), "schema_version");
  EXPECT_EQ(json["kind"], "tok-s");
  EXPECT_THAT(json["title"].get<std::string>(), HasSubstr("24+6+2 is not resident"));
  EXPECT_EQ(json["picture"], path("tok-s.svg"));
  EXPECT_EQ(json["script"], nullptr);
  EXPECT_EQ(plot({"tok-s", "--csv", "--json"}).exit_code, ExitCode::kUsage);
}

TEST_F(PlotCommand, ATrendMayBeOfARecordAlone) {
  const Ran ran = plot({"trend", "--recorded", "phi4-mini-m4max", "--term"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("recorded"));
}

TEST_F(PlotCommand, WithoutGnuplotTheDataAreThere) {
  const char* before = std::getenv("PATH");
  const std::string kept = before == nullptr ? "" : before;
  setenv("PATH", "/nonexistent", 1);
  const Ran ran = plot({"tok-s", "-o", path("a.svg")});
  const Ran text = plot({"tok-s", "--term"});
  setenv("PATH", kept.c_str(), 1);
  EXPECT_EQ(ran.exit_code, ExitCode::kEnvironment);
  EXPECT_THAT(ran.err, AllOf(StartsWith("fusesweep plot: found no gnuplot in $PATH"),
                             HasSubstr("gnuplot-nox"), HasSubstr("its data are in '")));
  EXPECT_THAT(read_file(path("a.csv"), 1 << 20).value_or(""), StartsWith("evidence,split,"));
  EXPECT_FALSE(std::filesystem::exists(path("a.svg")));
  EXPECT_EQ(text.exit_code, ExitCode::kEnvironment);
}

TEST_F(PlotCommand, WhatCannotBeDrawnIsSaid) {
  const struct {
    std::vector<std::string> words;
    const char* message;
  } rows[] = {
      {{"tok-s"}, "want one of -o FILE, --term and --csv"},
      {{"tok-s", "--term", "--csv"}, "want one of -o FILE, --term and --csv"},
      {{"tok-s", "--term", "--keep-script"}, "--keep-script: want -o FILE, beside which it lies"},
      {{"tok-s", "-o", "a.gif"}, "-o: found 'a.gif', want a name that ends in .svg, .png or .pdf"},
      {{"speed", "--csv"},
       "KIND: found 'speed', want one of tok-s, groups, cliff, cold-warm, golden, segments, trend, "
       "power, speculation"},
      {{"power", "--csv", "--sweep", "0"},
       "--sweep: power is of the newest selfcheck, not of a sweep"},
      {{"trend", "--csv", "--sweep", "0"}, "--sweep: a trend is of all sweeps"},
      {{"tok-s", "--csv", "--recorded", "x"},
       "--recorded: want the kind trend; others are of a sweep's replay"},
      {{"segments", "--csv"}, "found no optimize that has ended: fusesweep optimize makes one"},
      {{"segments", "--csv", "--sweep", "ffffff"},
       "sweep 'ffffff': found none or several whose id begins so, want one"},
      {{"speculation", "--csv"},
       "found no speculate that has ended: fusesweep speculate makes one"},
      {{"speculation", "--csv", "--sweep", "ffffff"},
       "sweep 'ffffff': found none or several whose id begins so, want one"},
      {{"power", "--csv"}, "found no selfcheck that has ended: fusesweep selfcheck makes one"},
      {{"tok-s", "--csv", "--sweep", "ffffff"},
       "sweep 'ffffff': found 0 whose id begins so, want one"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran ran = plot(row.words);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.err, std::string("fusesweep plot: ") + row.message + "\n");
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace fusesweep
