#include "harness/sweep/speculate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/sweep/one_split_test.h"
#include "tests/support/sabotaged_runner.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class SpeculateTest : public OneSplitTest<SpeculateSetup> {
 protected:
  SpeculateTest()
      : OneSplitTest({.spec = {.split = *parse_split("2+1"),
                               .tokens = {2, 4},
                               .prompt_tokens = 12,
                               .decode_tokens = 16,
                               .decodings = 1,
                               .blocks = 6}},
                     128) {}

  Result<SpeculateAnswer> speculate() { return speculate(runner_); }
  Result<SpeculateAnswer> speculate(Runner& runner) {
    return run_speculate(setup_, {runner, store_, begin_run("speculate"), clock_, progress_});
  }
};

TEST_F(SpeculateTest, EveryExactVerifierIsMeasuredBesideGreedyDecodingAndItsTwin) {
  const Result<SpeculateAnswer> answer = speculate();
  ASSERT_TRUE(answer) << answer.error().message;
  const SpeculationReport& report = answer->report;
  EXPECT_EQ(started_, 6 * 4);
  EXPECT_EQ(report.blocks, 6);
  EXPECT_GT(report.greedy_ms_per_token, 0);
  EXPECT_GT(report.greedy_ttft_ms, 0);
  ASSERT_THAT(report.arms, SizeIs(2));
  for (const SpeculativeArm& arm : report.arms) {
    SCOPED_TRACE(arm.tokens);
    EXPECT_EQ(arm.exactness.outcome, GateOutcome::kPass);
    EXPECT_EQ(arm.counts.targets, 6U * 16);
    EXPECT_EQ(arm.counts.passes, 6 * *arm.simulated_passes);
    EXPECT_GT(arm.process_bytes, 0U);
    EXPECT_GT(arm.ttft_ms, 0);
    EXPECT_TRUE(arm.draft_rel);
    ASSERT_TRUE(arm.speed_up);
    EXPECT_GT(arm.speed_up->factor, 0);
    std::uint64_t accepted = 0;
    for (const NgramAcceptance& one : arm.by_ngram) accepted += one.accepted;
    EXPECT_EQ(accepted, arm.counts.accepted);
  }
}

TEST_F(SpeculateTest, AnOraclesDraftIsAcceptedWhole) {
  setup_.spec.workload = SpeculativeWorkload::kOracle;
  setup_.spec.tokens = {4};
  const Result<SpeculateAnswer> answer = speculate();
  ASSERT_TRUE(answer) << answer.error().message;
  const SpeculativeArm& arm = answer->report.arms.front();
  EXPECT_EQ(arm.counts,
            (PassCounts{.passes = 6 * 4, .targets = 6 * 16, .proposed = 72, .accepted = 72}));
}

TEST_F(SpeculateTest, AskedAgainItSaysTheSameAndMeasuresNothing) {
  const Result<SpeculateAnswer> first = speculate();
  ASSERT_TRUE(first) << first.error().message;
  started_ = 0;
  const Result<SpeculateAnswer> again = speculate();
  ASSERT_TRUE(again);
  EXPECT_EQ(started_, 0);
  EXPECT_EQ(again->report, first->report);
  EXPECT_EQ(*read_speculation_report((*store_.sweeps()).front().answer), first->report);
}

TEST_F(SpeculateTest, CutShortItGoesOn) {
  for (const int blocks : {2, 4}) {
    int asked = 0;
    setup_.is_interrupted = [&asked] { return ++asked > 2; };
    const Result<SpeculateAnswer> answer = speculate();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->is_interrupted);
    EXPECT_EQ(answer->report.blocks, blocks);
  }
  setup_.is_interrupted = {};
  const Result<SpeculateAnswer> answer = speculate();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->is_interrupted);
  EXPECT_EQ(answer->report.blocks, 6);
  EXPECT_EQ(started_, 6 * 4);
}

TEST_F(SpeculateTest, AVerifierThatMixesTokensAndChannelsFailsItsGatesAndIsNotMeasured) {
  SabotagedRunner runner([](const BuildRequest& request, BuiltShard& built) {
    if (request.identity.tokens == 4) altering(mix_tokens_and_channels)(request, built);
  });
  setup_.spec.tokens = {4};
  const Result<SpeculateAnswer> answer = speculate(runner);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("not measured, for it fails its gates"));
  EXPECT_EQ(started_, 0);
}

TEST_F(SpeculateTest, ShardsOfTTokensAloneTakeHalfOfTheProcess) {
  setup_.spec.tokens = {4};
  setup_.spec.blocks = 1;
  const Result<SpeculateAnswer> beside = speculate();
  setup_.spec.loading = VerifierLoading::kAlone;
  const Result<SpeculateAnswer> alone = speculate();
  ASSERT_TRUE(beside && alone);
  EXPECT_EQ(beside->report.arms[0].process_bytes, 2 * alone->report.arms[0].process_bytes);
}

}  // namespace
}  // namespace fusesweep
