#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "runners/cpu/cpu_runner.h"
#include "runners/replay/replay_runner.h"
#include "tests/support/forwarding_runner.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A sweep of the small model, with runners in this process.
class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    write_small_model(model_path_);
    setup_.model = *find_runnable_model({}, model_path_.string());
    setup_.description = *runner_.describe({});
    setup_.work = folder_.path() / "work";
    setup_.start_afresh = [] {};
    setup_.is_interrupted = [] { return false; };
    setup_.start_runner = [this]() -> Result<std::unique_ptr<Runner>> {
      ++started_;
      return std::make_unique<CpuRunner>();
    };
    SweepSpec& spec = setup_.spec;
    spec.candidates =
        candidates_of({.splits = {*parse_split("2+1"), *parse_split("3"), *parse_split("1+1+1")},
                       .contexts = {32},
                       .threads = {1}});
    spec.prompt_tokens = 4;
    spec.decode_tokens = 6;
    spec.budget = std::chrono::milliseconds(1);  // the pilot, and no more
    spec.positions = 8;
    spec.prompts = 1;
    spec.gate_prompt_tokens = 8;
    spec.greedy_tokens = 4;
  }

  SweepAnswer sweep() {
    const Uuid run = *store_.begin_run({.command = "sweep", .arguments = {}, .provenance = {}});
    const Result<SweepAnswer> answer = run_sweep(setup_, {runner_, store_, run, clock_, progress_});
    FUSESWEEP_CHECK(answer);
    return *answer;
  }

  static std::vector<std::string> names(const SweepAnswer& answer) {
    std::vector<std::string> names;
    for (const CandidateAnswer& candidate : answer.candidates) names.push_back(candidate.name);
    return names;
  }

  TemporaryFolder folder_;
  std::filesystem::path model_path_ = folder_.path() / "small.gguf";
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  CpuRunner runner_;
  SweepSetup setup_;
  int started_ = 0;  // runners of arms
};

TEST_F(SweepTest, GatesMeasuresAndComparesEveryCandidate) {
  const SweepAnswer answer = sweep();
  EXPECT_THAT(names(answer), ElementsAre("3", "2+1", "1+1+1"));  // fewest shards first
  ASSERT_TRUE(answer.cliff);
  EXPECT_EQ(answer.cliff->edge->last_resident, 3);
  EXPECT_EQ(answer.control, 0U);
  EXPECT_EQ(answer.blocks, 6);
  EXPECT_EQ(started_, 6 * 4);  // three arms and the twin, afresh in every block
  for (const CandidateAnswer& candidate : answer.candidates) {
    SCOPED_TRACE(candidate.name);
    EXPECT_EQ(candidate.standing, Standing::kQualified) << candidate.reason;
    ASSERT_TRUE(candidate.figures);
    EXPECT_GT(candidate.figures->tok_per_s, 0);
    EXPECT_EQ(candidate.figures->groups.size(), candidate.candidate.split.segments().size() + 3);
    EXPECT_EQ(candidate.comparison.has_value(), candidate.name != "3");
  }
  ASSERT_TRUE(answer.trial);
  EXPECT_EQ(answer.ties.empty(), !answer.trial->dirt.empty());
}

TEST_F(SweepTest, AskedAgainItHasNothingLeftToDo) {
  const Json first = to_json(sweep());
  started_ = 0;
  const SweepAnswer again = sweep();
  EXPECT_EQ(again.work_done, 0);
  EXPECT_EQ(started_, 0);
  Json second = to_json(again);
  second["work_done"] = first["work_done"];
  EXPECT_EQ(second, first);
  setup_.is_fresh = true;
  EXPECT_GT(sweep().work_done, 0);
}

TEST_F(SweepTest, CutShortAnywhereItGoesOnAndDoesNothingTwice) {
  const int done_at_once = sweep().work_done;
  store_ = *Store::open(":memory:", Access::kWrite, clock_);
  std::filesystem::remove_all(setup_.work);
  int done = 0;
  int calls = 0;
  // Every call gets a few steps further.
  for (bool is_over = false; !is_over; ++calls) {
    ASSERT_LT(calls, 100);
    int asked = 0;
    setup_.is_interrupted = [&asked, calls] { return ++asked > 2 + calls; };
    const SweepAnswer answer = sweep();
    done += answer.work_done;
    is_over = !answer.is_interrupted;
    if (!is_over) {
      EXPECT_THAT(answer.ties, IsEmpty());
    }
  }
  EXPECT_GT(calls, 3);
  EXPECT_EQ(done, done_at_once);
}

TEST_F(SweepTest, ADisqualifiedCandidateIsListedAndNotMeasured) {
  setup_.spec.options.residency_limit_bytes = 20'000;  // two layers
  setup_.description = *runner_.describe(setup_.spec.options);
  const SweepAnswer answer = sweep();
  EXPECT_EQ(answer.cliff->edge->last_resident, 2);
  const CandidateAnswer& whole = answer.candidates.front();
  EXPECT_EQ(whole.name, "3");
  EXPECT_EQ(whole.standing, Standing::kDisqualified);
  EXPECT_THAT(whole.reason, HasSubstr("[0,3)"));
  EXPECT_FALSE(whole.figures);
  EXPECT_EQ(answer.control, 1U);  // 2+1
  EXPECT_TRUE(answer.candidates[2].figures);
}

TEST_F(SweepTest, AnArmThatCannotBeMeasuredLeavesTheOthersTheirAnswer) {
  class Refusing final : public ForwardingRunner {
   public:
    Result<Opened> open(const OpenRequest& r, Progress& p) override {
      if (r.manifest.string().find("_1_1_1_") != std::string::npos) return crashed("out of memory");
      return cpu.open(r, p);
    }
  };
  setup_.start_runner = []() -> Result<std::unique_ptr<Runner>> {
    return std::make_unique<Refusing>();
  };
  const SweepAnswer answer = sweep();
  EXPECT_EQ(answer.candidates[2].standing, Standing::kDisqualified);
  EXPECT_THAT(answer.candidates[2].reason, HasSubstr("out of memory"));
  EXPECT_TRUE(answer.candidates[0].figures);
  EXPECT_TRUE(answer.candidates[1].figures);
}

TEST_F(SweepTest, WhatDoesNotFitIntoMemoryTogetherIsMeasuredInGroupsThatShareTheControl) {
  const TrialArm control = *prepare_arm(runner_, setup_.description, setup_.model,
                                        {.split = *parse_split("3"),
                                         .shape = setup_.spec.candidates.front().shape,
                                         .work = setup_.work,
                                         .options = {}},
                                        "3", progress_);
  setup_.memory_bytes = control.bytes * 7 / 2;  // control, twin, and one more, somewhat larger
  const SweepAnswer answer = sweep();
  EXPECT_EQ(answer.trials.size(), 2U);
  EXPECT_EQ(answer.blocks, 12);
  EXPECT_EQ(started_, 12 * 3);
  ASSERT_TRUE(answer.trial);
  EXPECT_EQ(answer.trial->candidates.size(), 2U);
  for (const CandidateAnswer& candidate : answer.candidates) {
    SCOPED_TRACE(candidate.name);
    EXPECT_TRUE(candidate.figures);
    EXPECT_EQ(candidate.comparison.has_value(), candidate.name != "3");
  }
  EXPECT_EQ(sweep().work_done, 0);  // asked again
}

TEST_F(SweepTest, WithoutRoomForTheControlAndItsTwinNothingIsMeasured) {
  setup_.memory_bytes = 1;
  const Uuid run = *store_.begin_run({.command = "sweep", .arguments = {}, .provenance = {}});
  const Result<SweepAnswer> answer = run_sweep(setup_, {runner_, store_, run, clock_, progress_});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("memory: found a limit of 1 B"));
  EXPECT_EQ(started_, 0);
}

TEST_F(SweepTest, ARunnerThatDiesForGoodLeavesTheCliffAndTheGates) {
  setup_.start_runner = []() -> Result<std::unique_ptr<Runner>> {
    return unavailable("the runner cannot be started any more");
  };
  const SweepAnswer answer = sweep();
  EXPECT_TRUE(answer.cliff);
  EXPECT_FALSE(answer.gates.empty());
  EXPECT_FALSE(answer.trial);
  for (const CandidateAnswer& candidate : answer.candidates) {
    EXPECT_EQ(candidate.standing, Standing::kDisqualified);
    EXPECT_THAT(candidate.reason, HasSubstr("measuring it: block 0, start: the runner cannot"));
  }
}

TEST_F(SweepTest, OneCandidateIsMeasuredAgainstItsTwin) {
  setup_.spec.candidates.erase(setup_.spec.candidates.begin() + 1, setup_.spec.candidates.end());
  const SweepAnswer answer = sweep();
  EXPECT_EQ(answer.blocks, 6);
  EXPECT_TRUE(answer.candidates[0].figures);
  EXPECT_FALSE(answer.candidates[0].comparison);
}

TEST_F(SweepTest, AxesAreCandidatesOfTheirOwn) {
  setup_.spec.candidates = candidates_of({.splits = {*parse_split("3")},
                                          .tokens = {1, 4},
                                          .contexts = {32},
                                          .encodings = {Encoding::kInt8, Encoding::kFp16},
                                          .threads = {1}});
  const SweepAnswer answer = sweep();
  EXPECT_THAT(names(answer), testing::UnorderedElementsAre("3 T=1 int8", "3 T=1 fp16", "3 T=4 int8",
                                                           "3 T=4 fp16"));
  for (const CandidateAnswer& candidate : answer.candidates)
    EXPECT_TRUE(candidate.figures) << candidate.name << ": " << candidate.reason;
}

TEST_F(SweepTest, ARecordIsShownAndRanksNothing) {
  ReplayRunner replay(*find_recorded("phi4-mini-m4max"));
  setup_.description = *replay.describe({});
  setup_.model = *find_runnable_model(setup_.description, std::nullopt);
  setup_.spec.candidates =
      candidates_of({.splits = {*parse_split("12+12+6+2"), *parse_split("16+8+6+2"),
                                *parse_split("20+4+6+2"), *parse_split("24+6+2")}});
  const auto replayed = [&] {
    const Uuid run = *store_.begin_run({.command = "sweep", .arguments = {}, .provenance = {}});
    return *run_sweep(setup_, {replay, store_, run, clock_, progress_});
  };
  const SweepAnswer answer = replayed();
  EXPECT_EQ(answer.candidates[0].name, "24+6+2");
  EXPECT_EQ(answer.candidates[0].standing, Standing::kDisqualified);
  EXPECT_THAT(answer.candidates[0].reason, HasSubstr("residency of [0,24)"));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE(answer.candidates[i].recorded.empty());
  EXPECT_FALSE(answer.trial);
  EXPECT_THAT(answer.ties, IsEmpty());
}

}  // namespace
}  // namespace fusesweep
