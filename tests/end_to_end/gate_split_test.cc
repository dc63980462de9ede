#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

// A small model of three layers and a work folder.
class GateSplit : public TypedCommand {
 protected:
  GateSplit() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model(folder_.path() / "small.gguf");
  }

  std::vector<std::string> gate(std::vector<std::string> more) const {
    std::vector<std::string> typed = {"gate",
                                      "--model",
                                      folder_.path() / "small.gguf",
                                      "--context",
                                      "32",
                                      "--positions",
                                      "8",
                                      "--prompts",
                                      "1",
                                      "--prompt-tokens",
                                      "8",
                                      "--greedy-tokens",
                                      "4"};
    typed.insert(typed.end(), more.begin(), more.end());
    return typed;
  }

  std::vector<std::string> bench(const char* limit) const {
    return {"bench",   "--model",  folder_.path() / "small.gguf",
            "--split", "2+1",      "--context",
            "32",      "--repeat", "1",
            "-n",      "2",        "--residency-limit",
            limit};
  }

  // Outcomes by "what/gate".
  static std::map<std::string, std::string> outcomes(const nlohmann::json& document) {
    std::map<std::string, std::string> found;
    for (const auto& gated : document["gated"]) {
      for (const auto& verdict : gated["verdicts"])
        found[gated["what"].get<std::string>() + "/" + verdict["gate"].get<std::string>()] =
            verdict["outcome"];
    }
    return found;
  }
};

TEST_F(GateSplit, QualifiesWhatPassesEverythingAndBenchSaysSo) {
  const auto document = run_json(gate({"--split", "2+1", "--residency-limit", "1MiB"}));
  EXPECT_EQ(document["qualified"], true);
  EXPECT_EQ(document["disqualified_by"], nullptr);
  const auto found = outcomes(document);
  for (const char* name : {"[0,2)/weights", "[2,3)/golden-quality", "head/residency",
                           "to [2,3)/error-budget", "2+1/full-stack"}) {
    EXPECT_THAT(found, Contains(std::pair<const std::string, std::string>(name, "pass")));
  }
  EXPECT_THAT(run_here(bench("1MiB")).out, HasSubstr("\nqualified: every gate has passed"));
  // Another limit is another question.
  EXPECT_THAT(run_here(bench("2MiB")).out, HasSubstr("\nungated: "));
}

TEST_F(GateSplit, AShardThatFailsIsNeverMeasured) {
  const Ran gated = run_here(gate({"--split", "2+1", "--residency-limit", "13000"}));
  EXPECT_EQ(gated.exit_code, ExitCode::kFailed);
  EXPECT_THAT(gated.out,
              AllOf(HasSubstr("2+1: 1 gate failed; disqualified by residency of [0,2): "),
                    HasSubstr("emulated, not a property of the device")));
  const Ran measured = run_here(bench("13000"));
  EXPECT_EQ(measured.exit_code, ExitCode::kFailed);
  EXPECT_EQ(measured.out, "");
  EXPECT_THAT(measured.err, HasSubstr("2+1 is not measured: disqualified by residency of [0,2): "));
}

TEST_F(GateSplit, GatesThatWereNotRunAreNoPass) {
  const Ran recorded =
      run_here({"gate", "--runner", "replay:phi4-mini-m4max", "--segment", "0:20"});
  EXPECT_EQ(recorded.exit_code, ExitCode::kInconclusive);
  EXPECT_THAT(recorded.out, AllOf(HasSubstr("recorded: "), HasSubstr("no pass")));
  const auto document = run_json(
      {"gate", "--runner", "replay:phi4-mini-m4max", "--segment", "24:32"}, ExitCode::kFailed);
  const auto found = outcomes(document);
  EXPECT_EQ(found.at("[24,32)/residency"), "pass");
  EXPECT_EQ(found.at("[24,32)/golden-quality"), "fail");
  EXPECT_THAT(document["disqualified_by"].get<std::string>(), HasSubstr("not finite"));
}

TEST_F(GateSplit, TheModelMustBeTheProfile) {
  const Ran ran = run_here(gate({"--segment", "0:1", "--profile", "nano", "--only", "contract"}));
  EXPECT_EQ(ran.exit_code, ExitCode::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("n_layers: found 3, want 32"));
}

TEST_F(GateSplit, APackageIsGatedAsTheLayersThatItIsSaidToBe) {
  run_json(
      {"model", "build", folder_.path() / "small.gguf", "--segment", "0:2", "--context", "32"});
  std::filesystem::path package;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(work() / "artifacts"))
    if (entry.path().extension() == ".mlpackage") package = entry.path();
  const auto gate_package = [&](const char* segment) {
    return std::vector<std::string>{"gate",
                                    "--model",
                                    folder_.path() / "small.gguf",
                                    "--package",
                                    package,
                                    "--segment",
                                    segment,
                                    "--positions",
                                    "8",
                                    "--greedy-tokens",
                                    "0",
                                    "--prompt-tokens",
                                    "8"};
  };
  EXPECT_EQ(run_here(gate_package("0:2")).exit_code, ExitCode::kDone)
      << run_here(gate_package("0:2")).out;
  const Ran wrong = run_here(gate_package("1:3"));
  EXPECT_EQ(wrong.exit_code, ExitCode::kFailed);
  EXPECT_THAT(wrong.out, HasSubstr("weights of [1,3)"));
}

TEST_F(GateSplit, LimitsMayBeWrittenDown) {
  std::ofstream(folder_.path() / "limits.json") << R"({"fidelity": {"relative_l2_at_most": 1e-9}})";
  const Ran ran = run_here(gate({"--segment", "0:1", "--limits", folder_.path() / "limits.json"}));
  EXPECT_EQ(ran.exit_code, ExitCode::kFailed);
  EXPECT_THAT(ran.out, HasSubstr("want at most 1e-09"));
}

TEST_F(GateSplit, ErrorsAreOneLineThatSaysWhere) {
  const struct {
    std::vector<std::string> typed;
    const char* message;
  } rows[] = {
      {{"gate"}, "found nothing to gate, want --split S, --segment A:B, --head or --package P"},
      {{"gate", "--split", "2+1", "--segment", "0:1"}, "found several things to gate"},
      {{"gate", "--split", "2+1"}, "--model: found nothing"},
      {gate({"--split", "2+2"}), "--split: found 4 layers in all, want 3"},
      {gate({"--segment", "2:4"}), "--segment: found '2:4', want A:B with 0 <= A < B <= 3"},
      {gate({"--segment", "0:1", "--only", "vibes"}), "--only: found 'vibes'"},
      {gate({"--segment", "0:1", "--limits", "none.json"}), "none.json"},
      {{"gate", "--model", folder_.path() / "small.gguf", "--context", "32", "--split", "2+1"},
       "--context: found 32 positions, want at least 64"},
      {gate({"--segment", "0:1", "--head-slice", "0:3"}), "--head-slice: found no package"},
      {gate({"--package", "none.mlpackage"}), "none.mlpackage"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran ran = run_here(row.typed);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(row.message));
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1);
  }
}

}  // namespace
}  // namespace fusesweep
