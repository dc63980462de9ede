#include "harness/sweep/selfcheck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/sweep/one_split_test.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

class SelfcheckTest : public OneSplitTest<SelfcheckSetup> {
 protected:
  SelfcheckTest()
      : OneSplitTest({.spec = {.split = *parse_split("2+1"),
                               .prompt_tokens = 4,
                               .decode_tokens = 6,
                               .decodings = 1,
                               .blocks = 8,
                               .seconds = {0},
                               .injected_rel = {0, 10},
                               .cuts = 3,
                               .physical = {{2, 0, 20}}}},
                     32) {}

  Result<SelfcheckAnswer> check() {
    return run_selfcheck(setup_, {runner_, store_, begin_run("selfcheck"), clock_, progress_});
  }
};

TEST_F(SelfcheckTest, MeasuresABankOfEachConditionAndTrialsOfTheirOwn) {
  const SelfcheckAnswer answer = *check();
  EXPECT_EQ(answer.new_blocks, 8 + 8 + 2 * 6);
  EXPECT_EQ(started_, 3 * answer.new_blocks);  // control, twin and candidate, afresh in every block
  ASSERT_EQ(answer.figures.banks.size(), 2U);
  EXPECT_EQ(answer.figures.banks[0].condition, "idle");
  EXPECT_EQ(answer.figures.banks[1].condition, "one core busy");
  ASSERT_EQ(answer.figures.trials.size(), 5U);  // two delays of each bank, and the physical ones
  EXPECT_EQ(answer.figures.trials[0].group, "");
  EXPECT_EQ(answer.figures.trials[1].group, "[0,2)");
  const SelfcheckTrials& physical = answer.figures.trials.back();
  EXPECT_TRUE(physical.is_physical);
  EXPECT_EQ(physical.slower.trials, 2);
  ASSERT_EQ(answer.figures.reruns.size(), 4U);  // nothing and a delay, of each bank
  EXPECT_EQ(answer.figures.reruns[0].group, "");
  EXPECT_EQ(answer.figures.reruns[1].group, "[0,2)");
  EXPECT_EQ(answer.figures.reruns[1].regressions.trials, 2);
  EXPECT_GT(*physical.size_rel, 10);  // twenty times its time was added to each token
}

TEST_F(SelfcheckTest, AskedAgainItHasNothingLeftToDoAndSaysTheSame) {
  const SelfcheckAnswer first = *check();
  started_ = 0;
  const SelfcheckAnswer again = *check();
  EXPECT_EQ(again.new_blocks, 0);
  EXPECT_EQ(started_, 0);
  EXPECT_EQ(again.figures, first.figures);
  EXPECT_EQ(*read_selfcheck((*store_.sweeps()).front().answer), first.figures);
  setup_.is_fresh = true;
  EXPECT_GT((*check()).new_blocks, 0);
}

TEST_F(SelfcheckTest, CutShortAnywhereItGoesOnAndMeasuresNoBlockTwice) {
  int blocks = 0;
  int calls = 0;
  for (bool is_over = false; !is_over; ++calls) {
    ASSERT_LT(calls, 100);
    int asked = 0;
    setup_.is_interrupted = [&asked] { return ++asked > 5; };
    const SelfcheckAnswer answer = *check();
    blocks += answer.new_blocks;
    is_over = !answer.is_interrupted;
  }
  EXPECT_GT(calls, 3);
  EXPECT_EQ(blocks, 8 + 8 + 2 * 6);
}

TEST_F(SelfcheckTest, ASplitThatFailsItsGatesIsNotMeasured) {
  setup_.gates.options.residency_limit_bytes = 1;
  setup_.description = *runner_.describe(setup_.gates.options);
  const Result<SelfcheckAnswer> answer = check();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("2+1 is not measured"));
  EXPECT_EQ(started_, 0);
}

TEST_F(SelfcheckTest, SaysBeforehandHowLongItTakes) {
  std::vector<std::chrono::seconds> said;
  setup_.spec.physical = {{2, 30, 0}};
  setup_.spec.conditions = {};
  setup_.say = [&](std::chrono::seconds time) { said.push_back(time); };
  setup_.is_interrupted = [] { return true; };
  ASSERT_TRUE(check());
  EXPECT_THAT(said, testing::ElementsAre(std::chrono::seconds(60)));
}

}  // namespace
}  // namespace fusesweep
