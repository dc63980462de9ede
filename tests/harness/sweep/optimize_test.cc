#include "harness/sweep/optimize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/sweep/stored_words.h"
#include "tests/support/sabotaged_runner.h"
#include "tests/support/scripted_times.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kLayers = 5;

// A search among the 16 splits of a model with five small layers, with runners in this process. A layer takes
// 1 ms, a shard 0.3 ms more, but two pairs of layers are quick together: 2+2+1 is the fastest.
class OptimizeTest : public testing::Test {
 protected:
  OptimizeTest() {
    Contract contract = small_contract();
    contract.n_layers = kLayers;
    FUSESWEEP_CHECK(
        write_synthetic_model({.name = "small", .contract = contract, .type = SyntheticType::kQ8_0},
                              model_path_, progress_));
    times_.segment_us = [](const Segment& segment) {
      const bool is_quick = segment == Segment{0, 2} || segment == Segment{2, 4};
      return 1000.0 * segment.layers() - (is_quick ? 600 : 0);
    };
    times_.shard_us = 300;
    SweepSetup& sweep = setup_.sweep;
    sweep.model = *find_runnable_model({}, model_path_.string());
    sweep.description = *runner_.describe({});
    sweep.work = folder_.path() / "work";
    sweep.start_afresh = [] {};
    sweep.is_interrupted = [] { return false; };
    sweep.start_runner = [this]() -> Result<std::unique_ptr<Runner>> {
      return std::make_unique<ScriptedTimesRunner>(times_);
    };
    SweepSpec& whole = sweep.spec;
    whole.prompt_tokens = 4;
    whole.decode_tokens = 4;
    whole.decodings = 1;
    whole.positions = 8;
    whole.prompts = 1;
    whole.gate_prompt_tokens = 8;
    whole.greedy_tokens = 4;
  }

  Result<OptimizeAnswer> try_search(Runner& runner) {
    const Uuid run = *store_.begin_run({.command = "optimize", .arguments = {}, .provenance = {}});
    return run_optimize(setup_, {runner, store_, run, clock_, progress_});
  }
  OptimizeAnswer search(Runner& runner) {
    Result<OptimizeAnswer> answer = try_search(runner);
    EXPECT_TRUE(answer) << answer.error().message;
    FUSESWEEP_CHECK(answer);
    return *std::move(answer);
  }
  OptimizeAnswer search() { return search(runner_); }

  void limit(std::uint64_t bytes) {
    setup_.sweep.spec.options.residency_limit_bytes = bytes;
    setup_.sweep.description = *runner_.describe(setup_.sweep.spec.options);
  }

  static const SegmentFinding& finding(const OptimizeReport& report, const Segment& segment) {
    const auto found =
        std::find_if(report.segments.begin(), report.segments.end(),
                     [&](const SegmentFinding& one) { return one.segment == segment; });
    FUSESWEEP_CHECK(found != report.segments.end());
    return *found;
  }

  void start_over() {
    store_ = *Store::open(":memory:", Access::kWrite, clock_);
    std::filesystem::remove_all(setup_.sweep.work);
    times_.started = 0;
    times_.timed.clear();
  }

  TemporaryFolder folder_;
  std::filesystem::path model_path_ = folder_.path() / "small.gguf";
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  CpuRunner runner_;
  ScriptedTimes times_;
  OptimizeSetup setup_{.spec = {.form = {.split = Split({kLayers}),
                                         .shape = {.tokens = 1, .context = 32},
                                         .threads = 1},
                                .tail = "2+1",
                                .rounds = 4},
                       .sweep = {},
                       .facts = {}};
};

TEST_F(OptimizeTest, FindsTheFastestOfAllSplitsAndProvesIt) {
  const OptimizeAnswer answer = search();
  const OptimizeReport& report = answer.report;
  EXPECT_EQ(report.end, SearchEnd::kProven);
  ASSERT_TRUE(report.bound_rel);
  EXPECT_LE(*report.bound_rel, 0.01);
  EXPECT_EQ(report.chosen, "2+2+1");
  ASSERT_FALSE(report.best.empty());
  EXPECT_EQ(report.best.front().split, "2+2+1");
  EXPECT_NEAR(report.best.front().ms, 4.7, 0.1);
  ASSERT_TRUE(report.form);
  EXPECT_NEAR(report.form->boundary_ms, 0.3, 0.05);
  ASSERT_TRUE(report.additivity);
  EXPECT_LT(std::abs(report.additivity->largest_rel), 0.02);
  EXPECT_EQ(report.effort.segments, 15);
  EXPECT_EQ(report.effort.splits, "16");
  EXPECT_LE(report.effort.builds, 15);
  EXPECT_GT(report.effort.seconds, 0);
  EXPECT_TRUE(std::filesystem::exists(answer.manifest));
  EXPECT_THAT(answer.manifest.string(), HasSubstr("_2_2_1_"));
  for (const CandidateAnswer& verified : answer.verification->candidates) {
    const std::string split = to_text(verified.candidate.split);
    const auto known = std::find_if(report.best.begin(), report.best.end(),
                                    [&](const PathFinding& path) { return path.split == split; });
    ASSERT_NE(known, report.best.end()) << split;
    EXPECT_TRUE(known->bound_rel) << split;
  }
}

TEST_F(OptimizeTest, TheVerificationIsASweepWithTheBestTheFrontFusedAndTheControl) {
  const OptimizeAnswer answer = search();
  ASSERT_TRUE(answer.verification);
  EXPECT_EQ(to_text(answer.verification->sweep), answer.report.sweep);
  std::vector<std::string> names;
  for (const CandidateAnswer& candidate : answer.verification->candidates) {
    EXPECT_TRUE(candidate.figures) << candidate.name << ": " << candidate.reason;
    names.push_back(candidate.name);
  }
  EXPECT_THAT(names, Contains("2+2+1"));
  EXPECT_EQ(answer.report.front_fused, "2+2+1");  // the tail 2+1 behind 2
  EXPECT_THAT(names, Contains("5"));              // the control: the whole model
  const std::vector<StoredSweep> sweeps = *store_.sweeps();
  ASSERT_EQ(sweeps.size(), 2U);
  EXPECT_EQ(kind_of(sweeps[0].sweep), "optimize");
  EXPECT_EQ(sweeps[0].answer, to_json(answer.report));
  EXPECT_EQ(kind_of(sweeps[1].sweep), "sweep");
}

TEST_F(OptimizeTest, AskedAgainItHasNothingLeftToDo) {
  const OptimizeAnswer first = search();
  EXPECT_GT(first.work_done, 0);
  times_.started = 0;
  const OptimizeAnswer again = search();
  EXPECT_EQ(again.work_done, 0);
  EXPECT_EQ(times_.started, 0);
  EXPECT_EQ(to_json(again.report), to_json(first.report));
  EXPECT_EQ(again.manifest, first.manifest);
  ASSERT_TRUE(again.verification);
  EXPECT_EQ(again.verification->sweep, first.verification->sweep);
  setup_.sweep.is_fresh = true;
  EXPECT_GT(search().work_done, 0);
}

TEST_F(OptimizeTest, CutShortAnywhereItGoesOnAndDoesNothingTwice) {
  const OptimizeAnswer at_once = search();
  const int started_at_once = times_.started;
  start_over();
  int done = 0;
  int calls = 0;
  // Every call gets a few steps further.
  for (bool is_over = false; !is_over; ++calls) {
    ASSERT_LT(calls, 300);
    int asked = 0;
    setup_.sweep.is_interrupted = [&asked, calls] { return ++asked > 4 + calls; };
    const OptimizeAnswer answer = search();
    done += answer.work_done;
    is_over = !answer.is_interrupted;
    if (is_over) {
      EXPECT_EQ(answer.report.chosen, at_once.report.chosen);
      EXPECT_EQ(answer.report.bound_rel, at_once.report.bound_rel);
      EXPECT_EQ(answer.report.effort.builds, at_once.report.effort.builds);
    } else {
      EXPECT_EQ(answer.report.end, SearchEnd::kInterrupted);
      EXPECT_FALSE(answer.report.chosen);
    }
  }
  EXPECT_GT(calls, 5);
  EXPECT_EQ(done, at_once.work_done);
  EXPECT_EQ(times_.started, started_at_once);
}

TEST_F(OptimizeTest, WhatFailsAGateIsNeverTimed) {
  const Segment bad{2, 4};
  SabotagedRunner runner([&](const BuildRequest& request, BuiltShard& built) {
    const auto* segment = std::get_if<Segment>(&request.identity.kind);
    if (segment == nullptr || *segment != bad) return;
    altering([](AlteredPackage& p) { put_nan(p, "layers_0_attention_norm_weight"); })(request,
                                                                                      built);
  });
  const OptimizeAnswer answer = search(runner);
  EXPECT_THAT(times_.timed, Not(Contains("[2,4)")));
  EXPECT_THAT(times_.timed, Contains("[0,2)"));
  const SegmentFinding& excluded = finding(answer.report, bad);
  EXPECT_EQ(excluded.standing, SegmentStanding::kExcluded);
  EXPECT_THAT(excluded.reason, HasSubstr("weights"));
  EXPECT_EQ(answer.report.chosen, "2+3");  // 1.4 + 3 + 0.6
}

TEST_F(OptimizeTest, BeyondTheCliffNothingIsBuilt) {
  limit(20'000);  // two layers
  times_.segment_us = [](const Segment& segment) { return 1000.0 * segment.layers(); };
  const OptimizeAnswer answer = search();
  ASSERT_TRUE(answer.cliff && answer.cliff->edge);
  EXPECT_EQ(answer.cliff->edge->last_resident, 2);
  for (const SegmentFinding& one : answer.report.segments) {
    EXPECT_EQ(one.standing == SegmentStanding::kExcluded, one.segment.layers() > 2)
        << to_text(one.segment);
  }
  for (const std::string& group : times_.timed)
    EXPECT_THAT(group, testing::AnyOf("[0,1)", "[1,2)", "[2,3)", "[3,4)", "[4,5)", "[0,2)", "[1,3)",
                                      "[2,4)", "[3,5)"));
  ASSERT_TRUE(answer.report.chosen);
  EXPECT_EQ(parse_split(*answer.report.chosen)->shards(), 3);
}

TEST_F(OptimizeTest, LimitsThatWereAskedForHold) {
  setup_.spec.longest_shard = 3;
  setup_.spec.max_shards = 2;
  setup_.spec.forbidden = {{0, 2}};
  const OptimizeAnswer answer = search();
  EXPECT_EQ(answer.report.chosen, "3+2");
  EXPECT_EQ(answer.report.effort.splits, "1");
}

TEST_F(OptimizeTest, WhereEverySplitIsForbiddenThereIsNoPath) {
  setup_.spec.longest_shard = 1;
  setup_.spec.max_shards = 4;
  const OptimizeAnswer answer = search();
  EXPECT_EQ(answer.report.end, SearchEnd::kNoPath);
  EXPECT_FALSE(answer.report.bound_rel);
  EXPECT_FALSE(answer.report.chosen);
  EXPECT_FALSE(answer.verification);
  EXPECT_EQ(times_.started, 0);
  EXPECT_EQ(search().work_done, 0);
}

TEST_F(OptimizeTest, ASegmentThatCannotBeTimedIsLeftOutAndRemembered) {
  const Segment bad{0, 3};
  times_.time_error = [&](const Segment& segment) {
    return segment == bad ? std::optional(crashed("it died").value()) : std::nullopt;
  };
  const OptimizeAnswer answer = search();
  const SegmentFinding& excluded = finding(answer.report, bad);
  EXPECT_EQ(excluded.standing, SegmentStanding::kExcluded);
  EXPECT_THAT(excluded.reason, HasSubstr("measuring it: "));
  EXPECT_THAT(excluded.reason, HasSubstr("it died"));
  EXPECT_THAT(times_.timed, Not(Contains("[0,3)")));
  EXPECT_EQ(answer.report.chosen, "2+2+1");
  const ShardIdentity shard = shard_of(setup_.sweep.model, setup_.spec.form.shape, bad);
  const Conditions conditions =
      conditions_of(setup_.sweep.description, setup_.sweep.spec.options, setup_.sweep.limits);
  EXPECT_TRUE(store_.find_failure(shard, conditions)->has_value());
}

TEST_F(OptimizeTest, WhatDoesNotFitIntoMemoryTogetherIsMeasuredInGroups) {
  const OptimizeAnswer roomy = search();
  const std::size_t trials = store_.trials_of(roomy.id)->size();
  start_over();
  setup_.sweep.description.process_limit_bytes = 800'000;
  const OptimizeAnswer answer = search();
  EXPECT_GT(store_.trials_of(answer.id)->size(), trials);
  EXPECT_EQ(answer.report.chosen, roomy.report.chosen);
  EXPECT_EQ(answer.report.end, roomy.report.end);
}

TEST_F(OptimizeTest, AShortBudgetEndsItWithTheBoundThatWasReached) {
  setup_.spec.budget = std::chrono::milliseconds(1);
  setup_.spec.regret_rel = 1e-6;
  const OptimizeAnswer answer = search();
  EXPECT_EQ(answer.report.end, SearchEnd::kTimeSpent);
  EXPECT_EQ(answer.report.effort.trials, 1);
  ASSERT_TRUE(answer.report.bound_rel);
  EXPECT_GT(*answer.report.bound_rel, 1e-6);
  EXPECT_TRUE(answer.verification);
}

TEST_F(OptimizeTest, ARunnerThatCannotTimeIsRefused) {
  std::erase(setup_.sweep.description.capabilities, "time");
  const Result<OptimizeAnswer> answer = try_search(runner_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidInput);
  EXPECT_THAT(answer.error().message, HasSubstr("cannot time shards"));
  EXPECT_THAT(*store_.sweeps(), IsEmpty());
}

TEST_F(OptimizeTest, ARunnerThatCannotBeStartedIsAnError) {
  setup_.sweep.start_runner = []() -> Result<std::unique_ptr<Runner>> {
    return unavailable("the runner cannot be started any more");
  };
  const Result<OptimizeAnswer> answer = try_search(runner_);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("cannot be started"));
}

}  // namespace
}  // namespace fusesweep
