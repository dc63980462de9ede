#include "harness/sweep/exactness.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include "harness/base/clock.h"
#include "harness/gate/exactness_gate.h"
#include "harness/sweep/shard_gates.h"
#include "harness/sweep/stored_words.h"
#include "results/store.h"
#include "runners/model/synthetic_model.h"
#include "tests/support/sabotaged_runner.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ExactnessTest : public testing::Test {
 protected:
  void use_model(const std::filesystem::path& path, int context) {
    setup_.model = *find_runnable_model({}, path.string());
    setup_.shape = {.tokens = 1, .encoding = Encoding::kInt8, .context = context};
    setup_.work = folder_.path() / "work";
    setup_.options.threads = 2;
  }

  void use_small_model() {
    write_small_model_of(folder_.path() / "small.gguf", 128);
    use_model(folder_.path() / "small.gguf", 128);
  }

  void use_nano() {
    const std::filesystem::path path = folder_.path() / "nano.gguf";
    ASSERT_TRUE(write_synthetic_model(
        {.name = "nano", .contract = *known_model("nano"), .type = SyntheticType::kQ8_0, .seed = 3},
        path, progress_));
    use_model(path, 128);
  }

  struct Asked {
    Split split;
    Verifier verifier;
    ExactnessPrompts prompts;
  };

  Result<Gated> gate(Runner& runner, const Asked& asked) {
    const Uuid run = *store_.begin_run({.command = "gate", .arguments = {}, .provenance = {}});
    RunnerDescription description = *runner.describe(setup_.options);
    description.process_limit_bytes = process_limit_bytes_;
    Result<GateWorkbench> bench =
        GateWorkbench::create(runner, description, setup_, store_, run, progress_);
    FUSESWEEP_CHECK(bench);
    return ExactnessGates(*bench, asked.split, asked.prompts).gate(asked.verifier);
  }

  GateVerdict verdict(Runner& runner, const Asked& asked) {
    const Result<Gated> gated = gate(runner, asked);
    EXPECT_TRUE(gated) << gated.error().message;
    return gated ? gated->verdicts.front() : GateVerdict{};
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  GateSetup setup_;
  std::optional<std::uint64_t> process_limit_bytes_;
};

// Each split, with the cache written in each form.
class ExactnessOfNanoTest : public ExactnessTest,
                            public testing::WithParamInterface<std::tuple<std::string, KvForm>> {};

TEST_P(ExactnessOfNanoTest, PassesOnTheWholePromptSetForEveryT) {
  const auto [split, kv_form] = GetParam();
  use_nano();
  CpuRunner runner;
  setup_.shape.kv_form = kv_form;
  const Uuid run = *store_.begin_run({.command = "gate", .arguments = {}, .provenance = {}});
  Result<GateWorkbench> bench = GateWorkbench::create(runner, *runner.describe(setup_.options),
                                                      setup_, store_, run, progress_);
  ASSERT_TRUE(bench);
  ExactnessGates gates(*bench, *parse_split(split), {.tokens = 24});
  for (const int tokens : {2, 4, 8}) {
    SCOPED_TRACE(tokens);
    const Result<Gated> gated = gates.gate({.tokens = tokens, .speculation = {.ngrams = {1, 4}}});
    ASSERT_TRUE(gated) << gated.error().message;
    EXPECT_EQ(gated->verdicts.front().outcome, GateOutcome::kPass);
    EXPECT_EQ(gated->verdicts.front().reason,
              "equal to greedy decoding on 20 prompts, 1300 tokens in all");
  }
}

INSTANTIATE_TEST_SUITE_P(Splits, ExactnessOfNanoTest,
                         testing::Combine(testing::Values("16+8+6+2", "20+4+6+2", "32"),
                                          testing::Values(KvForm::kSlice, KvForm::kMask)),
                         [](const auto& parameters) {
                           std::string name = std::get<0>(parameters.param);
                           std::replace(name.begin(), name.end(), '+', '_');
                           return fmt::format("{}_{}", name,
                                              to_text(std::get<1>(parameters.param)));
                         });

TEST_F(ExactnessTest, PassesWithAGuardAndWithShardsOfTTokensAlone) {
  use_small_model();
  CpuRunner runner;
  Asked asked{.split = *parse_split("2+1"), .verifier = {.speculation = {.ngrams = {1, 4}}}};
  asked.verifier.speculation.guard = 0.01;
  EXPECT_EQ(verdict(runner, asked).outcome, GateOutcome::kPass);
  asked.verifier.speculation.guard.reset();
  asked.verifier.loading = VerifierLoading::kAlone;
  EXPECT_EQ(verdict(runner, asked).outcome, GateOutcome::kPass);
}

// Heads and tokens swapped before the output projection: nothing of it shows with one token a call.
TEST_F(ExactnessTest, APlantedLayoutBugOfAVerifierIsCaughtHereAndByBlockParity) {
  use_small_model();
  const Sabotage sabotage = [](const BuildRequest& request, BuiltShard& built) {
    if (request.identity.tokens == 4) altering(mix_tokens_and_channels)(request, built);
  };
  SabotagedRunner runner(sabotage);
  const GateVerdict found = verdict(
      runner, {.split = *parse_split("2+1"), .verifier = {.speculation = {.ngrams = {1, 4}}}});
  EXPECT_EQ(found.outcome, GateOutcome::kFail);
  EXPECT_THAT(found.reason,
              AllOf(HasSubstr("leaves greedy decoding at token"), HasSubstr("ahead by")));

  setup_.shape.tokens = 4;
  setup_.after_failure = AfterFailure::kGoOn;
  setup_.positions = 10;
  std::filesystem::remove_all(setup_.work);
  const Uuid run = *store_.begin_run({.command = "gate", .arguments = {}, .provenance = {}});
  Result<GateWorkbench> bench = GateWorkbench::create(runner, *runner.describe(setup_.options),
                                                      setup_, store_, run, progress_);
  ASSERT_TRUE(bench);
  const Result<Gated> gated = ShardGates(*bench).gate(Segment{0, 2});
  ASSERT_TRUE(gated);
  std::set<std::string> failed;
  for (const GateVerdict& one : gated->verdicts) {
    if (one.outcome == GateOutcome::kFail) failed.insert(one.gate);
  }
  EXPECT_TRUE(failed.contains("block-parity"));
}

TEST_F(ExactnessTest, AMeasuredGuardIsNothingWhereBitsAreTheSameAndSomethingWhereTheyAreNot) {
  use_small_model();
  CpuRunner right;
  SabotagedRunner wrong([](const BuildRequest& request, BuiltShard& built) {
    if (request.identity.tokens == 4) altering(mix_tokens_and_channels)(request, built);
  });
  const auto guard = [&](Runner& runner) {
    std::filesystem::remove_all(setup_.work);
    const Uuid run = *store_.begin_run({.command = "gate", .arguments = {}, .provenance = {}});
    const RunnerDescription description = *runner.describe(setup_.options);
    Result<GateWorkbench> bench =
        GateWorkbench::create(runner, description, setup_, store_, run, progress_);
    FUSESWEEP_CHECK(bench);
    return *ExactnessGates(*bench, *parse_split("2+1"), {.count = 4}).measure_guard(4);
  };
  EXPECT_EQ(guard(right), 0);
  EXPECT_GT(guard(wrong), 0.01);
}

TEST_F(ExactnessTest, TheVerdictIsKeptForTheSplitWithItsVerifier) {
  use_small_model();
  CpuRunner runner;
  const Result<Gated> gated =
      gate(runner, {.split = *parse_split("2+1"), .prompts = {.count = 2, .decode_tokens = 8}});
  ASSERT_TRUE(gated) << gated.error().message;
  EXPECT_EQ(gated->subject.text, "2+1 verified 4 at once");
  EXPECT_EQ(gated->verdicts.front().outcome, GateOutcome::kNotEnoughData);
  const auto kept = store_.verdicts_of(
      gated->subject, conditions_of(*runner.describe(setup_.options), setup_.options));
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().verdict.gate, "exactness");
}

TEST_F(ExactnessTest, BothSetsOfShardsMustFitInOneProcessOrAreRefusedWithTheWayOut) {
  use_small_model();
  CpuRunner runner;
  Asked asked{.split = *parse_split("2+1"), .prompts = {.count = 1, .decode_tokens = 4}};
  const Result<PreparedSplit> both =
      prepare_split(runner, *runner.describe({}), setup_.model,
                    speculative_split(setup_, asked.split, 4, VerifierLoading::kBeside), progress_);
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->process_bytes, 2 * both->weight_bytes);
  process_limit_bytes_ = both->process_bytes;
  EXPECT_TRUE(gate(runner, asked));
  process_limit_bytes_ = both->process_bytes - 1;
  const Result<Gated> refused = gate(runner, asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("2+1 with a verifier of 4 tokens: found"),
                                             HasSubstr("shards of 4 tokens alone")));
  asked.verifier.loading = VerifierLoading::kAlone;
  EXPECT_TRUE(gate(runner, asked));
}

TEST_F(ExactnessTest, ARunnerThatCannotSpeculateIsRefused) {
  class Plain final : public ForwardingRunner {
   public:
    Result<RunnerDescription> describe(const RunnerOptions& options) override {
      Result<RunnerDescription> description = cpu.describe(options);
      std::erase(description->capabilities, kSpeculateCapability);
      return description;
    }
  };
  use_small_model();
  Plain runner;
  EXPECT_THAT(gate(runner, {.split = *parse_split("2+1")}).error().message,
              HasSubstr("found no capability speculate"));
}

TEST(SpeculationPrompts, EveryOtherOneRepeatsItself) {
  const std::vector<Prompt> prompts = speculation_prompts(1000, 6, 12);
  ASSERT_EQ(prompts.size(), 6U);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    SCOPED_TRACE(prompts[i].name);
    EXPECT_EQ(prompts[i].ids.size(), 12U);
    const std::size_t period = 2 + i / 2;
    const bool repeats = std::equal(prompts[i].ids.begin() + static_cast<std::ptrdiff_t>(period),
                                    prompts[i].ids.end(), prompts[i].ids.begin());
    EXPECT_EQ(repeats, i % 2 == 0);
  }
  EXPECT_EQ(speculation_prompts(1000, 6, 12), prompts);
}

}  // namespace
}  // namespace fusesweep
