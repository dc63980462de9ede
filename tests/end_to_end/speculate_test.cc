// Speculative decoding as a user types it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

class Speculate : public TypedCommand {
 protected:
  Speculate() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model_of(folder_.path() / "small.gguf", 160);
  }

  std::vector<std::string> speculate(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> typed = {"speculate",
                                      "--model",
                                      folder_.path() / "small.gguf",
                                      "--split",
                                      "2+1",
                                      "--context",
                                      "160",
                                      "--threads",
                                      "1",
                                      "--verifier-tokens",
                                      "2,4",
                                      "--prompt-tokens",
                                      "12",
                                      "--decode-tokens",
                                      "12",
                                      "--decodings",
                                      "1",
                                      "--blocks",
                                      "2"};
    typed.insert(typed.end(), more.begin(), more.end());
    return typed;
  }
};

TEST_F(Speculate, TellsExactnessAndSpeedOfEachVerifierAndIsDrawn) {
  const Ran first = run_here(speculate({"--guard", "measured", "--json"}));
  ASSERT_THAT(first.err, IsEmpty());
  EXPECT_THAT(first.exit_code, AnyOf(ExitCode::kDone, ExitCode::kInconclusive));
  const auto document = nlohmann::json::parse(first.out);
  ASSERT_EQ(document["arms"].size(), 2U);
  for (const auto& arm : document["arms"]) {
    EXPECT_EQ(arm["exactness"]["outcome"], "pass");
    EXPECT_EQ(arm["guard"], 0);
    EXPECT_GT(arm["ms_per_token"], 0);
    EXPECT_EQ(arm["passes"].get<int>() + arm["accepted"].get<int>(), 2 * 12);
    EXPECT_EQ(arm["passes"].get<int>(), 2 * arm["simulated_passes"].get<int>());
  }
  // What is known is not asked again: the same figures, as a table.
  const Ran again = run_here(speculate({"--guard", "measured"}));
  EXPECT_THAT(again.out,
              AllOf(HasSubstr("speed-up (99.9 %)"), HasSubstr("equal to greedy decoding on 20 "),
                    HasSubstr("guard of 0: 0 calls of one token")));
  EXPECT_THAT(run_here({"plot", "speculation", "--csv"}).out,
              HasSubstr("tokens,exactness,ttft_ms,ms_per_token,speed_up"));
  EXPECT_THAT(run_here({"runs", "list"}).out, HasSubstr("1 speculation"));
  // The page of this one, by its id.
  const std::string id = document["sweep"];
  EXPECT_EQ(document["model"], "small.gguf");
  const Ran page = run_here({"report", "--sweep", id, "--format", "html,md,csv,json"});
  ASSERT_EQ(page.exit_code, ExitCode::kDone) << page.err;
  EXPECT_THAT(page.out, AllOf(HasSubstr(id + ".html"), HasSubstr(id + ".md"),
                              HasSubstr(id + ".csv"), HasSubstr(id + ".json")));
  EXPECT_EQ(run_here({"plot", "speculation", "--csv", "--sweep", id}).out,
            run_here({"plot", "speculation", "--csv"}).out);
}

TEST_F(Speculate, ExportWritesTheVerifierIntoTheManifest) {
  ASSERT_THAT(run_here(speculate({"--blocks", "1"})).exit_code, ExitCode::kUsage);  // given twice
  std::vector<std::string> typed = speculate();
  typed.back() = "1";
  ASSERT_THAT(run_here(typed).err, IsEmpty());
  const Ran exported = run_here(
      {"export", "--split", "2+1", "--context", "160", "--verifier-tokens", "4", "--json"});
  ASSERT_EQ(exported.exit_code, ExitCode::kDone) << exported.err;
  const auto document = nlohmann::json::parse(exported.out);
  EXPECT_EQ(document["verifier_tokens"], 4);
  EXPECT_EQ(document["shards"].size(), 6U);
  EXPECT_THAT(run_here({"export", "--check", document["manifest"].get<std::string>()}).out,
              HasSubstr("and a verifier of 4 tokens a call, complete"));
}

TEST_F(Speculate, WhatDoesNotFitIsRefusedByItsFlag) {
  const struct {
    const char* flag;
    const char* value;
    const char* message;
  } rows[] = {
      {"--workload", "nonsense", "--workload: found 'nonsense', want one of tiled, random, oracle"},
      {"--verifier", "x", "--verifier: found 'x', want one of beside, alone"},
      {"--guard", "-1", "--guard: found '-1', want measured, or a difference of logits"},
      {"--ngram-min", "5", "--ngram-max: found '4'"},
      {"--ngram-max", "65", "--ngram-max: found '65'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.flag);
    const Ran ran = run_here(speculate({row.flag, row.value}));
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_THAT(ran.err, HasSubstr(row.message));
  }
  EXPECT_THAT(run_here({"speculate", "--verifier-tokens", "4,17"}).err,
              HasSubstr("--verifier-tokens: found '17'"));
  EXPECT_THAT(run_here({"speculate", "--verifier-tokens", "4,4"}).err,
              HasSubstr("--verifier-tokens: found 4 twice"));
}

}  // namespace
}  // namespace fusesweep
