#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class FindCliff : public TypedCommand {
 protected:
  FindCliff() : TypedCommand(FUSESWEEP_PROGRAM) {}

  std::string model() const {
    const std::string path = folder_.path() / "nano.gguf";
    if (!std::filesystem::exists(path)) run({"model", "synth", "--shape", "nano", "-o", path});
    return path;
  }
};

TEST_F(FindCliff, OfNanoIsFoundConfirmedAndTheSameEveryTime) {
  for (int i = 0; i < 5; ++i) {
    const auto document = run_json({"cliff", "--model", model(), "--residency-limit", "32MiB",
                                    i == 0 ? "--retry-failed" : "--again"});
    const auto& cliff = document["cliff"];
    EXPECT_EQ(cliff["edge"]["last_resident"], 21);
    EXPECT_EQ(cliff["edge"]["first_not_resident"], 22);
    EXPECT_EQ(cliff["confirmed"], true);
    EXPECT_EQ(cliff["first_failure"], "plan");
    const auto& explanation = cliff["explanations"][0];
    EXPECT_EQ(explanation["quantity"], "weight bytes");
    EXPECT_EQ(explanation["resident_most"], 63 << 19);  // 31.5 MiB
    EXPECT_EQ(explanation["not_resident_least"], 33 << 20);
    std::set<int> fronts;  // until the edge stood
    std::size_t searching = 0;
    for (const auto& answer : cliff["answers"]) {
      if (answer["attempt"] != 1 || answer["segment"][0] != 0) break;
      fronts.insert(answer["segment"][1].get<int>());
      ++searching;
    }
    EXPECT_LE(fronts.size(), 8U);
    EXPECT_LE(cliff["answers"].size() - searching, 8U);
    EXPECT_EQ(document["asked"], cliff["answers"].size());
  }
  const auto stored = run_json({"cliff", "--model", model(), "--residency-limit", "32MiB"});
  EXPECT_EQ(stored["asked"], 0);
  EXPECT_EQ(stored["cliff"]["edge"]["last_resident"], 21);
  const Ran table = run_here({"cliff", "--model", model(), "--residency-limit", "32MiB"});
  EXPECT_THAT(table.out, AllOf(HasSubstr("the cliff: [0,21) is resident, [0,22) is not, confirmed"),
                               HasSubstr("weight bytes between 31.50 MiB and 33.00 MiB"),
                               HasSubstr("next to build: [0,11) as fp16"), HasSubstr("emulated")));
}

TEST_F(FindCliff, OfARecordIsWhatTheRecordKnows) {
  const auto document = run_json({"cliff", "--runner", "replay:phi4-mini-m4max"});
  EXPECT_EQ(document["evidence"], "recorded");
  const auto& cliff = document["cliff"];
  EXPECT_EQ(cliff["edge"]["last_resident"], 20);
  EXPECT_EQ(cliff["edge"]["first_not_resident"], 24);
  EXPECT_EQ(cliff["confirmed"], false);
  EXPECT_THAT(cliff["not_recorded"].get<std::vector<int>>(), ElementsAre(21, 22, 23));
  EXPECT_THAT(cliff["next"].get<std::vector<int>>(), ElementsAre(0, 22));
  const auto& explanation = cliff["explanations"][0];
  EXPECT_EQ(explanation["quantity"], "weight bytes");
  EXPECT_EQ(explanation["resident_most"], std::int64_t{20} * 96 << 20);       // 1.875 GiB
  EXPECT_EQ(explanation["not_resident_least"], std::int64_t{24} * 96 << 20);  // 2.25 GiB
  bool found = false;
  for (const auto& answer : cliff["answers"]) {
    if (answer["segment"] != nlohmann::json{24, 32}) continue;
    found = true;
    EXPECT_EQ(answer["resident"], true);
    EXPECT_THAT(answer["wrong"].get<std::string>(), HasSubstr("not finite"));
  }
  EXPECT_TRUE(found);
  EXPECT_THAT(run_here({"cliff", "--runner", "replay:phi4-mini-m4max"}).out,
              AllOf(HasSubstr("recorded: "), HasSubstr("[24,32) is resident and golden fails: "),
                    HasSubstr("not recorded: lengths 21, 22, 23")));
}

TEST_F(FindCliff, WithoutALimitInReachThereIsNone) {
  write_small_model(folder_.path() / "small.gguf");
  const Ran ran = run_here({"cliff", "--model", folder_.path() / "small.gguf", "--context", "32"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone);
  EXPECT_THAT(ran.out, HasSubstr("no cliff: [0,3) is resident, all 3 layers of it"));
  const Ran none = run_here({"cliff", "--model", folder_.path() / "small.gguf", "--context", "32",
                             "--residency-limit", "1"});
  EXPECT_THAT(none.out, HasSubstr("no front shard is resident, not even [0,1)"));
}

TEST_F(FindCliff, ADatabaseThatCannotBeUsedIsOneClearLine) {
  std::filesystem::create_directories(work());
  std::ofstream(work() / "fusesweep.db") << "not a database";
  const Ran ran = run_here({"cliff", "--runner", "replay:phi4-mini-m4max"});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_THAT(ran.err, HasSubstr("fusesweep.db: found "));
}

}  // namespace
}  // namespace fusesweep
