// The search for the fastest of all splits as a user types it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

class OptimizeSplits : public TypedCommand {
 protected:
  OptimizeSplits() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model(folder_.path() / "small.gguf");
  }

  // Of the four splits of three layers; the small model takes microseconds, so that little can be proven.
  std::vector<std::string> optimize(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> typed = {"optimize",
                                      "--model",
                                      folder_.path() / "small.gguf",
                                      "--context",
                                      "32",
                                      "--threads",
                                      "1",
                                      "--residency-limit",
                                      "20000",
                                      "--tail",
                                      "1",
                                      "--budget",
                                      "2",
                                      "--regret",
                                      "90%",
                                      "--prompt-tokens",
                                      "4",
                                      "-n",
                                      "6",
                                      "--decodings",
                                      "2",
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

  // The same with another value of a flag that it has, or one more.
  std::vector<std::string> optimize_with(const std::string& flag, const std::string& value) const {
    std::vector<std::string> typed = optimize();
    const auto found = std::find(typed.begin(), typed.end(), flag);
    if (found == typed.end()) return optimize({flag, value});
    *(found + 1) = value;
    return typed;
  }

  // Without what two runs of the same may differ in.
  static nlohmann::json timeless(nlohmann::json document) {
    for (const char* key : {"run", "work_done"}) document.erase(key);
    document["verification"].erase("work_done");
    return document;
  }
};

TEST_F(OptimizeSplits, EndsWithAnAnswerAndHasNothingLeftToDo) {
  const Ran first = run_here(optimize({"--json"}));
  ASSERT_THAT(first.err, IsEmpty());
  // Whether a trial of microseconds on this machine is clean is not this test's question.
  EXPECT_THAT(first.exit_code, AnyOf(ExitCode::kDone, ExitCode::kInconclusive));
  const auto document = nlohmann::json::parse(first.out);
  EXPECT_EQ(document["schema_version"], 1);
  EXPECT_EQ(document["evidence"], "measured");
  EXPECT_EQ(document["cliff"]["edge"]["last_resident"], 2);
  EXPECT_EQ(document["effort"]["splits"], "3");  // without the one of three layers
  EXPECT_EQ(document["segments"].size(), 6U);
  EXPECT_NE(document["bound_rel"], nullptr);
  EXPECT_GT(document["work_done"], 0);
  EXPECT_TRUE(std::filesystem::exists(document["report"].get<std::string>()));
  for (const auto& candidate : document["verification"]["candidates"]) {
    EXPECT_EQ(candidate["qualified"], true) << candidate.dump();
    EXPECT_GT(candidate["tok_per_s"], 0);
  }

  const Ran again = run_here(optimize({"--json"}));
  EXPECT_EQ(again.exit_code, first.exit_code);
  const auto repeated = nlohmann::json::parse(again.out);
  EXPECT_EQ(repeated["work_done"], 0);
  EXPECT_EQ(timeless(repeated), timeless(document));
  EXPECT_THAT(run_here(optimize()).out,
              AllOf(HasSubstr("nothing was left to do"), HasSubstr("real: every weight"),
                    HasSubstr("emulated, not a property of the device"),
                    HasSubstr("bound: at 95 %"), HasSubstr("may still fail a gate")));
  // The shards of the verified best are kept, the others may go.
  const Ran collected = run_here({"gc"});
  EXPECT_EQ(collected.exit_code, ExitCode::kDone) << collected.err;
}

TEST_F(OptimizeSplits, OfARecordThereIsAdviceAndNoBound) {
  const std::vector<std::string> typed = {"optimize", "--runner", "replay:phi4-mini-m4max"};
  const auto document = run_json(typed);
  EXPECT_EQ(document["evidence"], "recorded");
  EXPECT_EQ(document["end"], "not measured");
  EXPECT_EQ(document["bound_rel"], nullptr);
  EXPECT_EQ(document["chosen"], nullptr);
  EXPECT_EQ(document["verification"], nullptr);
  EXPECT_FALSE(document["advice"].empty());
  EXPECT_FALSE(document["notes"].empty());
  const Ran ran = run_here(typed);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("recorded: others saw"), HasSubstr("no answer: "),
                             HasSubstr("[24,32)"), HasSubstr("nothing was left to do")));
}

TEST_F(OptimizeSplits, WithoutASplitLeftThereIsNoAnswer) {
  const Ran ran = run_here(optimize({"--forbid", "[0,1),[0,2)"}));
  EXPECT_EQ(ran.exit_code, ExitCode::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("no answer: no split is left"));
}

TEST_F(OptimizeSplits, ErrorsAreOneLineThatSaysWhere) {
  const struct {
    std::vector<std::string> typed;
    const char* message;
  } rows[] = {
      {optimize_with("--regret", "200%"), "--regret: found '200%', want a share above 0"},
      {optimize_with("--forbid", "[0,2"), "--forbid: found '[0,2', want segments such as [0,24)"},
      {optimize_with("--forbid", "[0,9)"), "--forbid: found '[0,9)'"},
      {optimize_with("--forbid", "[0,2)[2,3)"), "--forbid: found '[0,2)[2,3)'"},
      {optimize_with("--tail", "x"), "--tail: "},
      {optimize_with("--max-builds", "0"), "--max-builds: "},
      {optimize_with("--budget", "soon"), "--budget: "},
      {{"optimize", "--model", folder_.path() / "small.gguf", "--context", "32"},
       "--context: found 32 positions, want at least"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran ran = run_here(row.typed);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(row.message));
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

}  // namespace
}  // namespace fusesweep
