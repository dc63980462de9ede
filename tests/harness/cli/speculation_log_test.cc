#include "harness/cli/speculation_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SpeculationLogTest : public testing::Test {
 protected:
  std::string written(const std::string& text) const {
    const std::string path = folder_.path() / "log.json";
    std::ofstream(path) << text;
    return path;
  }

  const TemporaryFolder folder_{};
};

// A loop, of which a hand finds two passes of four, and one in which nothing repeats.
constexpr const char* kTwo =
    R"([{"prompt": [7, 7], "ids": [7, 7, 7, 7, 7, 7, 7, 7, 7], "token_ns": [1]},
        {"prompt": [1, 2], "ids": [3, 4, 5, 6]}])";

TEST_F(SpeculationLogTest, PassesOfAllDecodingsAreAddedUp) {
  const auto logs = read_speculation_logs(written(kTwo));
  ASSERT_TRUE(logs) << logs.error().message;
  const SimulatedSpeculation simulated = simulate(*logs, {2, 4}, {1, 4});
  EXPECT_EQ(simulated.decodings, 2U);
  EXPECT_EQ(simulated.lookups, (LookupCounts{.targets = 13, .proposals = 9, .accepted = 9}));
  ASSERT_EQ(simulated.verifiers.size(), 2U);
  EXPECT_EQ(simulated.verifiers[0].counts, (PassCounts{4 + 3, 8 + 3, 4, 4}));
  EXPECT_EQ(simulated.verifiers[1].counts, (PassCounts{2 + 3, 8 + 3, 6, 6}));
}

TEST_F(SpeculationLogTest, OneDecodingNeedsNoArray) {
  const auto logs = read_speculation_logs(written(R"({"prompt": [7, 7], "ids": [7, 7, 7]})"));
  ASSERT_TRUE(logs) << logs.error().message;
  EXPECT_EQ(simulate(*logs, {4}, {1, 4}).verifiers[0].counts, (PassCounts{1, 2, 1, 1}));
}

TEST_F(SpeculationLogTest, TheCommandSaysThatItIsSimulated) {
  const std::string file = written(kTwo);
  const Ran text = run({"speculate", "--log", file, "--ngram-min", "1", "--verifier-tokens", "4"});
  EXPECT_EQ(text.exit_code, ExitCode::kDone) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("simulated, not measured: 2 decodings of 13 ids"),
                              HasSubstr("9 proposed, 9 of them right (100 %)"),
                              HasSubstr("4  5       0.455         2.20         6         100 %")));
  const auto json =
      nlohmann::json::parse(run({"speculate", "--log", file, "--ngram-min", "1", "--json"}).out);
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["evidence"], "simulated");
  EXPECT_EQ(json["arms"].size(), 3U);
  EXPECT_EQ(json["arms"][1]["passes"], 5);
}

TEST_F(SpeculationLogTest, WhatIsNoLogIsRefusedWithItsPlace) {
  const struct {
    std::string text;
    const char* message;
  } rows[] = {
      {"", "log.json:"},
      {"[]", "found no decoding, want at least one"},
      {"7", "log.json: found 7, want an object"},
      {R"({"prompt": [1]})", "log.json.ids: found nothing"},
      {R"({"prompt": [1], "ids": []})", "log.json.ids: found 0 ids, want 1 to 32768"},
      {R"({"prompt": [1], "ids": [-1]})", "log.json.ids[0]: found -1"},
      {R"({"prompt": [1.5], "ids": [1]})", "log.json.prompt[0]: found 1.5"},
      {R"([{"prompt": [1], "ids": [1]}, {"prompt": "x", "ids": [1]}])",
       "log.json[1].prompt: found"},
      {R"({"prompt": [], "ids": [)" +
           [] {
             std::string many = "1";
             for (int i = 0; i < 32'768; ++i) many += ",1";
             return many;
           }() +
           "]}",
       "log.json.ids: found 32769 ids"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const auto logs = read_speculation_logs(written(row.text));
    ASSERT_FALSE(logs);
    EXPECT_THAT(logs.error().message, HasSubstr(row.message));
    EXPECT_EQ(logs.error().message.find('\n'), std::string::npos);
  }
  EXPECT_THAT(run({"speculate", "--log", "/no/such"}).err, HasSubstr("--log: "));
}

}  // namespace
}  // namespace fusesweep
