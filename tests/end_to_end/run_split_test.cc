#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A small model of three layers and a work folder, and the command with runners as real children.
class RunSplit : public TypedCommand {
 protected:
  RunSplit() : TypedCommand(FUSESWEEP_PROGRAM) { write_small_model(folder_.path() / "small.gguf"); }

  std::string model() const { return folder_.path() / "small.gguf"; }

  // The manifest that bench has written.
  std::string manifest() const {
    const std::filesystem::directory_iterator manifests(folder_.path() / "work" / "manifests");
    return manifests->path();
  }
};

TEST_F(RunSplit, BenchBuildsWhatIsMissingAndTimesEveryGroupUngated) {
  const std::vector<std::string> typed = {
      "bench", "--model",  model(), "--split",         "2+1", "--context", "32", "-n",
      "4",     "--repeat", "2",     "--prompt-tokens", "5"};
  const auto bench = run_json(typed);
  EXPECT_EQ(bench["split"], "2+1");
  EXPECT_EQ(bench["standing"], "ungated");
  EXPECT_EQ(bench["evidence"], "measured");
  ASSERT_EQ(bench["passes"].size(), 2U);
  const auto& pass = bench["passes"][0];
  EXPECT_THAT(pass["groups"].get<std::vector<std::string>>(),
              ElementsAre("embed", "host", "[0,2)", "[2,3)", "head"));
  EXPECT_EQ(pass["token_ns"].size(), 4U);
  EXPECT_EQ(pass["ids"], bench["passes"][1]["ids"]);
  EXPECT_GT(bench["tok_per_s"], 0);
  EXPECT_EQ(bench["groups"].size(), 5U);
  EXPECT_GT(bench["loads"][0]["activation_ns"], 0);

  const Ran table = run_here(typed);
  EXPECT_THAT(table.out, AllOf(HasSubstr("2+1 of small.gguf on cpu"), HasSubstr("\nungated: "),
                               HasSubstr("\nemulated, not a property of the device: "),
                               HasSubstr("\n[2,3)  ")));
}

TEST_F(RunSplit, BenchShowsEveryRecordedRunOnceAndWorksNothingOut) {
  const std::vector<std::string> typed = {"bench", "--runner", "replay:phi4-mini-m4max", "--split",
                                          "12+12+6+2"};
  const auto bench = run_json(typed);
  EXPECT_EQ(bench["evidence"], "recorded");
  EXPECT_FALSE(bench.contains("tok_per_s"));
  std::vector<double> runs;
  for (const auto& pass : bench["passes"]) runs.push_back(pass["recorded"]["decode_tok_per_s"]);
  EXPECT_THAT(runs, ElementsAre(16.598, 17.159, 16.659));
  EXPECT_THAT(run_here(typed).out,
              AllOf(HasSubstr("recorded: "), HasSubstr("old contract"), Not(HasSubstr("decode "))));

  const Ran never = run_here({"bench", "--runner", "replay:phi4-mini-m4max", "--split", "24+6+2"});
  EXPECT_EQ(never.exit_code, ExitCode::kEnvironment);
  EXPECT_THAT(never.err, HasSubstr("not recorded: 24+6+2 never ran"));
}

TEST_F(RunSplit, GenerateGivesTheIdsThatTheReferenceGives) {
  run_json({"bench", "--model", model(), "--split", "2+1", "--context", "32", "-n", "1"});
  const Ran generated =
      run_here({"generate", "--manifest", manifest(), "--ids", "1,2,3", "-n", "8"});
  EXPECT_EQ(generated.exit_code, ExitCode::kDone) << generated.err;
  EXPECT_THAT(generated.err, HasSubstr("decode 7 tokens in "));
  const Ran reference = run({"model", "reference", model(), "--ids", "1,2,3", "--generate", "8",
                             "--weights", "int8-per-tensor", "--context", "32", "--json"});
  const auto ids = nlohmann::json::parse(reference.out)["generated_ids"];
  EXPECT_EQ(nlohmann::json::parse("[" + generated.out + "]"), ids);
  EXPECT_EQ(run_json({"generate", "--manifest", manifest(), "--ids", "1,2,3", "-n", "8"})["ids"],
            ids);
}

TEST_F(RunSplit, ErrorsAreOneLineThatSaysWhere) {
  std::ofstream(folder_.path() / "prompts.json") << "[[1,99]]";
  const struct {
    std::vector<std::string> typed;
    ExitCode exit_code;
    const char* message;
  } rows[] = {
      {{"bench", "--split", "2+1"}, ExitCode::kUsage, "--model: found nothing, want a GGUF file"},
      {{"bench", "--model", model(), "--split", "2+2"},
       ExitCode::kUsage,
       "--split: found 4 layers in all, want 3"},
      {{"bench", "--model", model(), "--split", "3", "--head-shards", "49"},
       ExitCode::kUsage,
       "--head-shards: "},
      {{"bench", "--model", model(), "--split", "3", "--context", "65"}, ExitCode::kUsage, "65"},
      {{"bench", "--model", model(), "--split", "3", "--context", "32", "-n", "40"},
       ExitCode::kUsage,
       "found 56 positions, want at most 32"},
      {{"bench", "--model", model(), "--split", "3", "--prompts", folder_.path() / "prompts.json"},
       ExitCode::kUsage,
       "prompts.json[0][1]: found 99"},
      {{"bench", "--model", "none.gguf", "--split", "3"}, ExitCode::kUsage, "none.gguf"},
      {{"bench", "--runner", "gpu", "--split", "3"},
       ExitCode::kUsage,
       "found 'gpu', want one of cpu"},
      {{"bench", "--runner", "-- false", "--split", "3"},
       ExitCode::kEnvironment,
       "exited with status 1"},
      {{"generate", "--manifest", "none.json", "--ids", "1"}, ExitCode::kUsage, "none.json"},
      {{"generate", "--manifest", "none.json", "--ids", "1,x"},
       ExitCode::kUsage,
       "--ids: found 'x'"},
      {{"generate", "--manifest", "none.json", "--ids", "1", "-n", "0"},
       ExitCode::kUsage,
       "-n: found '0'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.typed));
    const Ran ran = run_here(row.typed);
    EXPECT_EQ(ran.exit_code, row.exit_code) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(row.message));
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(RunSplit, EveryKindThatIsBuiltInPassesItsOwnCheck) {
  for (const char* kind : {"cpu", "replay:phi4-mini-m4max"}) {
    const Ran ran =
        run({"runner", "check", kind, "--work", folder_.path().string()}, FUSESWEEP_PROGRAM);
    EXPECT_EQ(ran.exit_code, ExitCode::kDone) << kind << ran.out << ran.err;
  }
}

}  // namespace
}  // namespace fusesweep
