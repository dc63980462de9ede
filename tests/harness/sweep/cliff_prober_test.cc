#include "harness/sweep/cliff_prober.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/base/clock.h"
#include "tests/support/scripted_runner.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = CliffSurprise::Kind;

const Error kCrash{ErrorCode::kCrashed, "build: the program ended with signal 9"};
const Error kTimeOut{ErrorCode::kTimedOut, "build: no answer in 3600 s"};

// A search of the nano model's cliff with a scripted runner and a store of its own.
class CliffProberTest : public testing::Test {
 protected:
  CliffResult find(ScriptedRunner& runner, StoredAnswers stored = StoredAnswers::kUse,
                   bool is_exhaustive = false) {
    const RunnerDescription description = *runner.describe({});
    const Uuid run = *store_.begin_run({.command = "cliff", .arguments = {}, .provenance = {}});
    ProberSetup setup{.model = {.path = "nano.gguf",
                                .contract = *known_model("nano"),
                                .name = "nano.gguf",
                                .hash = std::string(32, 'a')},
                      .shape = {.tokens = 1, .encoding = Encoding::kInt8, .context = 512},
                      .options = {},
                      .work = folder_.path(),
                      .stored = stored,
                      .start_afresh = [&runner] { ++runner.afresh; }};
    CliffProber prober =
        *CliffProber::create(runner, description, std::move(setup), store_, run, progress_);
    CliffSearch search({.n_layers = 32, .first_guess = 21, .is_exhaustive = is_exhaustive});
    CliffResult result = **find_cliff(
        search, prober, [] { return false; }, progress_);
    asked_ = prober.asked();
    stored_ = prober.stored();
    return result;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  int asked_ = 0;
  int stored_ = 0;
};

ScriptedRunner::Script up_to(int longest) {
  return [longest](const Segment& segment, int) {
    return ShardScript{.planned = segment.layers() <= longest};
  };
}

TEST_F(CliffProberTest, FindsAndConfirmsAnEdgeInFreshProcesses) {
  ScriptedRunner runner(up_to(21));
  const CliffResult result = find(runner);
  EXPECT_EQ(result.edge, (CliffEdge{21, 22}));
  EXPECT_TRUE(result.is_confirmed);
  EXPECT_LE(runner.builds, 2 + 8);
  EXPECT_EQ(runner.afresh, 4);  // both second attempts, before the build and before the inspection
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "rebuilt"));
}

TEST_F(CliffProberTest, AsksNothingTwiceUnlessTold) {
  ScriptedRunner runner(up_to(21));
  const CliffResult first = find(runner);
  const int builds = runner.builds;
  const CliffResult second = find(runner);
  EXPECT_EQ(runner.builds, builds);
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(stored_, static_cast<int>(first.answers.size()));
  EXPECT_EQ(second.answers, first.answers);
  EXPECT_EQ(second.edge, first.edge);
  find(runner, StoredAnswers::kIgnore);
  EXPECT_EQ(runner.builds, 2 * builds);
}

TEST_F(CliffProberTest, NamesANonMonotoneRule) {
  ScriptedRunner runner([](const Segment& segment, int) {
    const int length = segment.layers();
    return ShardScript{.planned = length < 24 || length == 25};
  });
  const CliffResult result = find(runner, StoredAnswers::kUse, /*is_exhaustive=*/true);
  EXPECT_EQ(result.edge, (CliffEdge{23, 24}));
  EXPECT_THAT(result.surprises, ElementsAre(CliffSurprise{Kind::kNotMonotone, {0, 25}, {0, 24}}));
  EXPECT_FALSE(result.is_confirmed);
}

TEST_F(CliffProberTest, NamesAFlakyAnswer) {
  ScriptedRunner runner([](const Segment& segment, int builds) {
    return ShardScript{.planned = segment.layers() < 21 || (segment.layers() == 21 && builds == 1)};
  });
  EXPECT_THAT(find(runner).surprises, Contains(CliffSurprise{Kind::kFlaky, {0, 21}, {0, 21}}));
}

TEST_F(CliffProberTest, NamesAValueDependentAnswer) {
  ScriptedRunner runner([](const Segment& segment, int) {
    return ShardScript{.planned = segment.layers() <= 21 && segment.end != 32};
  });
  EXPECT_THAT(find(runner).surprises,
              Contains(CliffSurprise{Kind::kValueDependent, {0, 21}, {11, 32}}));
}

TEST_F(CliffProberTest, SaysWhatBecameOfTheRunner) {
  const struct {
    const char* name;
    int first_bad;
    ShardScript said;
    ProbeFailure failure;
  } kRows[] = {
      {"the compiler crashes at 18", 18, {.build_error = kCrash}, ProbeFailure::kCrash},
      {"it takes too long at 20", 20, {.build_error = kTimeOut}, ProbeFailure::kTimeOut},
      {"it says that it cannot",
       20,
       {.build_error = Error{ErrorCode::kUnavailable, "no"}},
       ProbeFailure::kBuild},
      {"loading fails though the plan was fine",
       20,
       {.open_error = Error{ErrorCode::kUnavailable, "no"}},
       ProbeFailure::kRun},
      {"the plan says resident and the run does not", 20, {.ran = false}, ProbeFailure::kRun},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    ScriptedRunner runner([&row](const Segment& segment, int) {
      return segment.layers() < row.first_bad ? ShardScript{} : row.said;
    });
    const CliffResult result = find(runner, StoredAnswers::kIgnore);
    EXPECT_EQ(result.edge, (CliffEdge{row.first_bad - 1, row.first_bad}));
    EXPECT_EQ(result.first_failure, row.failure);
    EXPECT_TRUE(result.is_confirmed);
  }
}

TEST_F(CliffProberTest, FindsALowerEdgeOfItsOwn) {
  ScriptedRunner runner([](const Segment& segment, int) {
    return ShardScript{.planned = segment.layers() > 2 && segment.layers() <= 20};
  });
  const CliffResult result = find(runner);
  EXPECT_EQ(result.edge, (CliffEdge{20, 21}));
  EXPECT_EQ(result.lower_edge, (CliffEdge{3, 2}));
}

TEST_F(CliffProberTest, WrongOutputsDoNotMoveTheCliffAndAreNamed) {
  ScriptedRunner runner([](const Segment& segment, int) {
    return ShardScript{.planned = segment.layers() <= 21, .is_finite = segment != Segment{22, 32}};
  });
  const CliffResult result = find(runner);
  EXPECT_EQ(result.edge, (CliffEdge{21, 22}));
  for (const ProbeAnswer& answer : result.answers)
    EXPECT_EQ(answer.wrong.has_value(), answer.probe.segment == (Segment{22, 32}));
}

TEST_F(CliffProberTest, FailuresAreRememberedAndAskedAgainWhenTold) {
  ScriptedRunner runner([](const Segment& segment, int builds) {
    ShardScript said;
    if (segment.layers() > 21) said.build_error = kCrash;
    if (segment.layers() == 22 && builds > 2) said.build_error.reset();  // it was mended
    return said;
  });
  EXPECT_EQ(find(runner).edge, (CliffEdge{21, 22}));
  EXPECT_EQ(find(runner).edge, (CliffEdge{21, 22}));
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(find(runner, StoredAnswers::kUseButFailures).edge, (CliffEdge{22, 23}));
  EXPECT_GT(asked_, 0);
}

TEST_F(CliffProberTest, WrongInputEndsTheSearch) {
  ScriptedRunner runner([](const Segment&, int) {
    return ShardScript{.build_error = Error{ErrorCode::kInvalidInput, "no such model"}};
  });
  const Uuid run = *store_.begin_run({.command = "cliff", .arguments = {}, .provenance = {}});
  CliffProber prober = *CliffProber::create(
      runner, *runner.describe({}),
      {.model = {.contract = *known_model("nano"), .name = "nano", .hash = std::string(32, 'a')},
       .work = folder_.path(),
       .start_afresh = [] {}},
      store_, run, progress_);
  const Result<ProbeAnswer> answer = prober.probe({{0, 3}, 1});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "[0,3): no such model");
}

}  // namespace
}  // namespace fusesweep
