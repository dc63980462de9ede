#include "harness/measure/segment_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_segments.h"

namespace fusesweep {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class SegmentBlockTest : public testing::Test {
 protected:
  Result<SegmentBlock> try_block(int number = 0) {
    std::vector<SegmentToTime> segments;
    for (const std::string& name : names_) segments.push_back({name, name});
    return run_segment_block(
        segments, design_, [this] { return fake_.start(); }, number, clock_, progress_);
  }
  SegmentBlock run(int number = 0) {
    Result<SegmentBlock> block = try_block(number);
    EXPECT_TRUE(block) << block.error().message;
    return block ? *std::move(block) : SegmentBlock{};
  }

  // The segments that were called, round after round.
  std::vector<std::vector<std::string>> rounds() const {
    std::vector<std::vector<std::string>> all;
    for (std::size_t i = 0; i < fake_.calls.size(); i += names_.size()) {
      const std::size_t end = std::min(fake_.calls.size(), i + names_.size());
      all.emplace_back(fake_.calls.begin() + static_cast<std::ptrdiff_t>(i),
                       fake_.calls.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return all;
  }

  std::vector<std::string> names_ = {"[0,8)", "[8,16)", "[16,24)", "[24,32)", "[0,16)"};
  FakeSegments fake_;
  SegmentBlockDesign design_{.rounds = 6, .warmup_rounds = 2};
  FakeClock clock_;
  Progress progress_{{}, clock_};
};

TEST_F(SegmentBlockTest, EverySegmentHasOneCallInEveryRound) {
  const SegmentBlock block = run(3);
  EXPECT_EQ(block.number, 3);
  EXPECT_THAT(block.faults, IsEmpty());
  ASSERT_THAT(block.times, SizeIs(5));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(block.times[i].segment, i);
    EXPECT_THAT(block.times[i].call_ns, SizeIs(6));
    EXPECT_EQ(block.times[i].load.group, names_[i]);
  }
  ASSERT_THAT(rounds(), SizeIs(8));
  for (const std::vector<std::string>& round : rounds())
    EXPECT_THAT(round, testing::UnorderedElementsAreArray(names_));
}

TEST_F(SegmentBlockTest, OrdersAreShuffledAnewInRoundsBlocksAndSeedsAndTheSameForTheSame) {
  run();
  const auto first = rounds();
  fake_.calls.clear();
  run();
  EXPECT_EQ(rounds(), first);
  std::set<std::vector<std::string>> seen(first.begin(), first.end());
  EXPECT_GE(seen.size(), 7U);  // of 8 rounds of 120 orders
  const auto takes_other_orders = [&](int number) {
    fake_.calls.clear();
    run(number);
    return rounds() != first;
  };
  EXPECT_TRUE(takes_other_orders(1));
  design_.seed = 2;
  EXPECT_TRUE(takes_other_orders(0));
}

TEST_F(SegmentBlockTest, HowManyWarmUpRoundsThereAreMovesNoOrderAndTheyAreDropped) {
  fake_.call_ns = [](const std::string&, int call) { return 1000 + call; };
  const SegmentBlock block = run();
  EXPECT_THAT(block.times[0].call_ns, ElementsAre(1002, 1003, 1004, 1005, 1006, 1007));
  auto orders = rounds();
  orders.erase(orders.begin(), orders.begin() + 2);
  fake_.calls.clear();
  design_.warmup_rounds = 0;
  run();
  EXPECT_EQ(rounds(), orders);
}

TEST_F(SegmentBlockTest, NoCallIsWarmedUpWhateverTheOptionsSay) {
  design_.options.warmup_calls = 5;
  design_.options.threads = 3;
  run();
  EXPECT_THAT(fake_.opened, SizeIs(5));
  for (const OpenRequest& request : fake_.opened) {
    EXPECT_EQ(request.options.warmup_calls, 0);
    EXPECT_EQ(request.options.threads, 3);
    EXPECT_THAT(request.artifacts, SizeIs(1));  // a session of its own
  }
}

TEST_F(SegmentBlockTest, AllAreLoadedInOneProcessBeforeTheFirstCallAndItIsGoneAfterwards) {
  fake_.on_call = [this] {
    EXPECT_EQ(fake_.processes, 1);
    EXPECT_EQ(fake_.sessions, 5);
  };
  run();
  run(1);
  EXPECT_EQ(fake_.started, 2);
  EXPECT_EQ(fake_.processes, 0);
  EXPECT_EQ(fake_.sessions, 0);
}

TEST_F(SegmentBlockTest, WhatFailsHasItsReasonAndTheOthersGoOn) {
  const struct {
    const char* name;
    std::function<void(FakeSegments&)> sabotage;
    const char* reason;
    std::ptrdiff_t calls;
  } rows[] = {
      {"cannot be loaded",
       [](FakeSegments& fake) {
         fake.open_error = [](const std::string&) { return unavailable("no memory").value(); };
       },
       "block 0, load: no memory", 0},
      {"another group",
       [](FakeSegments& fake) { fake.rename = [](const std::string&) { return "[1,2)"; }; },
       "found 1 groups, the first '[1,2)', want one, [8,16)", 0},
      {"an error",
       [](FakeSegments& fake) {
         fake.time = [](const std::string&, int call) -> Result<std::vector<std::int64_t>> {
           if (call == 4) return unavailable("not now");
           return std::vector<std::int64_t>{1000};
         };
       },
       "block 0, round 2: not now", 5},
      {"no answer",
       [](FakeSegments& fake) {
         fake.time = [](const std::string&, int) { return std::vector<std::int64_t>{}; };
       },
       "block 0, warm-up 0: time: found 0 times, want 1", 1},
      {"a call that took no time",
       [](FakeSegments& fake) {
         fake.time = [](const std::string&, int) { return std::vector<std::int64_t>{0}; };
       },
       "found a call of 0 ns, want 1 or more", 1},
      {"too many times",
       [](FakeSegments& fake) {
         fake.time = [](const std::string&, int) { return std::vector<std::int64_t>{1, 2}; };
       },
       "found 2 times, want 1", 1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    fake_ = {};
    fake_.only = "[8,16)";
    row.sabotage(fake_);
    const SegmentBlock block = run();
    ASSERT_THAT(block.faults, SizeIs(1));
    EXPECT_EQ(block.faults[0].segment, 1U);
    EXPECT_THAT(block.faults[0].error.message, HasSubstr(row.reason));
    EXPECT_THAT(block.times, IsEmpty());
    EXPECT_EQ(std::count(fake_.calls.begin(), fake_.calls.end(), "[8,16)"), row.calls);
    EXPECT_EQ(std::count(fake_.calls.begin(), fake_.calls.end(), "[0,16)"), 8);
    EXPECT_EQ(fake_.processes, 0);
  }
}

TEST_F(SegmentBlockTest, ALostProcessEndsTheBlockAndOneSegmentIsBlamed) {
  for (const Failure& loss : {crashed("it died"), timed_out("it hung")}) {
    fake_ = {};
    fake_.only = "[8,16)";
    fake_.time = [&](const std::string&, int call) -> Result<std::vector<std::int64_t>> {
      if (call == 3) return loss;
      return std::vector<std::int64_t>{1000};
    };
    const SegmentBlock block = run();
    ASSERT_THAT(block.faults, SizeIs(1));
    EXPECT_EQ(block.faults[0].segment, 1U);
    EXPECT_THAT(block.times, IsEmpty());
    EXPECT_EQ(fake_.calls.back(), "[8,16)");
  }
}

TEST_F(SegmentBlockTest, AProcessThatCannotBeStartedIsNobodysFault) {
  fake_.start_error = unavailable("no such program").value();
  const Result<SegmentBlock> block = try_block();
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().message, "no such program");
  fake_ = {};
  fake_.describe_error = crashed("it ended at once").value();
  const Result<SegmentBlock> other = try_block();
  ASSERT_FALSE(other);
  EXPECT_THAT(fake_.opened, IsEmpty());
}

TEST_F(SegmentBlockTest, ADesignThatMeansNothingIsRefused) {
  design_.rounds = 0;
  EXPECT_EQ(try_block().error().message, "rounds: found 0, want 1 or more");
  design_ = {.warmup_rounds = -1};
  EXPECT_EQ(try_block().error().message, "warm-up rounds: found -1, want 0 or more");
  EXPECT_EQ(fake_.started, 0);
}

}  // namespace
}  // namespace fusesweep
