// A whole sweep through a user's own tools, which tests/support/fake_tools.py plays: every shard converted and
// compiled, inspected by the checker, compared by the golden tool, exported, decoded and timed by the runtime. And
// what becomes of it when one of the tools is odd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "results/store.h"
#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SweepToolchain : public TypedCommand {
 protected:
  SweepToolchain() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model(folder_.path() / "small.gguf");
    write_json("limits.json", {{"accept_not_run", {"golden-fidelity", "error-budget"}}});
  }

  void write_json(const char* name, const nlohmann::json& json) const {
    std::ofstream(folder_.path() / name) << json;
  }

  // The tools, of which one may be odd.
  nlohmann::json tools(const std::string& tool = "", const std::string& odd = "") const {
    const auto command = [&](const std::string& name, std::vector<nlohmann::json> words) {
      std::vector<nlohmann::json> all = {FUSESWEEP_PYTHON, FUSESWEEP_FAKE_TOOLS, "--fusesweep",
                                         FUSESWEEP_PROGRAM};
      if (name == tool) all.insert(all.end(), {"--odd", odd});
      all.push_back(name);
      all.insert(all.end(), words.begin(), words.end());
      return nlohmann::json{{"command", all}};
    };
    nlohmann::json json = {
        {"format", "fusesweep-toolchain"},
        {"format_version", 1},
        {"name", "fake"},
        {"device", {{"name", "a made-up device"}, {"kind", "ane"}}},
        {"shape", {{"tokens", 1}, {"context", 32}, {"encoding", "int8"}, {"kv", "mask"}}},
        {"convert",
         command("convert", {"{model}", "--layer-start", "{start}", "--layer-end", "{end}",
                             "--output-dir", "{out}", "--output-name", "{name}"})},
        {"compile", command("compile", {"{package}", "{out}"})},
        {"inspect", command("inspect", {"{compiled}", "--start", "{start}", "--end", "{end}",
                                        "--json-out", "{report}"})},
        {"golden", command("golden", {"{compiled}"})},
        {"export",
         command("export",
                 {"{model}", nlohmann::json::array({"--layer-spec", "{start}:{end}:{compiled}"}),
                  "--manifest", "{manifest}"})},
        {"run", command("serve", {"--meta", "{manifest}"})}};
    json["inspect"]["report"] = "json";
    json["run"]["form"] = "resident";
    return json;
  }

  std::vector<std::string> sweep(const nlohmann::json& tools) const {
    write_json("tools.json", tools);
    return {"sweep",
            "--runner",
            "toolchain:" + (folder_.path() / "tools.json").string(),
            "--model",
            folder_.path() / "small.gguf",
            "--limits",
            folder_.path() / "limits.json",
            "--splits",
            "3,2+1,1+1+1",
            "--context",
            "32",
            "--prompt-tokens",
            "4",
            "-n",
            "6",
            "--decodings",
            "1",
            "--budget-s",
            "1",
            "--gate-prompts",
            "1",
            "--gate-prompt-tokens",
            "8",
            "--greedy-tokens",
            "6"};
  }

  // Why a split came to nothing.
  std::string reason_of(const nlohmann::json& document, const std::string& split) const {
    for (const auto& candidate : document["candidates"]) {
      if (candidate["name"] == split) return candidate["reason"].dump();
    }
    return "no such split";
  }
};

TEST_F(SweepToolchain, BuildsGatesMeasuresAndRanksWithTheUsersTools) {
  const auto first = run_here([&] {
    std::vector<std::string> typed = sweep(tools());
    typed.emplace_back("--json");
    return typed;
  }());
  ASSERT_THAT(first.err, IsEmpty());
  const auto document = nlohmann::json::parse(first.out);
  EXPECT_EQ(document["evidence"], "measured");
  EXPECT_EQ(document["cliff"]["edge"]["last_resident"], 2);
  ASSERT_EQ(document["candidates"].size(), 3U);
  EXPECT_EQ(document["candidates"][0]["qualified"], false);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(document["candidates"][i]["qualified"], true) << document["candidates"][i].dump();
    EXPECT_GT(document["candidates"][i]["tok_per_s"], 0);
  }
  EXPECT_EQ(document["best"], "2+1");  // 6 ms a token and not 7
  EXPECT_GE(document["blocks"], 6);
  const std::string manifest = document["manifest"].get<std::string>();
  EXPECT_THAT(manifest, HasSubstr("/exports/"));
  EXPECT_TRUE(std::filesystem::is_regular_file(manifest));

  EXPECT_THAT(read_file(document["report"].get<std::string>(), 64 << 20).value(),
              HasSubstr("The runner told times only in sum"));
  const SystemClock clock;
  Store store = *Store::open(work() / "fusesweep.db", Access::kRead, clock);
  std::vector<std::string> stack;
  std::vector<std::string> quality;
  const std::vector<RunRow> runs = store.runs().value();
  for (const RunRow& run : runs) {
    const std::vector<VerdictRow> rows = store.verdicts_of(run.id).value();
    for (const VerdictRow& row : rows) {
      if (row.verdict.gate == "full-stack" && row.verdict.outcome == GateOutcome::kPass)
        stack.push_back(row.verdict.reason);
      if (row.verdict.gate == "golden-quality" && row.verdict.outcome == GateOutcome::kPass)
        quality.push_back(row.verdict.reason);
    }
  }
  EXPECT_EQ(stack.size(), 2U);
  EXPECT_THAT(stack, testing::Each(HasSubstr("by decoded ids alone")));
  EXPECT_THAT(quality,
              AllOf(testing::Not(IsEmpty()),
                    testing::Each(HasSubstr("compared by the toolchain's own golden tool"))));
  const std::vector<StoredSweep> sweeps = store.sweeps().value();
  for (const StoredSweep& stored : sweeps) {
    const std::vector<std::string> trials = store.trials_of(stored.id).value();
    for (const std::string& trial : trials) {
      const std::vector<BlockRow> blocks = store.blocks_of(stored.id, trial).value();
      for (const BlockRow& block : blocks) {
        for (const CellRow& cell : block.cells) {
          EXPECT_THAT(cell.token_ns, IsEmpty());
          ASSERT_TRUE(cell.sum);
          EXPECT_EQ(cell.sum->tokens, 6);
          EXPECT_EQ(cell.sum->groups.size(), 5U);
        }
      }
    }
  }

  const auto again = run_json(sweep(tools()));
  EXPECT_EQ(again["work_done"], 0);
  EXPECT_EQ(again["best"], "2+1");
}

TEST_F(SweepToolchain, WithoutAWordOfTheUserWhatCannotBeAskedDisqualifiesNobodyAndQualifiesNobody) {
  write_json("limits.json", nlohmann::json::object());
  const auto document = run_json(sweep(tools()), ExitCode::kInconclusive);
  for (const auto& candidate : document["candidates"]) EXPECT_NE(candidate["qualified"], true);
  EXPECT_THAT(reason_of(document, "2+1"),
              HasSubstr("golden-fidelity of [0,2): the runner gives no outputs"));
}

TEST_F(SweepToolchain, OddToolsAreAnsweredRightly) {
  const struct {
    const char* tool;
    const char* odd;
    const char* said;  // of 2+1; empty: it qualifies
  } rows[] = {
      {"inspect", "good report and exit 1", ""},
      {"golden", "golden exits with 1", ""},
      {"inspect", "pass said with counts that do not hold", "resident"},
      {"inspect", "missing counts", "residency"},
      {"golden", "golden nan", "values are not finite"},
      {"golden", "golden low", "cosine 0.91"},
      {"convert", "convert fails", "cannot convert these layers"},
      {"convert", "unreadable package", "contract"},
      {"export", "export fails", "no such layers"},
      {"export", "export of an old contract", "rope_dim: found 16, want 8 as the model has it"},
      {"serve", "other ids", "leaves the reference at token 0"},
      {"serve", "dies", "out of memory"},
      {"serve", "refuses", "prompt too long"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.odd);
    std::vector<std::string> typed = sweep(tools(row.tool, row.odd));
    typed.insert(typed.end(), {"--json"});
    const Ran ran = run_here(typed);
    const auto document = nlohmann::json::parse(ran.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << ran.err;
    bool is_qualified = false;
    for (const auto& candidate : document["candidates"]) {
      if (candidate["name"] == "2+1") is_qualified = candidate["qualified"] == true;
    }
    EXPECT_EQ(is_qualified, std::string(row.said).empty()) << document["candidates"].dump();
    EXPECT_THAT(reason_of(document, "2+1"), HasSubstr(row.said));
  }
}

TEST_F(SweepToolchain, IsListedDescribedAndChecked) {
  sweep(tools());
  const std::string kind = "toolchain:" + (folder_.path() / "tools.json").string();
  EXPECT_THAT(run({"runner", "list"}).out, HasSubstr("toolchain:FILE"));
  const Ran described = run({"runner", "describe", kind}, FUSESWEEP_PROGRAM);
  EXPECT_THAT(described.out, AllOf(HasSubstr("toolchain:fake"), HasSubstr("export")))
      << described.err;
  std::filesystem::create_directories(work());
  const Ran checked = run_here({"runner", "check", kind});
  EXPECT_EQ(checked.exit_code, ExitCode::kDone) << checked.out;
}

}  // namespace
}  // namespace fusesweep
