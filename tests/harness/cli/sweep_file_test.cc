#include "harness/cli/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SweepFileTest : public testing::Test {
 protected:
  Result<void> read(const std::string& text) {
    std::ofstream(file_) << text;
    return read_sweep_file(file_, arguments_);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "sweep.json";
  SweepArguments arguments_;
};

TEST_F(SweepFileTest, FillsInTheFlagsThatItNames) {
  ASSERT_TRUE(read(R"({"model": "phi4.gguf", "splits": ["16+8+6+2", "20+4+6+2"], "kv": "slice",
                       "tokens": [1, 4], "budget-s": 600, "target-rel": 0.005, "fresh": true})"));
  EXPECT_EQ(arguments_.model, "phi4.gguf");
  EXPECT_THAT(arguments_.splits, ElementsAre("16+8+6+2", "20+4+6+2"));
  EXPECT_EQ(arguments_.kv_form, "slice");
  EXPECT_EQ(arguments_.tokens, "1,4");
  EXPECT_EQ(arguments_.budget_s, "600");
  EXPECT_EQ(arguments_.target_rel, "0.005");
  EXPECT_TRUE(arguments_.fresh);
  EXPECT_EQ(arguments_.seed, SweepArguments().seed);
}

TEST_F(SweepFileTest, SaysWhereItIsWrong) {
  const struct {
    const char* text;
    const char* complaint;
  } rows[] = {
      {R"({"budgets": 1})", "sweep.json['budgets']: found a member that is no flag of sweep"},
      {R"({"kv": {"a": 1}})", "sweep.json['kv']: found object, want a text or a number"},
      {R"({"tokens": [1, [2]]})", "sweep.json['tokens'][1]: found array"},
      {R"({"fresh": "yes"})", "sweep.json['fresh']: found "},
      {R"([1])", "sweep.json: found "},
      {"{\n  \"kv\": slice}", "line 2, column 9"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<void> result = read(row.text);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr(row.complaint));
  }
  EXPECT_FALSE(read_sweep_file(folder_.path() / "missing.json", arguments_));
}

// What the file says that is typed too is overruled, wherever it stands.
TEST_F(SweepFileTest, WhatIsTypedGoesBeforeTheFile) {
  std::ofstream(file_)
      << R"({"model": "nano", "splits": "16+8+6+2", "dry-run": true, "json": true})";
  for (const bool is_first : {true, false}) {
    std::vector<std::string> words = {"sweep", "--splits", "32"};
    words.insert(is_first ? words.begin() + 1 : words.end(), {"--spec", file_.string()});
    const Ran ran = run(words);
    ASSERT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
    const auto plan = nlohmann::json::parse(ran.out);
    ASSERT_EQ(plan["splits"].size(), 1U) << ran.out;
    EXPECT_EQ(plan["splits"][0]["split"], "32");
  }
}

}  // namespace
}  // namespace fusesweep
