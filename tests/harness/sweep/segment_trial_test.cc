#include "harness/sweep/segment_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_segments.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

ReadySegment ready(int begin, int end) {
  const Segment segment{begin, end};
  return {.segment = segment,
          .key = "key of " + to_text(segment),
          .content = "bytes of " + to_text(segment),
          .artifact = to_text(segment)};
}

class SegmentTrialTest : public testing::Test {
 protected:
  SegmentTrialTest() {
    // A layer takes 1 ms; blocks differ a little, for each segment by its own.
    fake_.call_ns = [this](const std::string& name, int) {
      int begin = 0;
      int end = 0;
      std::sscanf(name.c_str(), "[%d,%d)", &begin, &end);
      const double noise = noise_rel_ * std::sin(3.0 * fake_.started + 5.0 * begin + 7.0 * end);
      return std::llround(1e6 * (end - begin) * (1 + noise) * std::pow(drift_, fake_.started));
    };
    spec_.wanted = {ready(0, 2), ready(2, 3), ready(2, 4)};
    spec_.control = {ready(0, 2), ready(2, 4)};
    spec_.rounds = 8;
  }

  Result<SegmentTrialOutcome> try_trial() {
    return run_segment_trial(spec_, start_,
                             {store_, run_, sweep_, false, clock_, progress_, [this] {
                                return interrupt_after_ && fake_.started >= *interrupt_after_;
                              }});
  }
  SegmentTrialOutcome trial() {
    Result<SegmentTrialOutcome> outcome = try_trial();
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *std::move(outcome) : SegmentTrialOutcome{};
  }

  FakeClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  Uuid run_ = *store_.begin_run(sample_run());
  Uuid sweep_ = *store_.begin_sweep(
      run_, {.spec_hash = std::string(32, 'a'), .spec = {{"kind", "optimize"}}});
  FakeSegments fake_;
  StartRunner start_ = [this] { return fake_.start(); };
  double noise_rel_ = 0.002;
  double drift_ = 1;  // from block to block
  std::optional<int> interrupt_after_;
  SegmentTrialSpec spec_;
};

TEST_F(SegmentTrialTest, TheFirstTrialHasEverySegmentsOwnTime) {
  const SegmentTrialOutcome outcome = trial();
  EXPECT_EQ(outcome.blocks, 6);
  EXPECT_EQ(outcome.new_blocks, 6);
  EXPECT_NEAR(outcome.control_ms, 4, 0.01);
  ASSERT_THAT(outcome.costs, SizeIs(3));
  const double wanted_ms[] = {2, 1, 2};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(outcome.costs[i].segment, spec_.wanted[i].segment);
    EXPECT_NEAR(outcome.costs[i].ms, wanted_ms[i], 0.01);
    EXPECT_GT(outcome.costs[i].sd_rel, 1e-4);
    EXPECT_LT(outcome.costs[i].sd_rel, 0.002);
  }
  EXPECT_GT(outcome.trial_sd_rel, 0);
}

TEST_F(SegmentTrialTest, EachSegmentIsTimedOnceThoughTheControlHasItToo) {
  trial();
  EXPECT_THAT(fake_.opened, SizeIs(6 * 3));
}

TEST_F(SegmentTrialTest, BlocksAreStoredWithACellForEachSegment) {
  const SegmentTrialOutcome outcome = trial();
  EXPECT_THAT(*store_.trials_of(sweep_), ElementsAre(outcome.name));
  const std::vector<BlockRow> blocks = *store_.blocks_of(sweep_, outcome.name);
  ASSERT_THAT(blocks, SizeIs(6));
  for (const BlockRow& block : blocks) {
    ASSERT_THAT(block.cells, SizeIs(3));
    EXPECT_EQ(block.cells[1].arm, "[2,3)");
    EXPECT_EQ(block.cells[1].split_key, "key of [2,3)");
    EXPECT_THAT(block.cells[1].token_ns, SizeIs(8));
    EXPECT_THAT(block.loads, SizeIs(3));
    EXPECT_EQ(block.loads[1].activation_ns.at("[2,3)"), 70);
  }
}

TEST_F(SegmentTrialTest, LaterTrialsAreOnTheScaleOfTheFirst) {
  spec_.control_ms = 40;  // as it was when everything was ten times slower
  const SegmentTrialOutcome outcome = trial();
  EXPECT_NEAR(outcome.costs[1].ms, 10, 0.1);
  EXPECT_NEAR(outcome.control_ms, 4, 0.01);
}

TEST_F(SegmentTrialTest, DriftFallsOut) {
  const SegmentTrialOutcome still = trial();
  fake_.started = 0;
  drift_ = 1.1;
  spec_.number = 1;
  spec_.control_ms = still.control_ms;
  const SegmentTrialOutcome drifting = trial();
  EXPECT_EQ(drifting.blocks, 6);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(drifting.costs[i].ms / still.costs[i].ms, 1, 1e-5);
    EXPECT_NEAR(drifting.costs[i].sd_rel, still.costs[i].sd_rel, 1e-5);
  }
}

TEST_F(SegmentTrialTest, SpreadAsksForMoreBlocksUpToALimit) {
  const struct {
    double noise_rel;
    double budget_s;
    int blocks;
  } rows[] = {{0.002, 20, 6}, {0.1, 20, 12}, {0.1, 0, 6}};
  int number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.noise_rel);
    noise_rel_ = row.noise_rel;
    spec_.budget = std::chrono::milliseconds(static_cast<int>(1000 * row.budget_s));
    spec_.number = ++number;
    EXPECT_EQ(trial().blocks, row.blocks);
  }
}

TEST_F(SegmentTrialTest, BlocksThatAgreeToTheLastDigitDoNotMakeAFigureExact) {
  noise_rel_ = 0;
  const SegmentTrialOutcome outcome = trial();
  EXPECT_DOUBLE_EQ(outcome.costs[0].sd_rel, 1e-4);
  EXPECT_DOUBLE_EQ(outcome.trial_sd_rel, 1e-4);
}

TEST_F(SegmentTrialTest, CutShortItGoesOnAndMeasuresNothingTwice) {
  const SegmentTrialOutcome whole = trial();
  store_ = *Store::open(":memory:", Access::kWrite, clock_);
  run_ = *store_.begin_run(sample_run());
  sweep_ = *store_.begin_sweep(run_, {.spec_hash = std::string(32, 'a')});
  fake_.started = 0;
  interrupt_after_ = 4;
  const SegmentTrialOutcome cut = trial();
  EXPECT_TRUE(cut.is_interrupted);
  EXPECT_EQ(cut.blocks, 4);
  EXPECT_THAT(cut.costs, IsEmpty());
  interrupt_after_.reset();
  const SegmentTrialOutcome rest = trial();
  EXPECT_EQ(rest.new_blocks, 2);
  EXPECT_EQ(rest.blocks, 6);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(rest.costs[i].ms, whole.costs[i].ms);
  EXPECT_EQ(trial().new_blocks, 0);
}

TEST_F(SegmentTrialTest, AnythingElseThatIsMeasuredIsAnotherTrial) {
  const std::string name = trial().name;
  const SegmentTrialSpec first = spec_;
  const std::function<void()> changes[] = {[this] { spec_.number = 1; },
                                           [this] { spec_.rounds = 9; },
                                           [this] { spec_.seed = 2; },
                                           [this] { spec_.control.pop_back(); },
                                           [this] { spec_.wanted.pop_back(); },
                                           [this] { spec_.wanted[1].content = "others"; },
                                           [this] { spec_.options.threads = 2; },
                                           [this] { spec_.control[0].content = "others"; }};
  for (const auto& change : changes) {
    spec_ = first;
    change();
    EXPECT_NE(trial().name, name);
  }
}

TEST_F(SegmentTrialTest, AFaultIsToldAndNothingIsStored) {
  fake_.only = "[2,3)";
  fake_.time = [](const std::string&, int) { return unavailable("no answer"); };
  const SegmentTrialOutcome outcome = trial();
  ASSERT_THAT(outcome.faults, SizeIs(1));
  EXPECT_EQ(outcome.faults[0].segment, (Segment{2, 3}));
  EXPECT_THAT(outcome.faults[0].reason, HasSubstr("no answer"));
  EXPECT_THAT(outcome.costs, IsEmpty());
  EXPECT_THAT(*store_.trials_of(sweep_), IsEmpty());
}

TEST_F(SegmentTrialTest, ARunnerThatCannotBeStartedIsAnError) {
  fake_.start_error = unavailable("no such program").value();
  EXPECT_EQ(try_trial().error().message, "no such program");
}

}  // namespace
}  // namespace fusesweep
