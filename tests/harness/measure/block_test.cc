#include "harness/measure/block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "tests/support/fake_arm.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class BlockTest : public testing::Test {
 protected:
  void add(const std::string& name, FakeArmScript script) {
    arms_.push_back(fake_arm(name, std::move(script), log_));
  }
  void add_steady(std::initializer_list<const char*> names) {
    for (const char* name : names) add(name, steady(1000));
  }

  Block run(int number = 0) {
    Result<Block> block = run_block(arms_, design_, number, clock_, progress_);
    EXPECT_TRUE(block) << block.error().message;
    return block ? *std::move(block) : Block{};
  }

  // The arms of one round, by position.
  static std::vector<std::size_t> order_of(const Block& block, int round) {
    std::vector<std::size_t> order;
    for (const ArmRound& some : block.rounds) {
      if (some.round == round) order.push_back(some.arm);
    }
    return order;
  }
  static std::vector<std::vector<std::size_t>> orders_of(const Block& block, int rounds) {
    std::vector<std::vector<std::size_t>> orders(static_cast<std::size_t>(rounds));
    for (int round = 0; round < rounds; ++round)
      orders[static_cast<std::size_t>(round)] = order_of(block, round);
    return orders;
  }
  static std::vector<std::size_t> starts_of(const Block& block) {
    std::vector<std::size_t> arms;
    for (const ArmLoad& load : block.loads) arms.push_back(load.arm);
    return arms;
  }
  std::ptrdiff_t count(const std::string& event) const {
    return std::count(log_.events.begin(), log_.events.end(), event);
  }
  void expect_all_ended() const {
    EXPECT_EQ(log_.processes, 0);
    EXPECT_EQ(log_.sessions, 0);
    EXPECT_THAT(log_.events, Each(testing::Not(HasSubstr("too late"))));
  }

  FakeArmLog log_;
  std::vector<Arm> arms_;
  BlockDesign design_{.request = {.prompt = {7, 8}, .decode_tokens = 3}};
  FakeClock clock_;
  Progress progress_{{}, clock_};
};

TEST_F(BlockTest, EveryRoundHasEveryArmOnce) {
  add_steady({"a", "b", "c", "d", "e"});
  const Block block = run(3);
  EXPECT_EQ(block.number, 3);
  EXPECT_THAT(block.rounds, SizeIs(20));
  for (int round = 0; round < 4; ++round)
    EXPECT_THAT(order_of(block, round), UnorderedElementsAre(0, 1, 2, 3, 4));
  for (std::size_t i = 0; i < block.rounds.size(); ++i) {
    EXPECT_EQ(block.rounds[i].round, static_cast<int>(i / 5));
    EXPECT_EQ(block.rounds[i].position, static_cast<int>(i % 5));
  }
  EXPECT_THAT(block.failures, IsEmpty());
}

TEST_F(BlockTest, TheSameSeedAndBlockGiveTheSameOrders) {
  add_steady({"a", "b", "c", "d", "e"});
  const Block block = run(3);
  const Block again = run(3);
  EXPECT_EQ(orders_of(block, 4), orders_of(again, 4));
  EXPECT_EQ(starts_of(block), starts_of(again));
}

TEST_F(BlockTest, OrdersDifferBetweenRoundsBlocksAndSeeds) {
  add_steady({"a", "b", "c", "d", "e", "f", "g", "h"});
  const Block block = run(0);
  const Block next = run(1);
  design_.seed = 2;
  const Block seeded = run(0);
  std::set<std::vector<std::size_t>> seen;
  for (const Block* some : {&block, &next, &seeded}) {
    seen.insert(starts_of(*some));
    for (const auto& order : orders_of(*some, 4)) seen.insert(order);
  }
  EXPECT_THAT(seen, SizeIs(15));
}

TEST_F(BlockTest, HowManyWarmUpRoundsThereAreMovesNoOrder) {
  add_steady({"a", "b", "c", "d", "e"});
  const Block block = run();
  design_.warmup_decodings = 0;
  EXPECT_EQ(orders_of(block, 4), orders_of(run(), 4));
}

TEST_F(BlockTest, WarmUpIsRunAndDropped) {
  design_.decodings = 2;
  design_.warmup_decodings = 2;
  add("a", {.decode = [](const FakeCall& call, const DecodeRequest& request) {
        return fake_decode(request, call.call < 2 ? 90'000 : 1000);
      }});
  const Block block = run();
  EXPECT_EQ(count("decode a"), 4);
  ASSERT_THAT(block.rounds, SizeIs(2));
  for (const ArmRound& round : block.rounds)
    EXPECT_THAT(round.result.token_ns, ElementsAre(1000, 1000, 1000));
}

TEST_F(BlockTest, EveryArmStartsAfreshInEachBlock) {
  add_steady({"a", "b"});
  const Block first = run(0);
  const Block second = run(1);
  EXPECT_EQ(count("start a"), 2);
  EXPECT_EQ(count("start b"), 2);
  EXPECT_THAT(first.loads, Each(testing::Field(&ArmLoad::load_ns, 1000)));
  EXPECT_THAT(second.loads, Each(testing::Field(&ArmLoad::load_ns, 1001)));
  EXPECT_EQ(second.loads.at(0).groups.at(0).activation_ns, 50);
  expect_all_ended();
}

TEST_F(BlockTest, AllArmsAreThereBeforeTheFirstDecodesAndNoneIsAfterwards) {
  add_steady({"a", "b", "c"});
  run();
  const std::vector<std::string>& events = log_.events;
  const auto kind = [](const std::string& event) { return event.substr(0, event.find(' ')); };
  std::vector<std::string> kinds;
  std::transform(events.begin(), events.end(), std::back_inserter(kinds), kind);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  EXPECT_THAT(kinds,
              ElementsAre("start", "decode", "close", "end", "close", "end", "close", "end"));
  expect_all_ended();
}

TEST_F(BlockTest, AnArmThatDoesNotStartLeavesTheOthersWhole) {
  FakeArmScript script = steady(1000);
  script.start_error = [](int) { return Error{ErrorCode::kUnavailable, "no memory"}; };
  add_steady({"a"});
  add("b", script);
  add_steady({"c"});
  const Block block = run(2);
  ASSERT_THAT(block.failures, SizeIs(1));
  EXPECT_EQ(block.failures[0].arm, 1U);
  EXPECT_EQ(block.failures[0].fault, ArmFault::kNotStarted);
  EXPECT_EQ(block.failures[0].error, (Error{ErrorCode::kUnavailable, "block 2, start: no memory"}));
  EXPECT_THAT(starts_of(block), UnorderedElementsAre(0, 2));
  EXPECT_THAT(block.rounds, SizeIs(8));
  EXPECT_THAT(block.rounds, Each(testing::Field(&ArmRound::arm, testing::Ne(1U))));
  expect_all_ended();
}

TEST_F(BlockTest, AnArmThatFailsIsEndedAtOnceAndItsSamplesAreDropped) {
  add_steady({"a", "c"});
  add("b",
      {.decode = [](const FakeCall& call, const DecodeRequest& request) -> Result<DecodeResult> {
        if (call.call == 3) return crashed("signal 9");
        return fake_decode(request, 1000);
      }});
  const Block block = run(5);
  ASSERT_THAT(block.failures, SizeIs(1));
  EXPECT_EQ(block.failures[0].arm, 2U);
  EXPECT_EQ(block.failures[0].fault, ArmFault::kNotDecoded);
  EXPECT_EQ(block.failures[0].error, (Error{ErrorCode::kCrashed, "block 5, round 2: signal 9"}));
  EXPECT_EQ(count("decode b"), 4);
  EXPECT_THAT(block.rounds,
              AllOf(SizeIs(8), Each(testing::Field(&ArmRound::arm, testing::Ne(2U)))));
  const auto ended = std::find(log_.events.begin(), log_.events.end(), "end b");
  EXPECT_EQ(std::count(ended, log_.events.end(), "end a"), 1);
  EXPECT_GT(std::count(ended, log_.events.end(), "decode a"), 0);
  expect_all_ended();
}

TEST_F(BlockTest, AnArmThatFailsInWarmUpIsNotMeasured) {
  add_steady({"a"});
  add("b", {.decode = [](const FakeCall&, const DecodeRequest&) -> Result<DecodeResult> {
        return timed_out("60 s");
      }});
  const Block block = run();
  ASSERT_THAT(block.failures, SizeIs(1));
  EXPECT_EQ(block.failures[0].error, (Error{ErrorCode::kTimedOut, "block 0, warm-up 0: 60 s"}));
  EXPECT_EQ(count("decode b"), 1);
  EXPECT_THAT(block.rounds, SizeIs(4));
}

TEST_F(BlockTest, EvenWhenAllFailThereIsABlockThatSaysSo) {
  FakeArmScript script = steady(1000);
  script.start_error = [](int) { return Error{ErrorCode::kUnavailable, "no"}; };
  add("a", script);
  add("b", script);
  const Block block = run();
  EXPECT_THAT(block.failures, SizeIs(2));
  EXPECT_THAT(block.rounds, IsEmpty());
  EXPECT_EQ(block.noise.steal_ns, std::nullopt);
  expect_all_ended();
}

TEST_F(BlockTest, AnArmMustRepeatItself) {
  const struct {
    const char* name;
    void (*change)(DecodeResult&);
    const char* message;
  } rows[] = {
      {"another id", [](DecodeResult& result) { result.ids[2] = 99; },
       "block 0, round 1: not deterministic: generated token 2: found id 99, want 11"},
      {"fewer",
       [](DecodeResult& result) {
         result.ids.pop_back();
         result.token_ns.pop_back();
         result.group_ns.pop_back();
       },
       "block 0, round 1: not deterministic: found 3 ids, want 4"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    arms_.clear();
    add_steady({"a"});
    add("b", {.decode = [&row](const FakeCall& call, const DecodeRequest& request) {
          DecodeResult result = fake_decode(request, 1000);
          if (call.call == 2) row.change(result);
          return result;
        }});
    const Block block = run();
    ASSERT_THAT(block.failures, SizeIs(1));
    EXPECT_EQ(block.failures[0].fault, ArmFault::kNotDeterministic);
    EXPECT_THAT(block.failures[0].error.message, HasSubstr(row.message));
    EXPECT_THAT(block.rounds, SizeIs(4));
  }
}

// Decodes as runners do that can go on: ids count on, a prompt begins anew.
FakeArmScript going_on(std::vector<DecodeRequest>& asked) {
  return {.decode = [&asked, last = std::make_shared<int>()](const FakeCall&,
                                                             const DecodeRequest& request) {
    asked.push_back(request);
    DecodeRequest from = request;
    if (request.prompt.empty()) from.prompt = {*last};
    DecodeResult result = fake_decode(from, 1000);
    if (request.prompt.empty()) {
      result.ids.pop_back();
      result.prefill_ns.reset();
    }
    *last = result.ids.back();
    return result;
  }};
}

TEST_F(BlockTest, ArmsTakeTurnsWithinADecoding) {
  std::vector<DecodeRequest> asked;
  add("a", going_on(asked));
  std::vector<DecodeRequest> of_other;
  add("b", going_on(of_other));
  design_.request.decode_tokens = 7;
  design_.decodings = 2;
  design_.turn_tokens = 3;
  const Block block = run();
  EXPECT_THAT(block.failures, IsEmpty());
  ASSERT_THAT(block.rounds, SizeIs(2 * 2 * 3));  // arms, decodings, turns of 3, 3 and 1 tokens
  for (int round = 0; round < 6; ++round) EXPECT_THAT(order_of(block, round), SizeIs(2));
  ASSERT_THAT(asked, SizeIs(1 + 2 * 3));
  const int tokens[] = {7, 3, 3, 1, 3, 3, 1};
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i].decode_tokens, tokens[i]) << i;
    EXPECT_EQ(asked[i].prompt.empty(), i % 3 != 1 && i != 0) << i;
  }
}

TEST_F(BlockTest, AnArmMustRepeatItselfInEveryTurn) {
  for (const int wrong : {2, 3, 6}) {  // the warm-up is call 0
    SCOPED_TRACE(wrong);
    arms_.clear();
    std::vector<DecodeRequest> asked;
    FakeArmScript script = going_on(asked);
    add("a", {.decode = [&, script](const FakeCall& call, const DecodeRequest& request) {
          Result<DecodeResult> result = script.decode(call, request);
          if (call.call == wrong) result->ids.back() = 999;
          return result;
        }});
    design_.request.decode_tokens = 7;
    design_.decodings = 2;
    design_.turn_tokens = 3;
    const Block block = run();
    ASSERT_THAT(block.failures, SizeIs(1));
    EXPECT_EQ(block.failures[0].fault, ArmFault::kNotDeterministic);
    EXPECT_THAT(block.failures[0].error.message, HasSubstr("found id 999"));
    EXPECT_THAT(block.rounds, IsEmpty());
  }
}

TEST_F(BlockTest, ArmsMayDifferFromEachOtherAndBetweenBlocks) {
  add_steady({"a"});
  add("b", {.decode = [](const FakeCall& call, const DecodeRequest& request) {
        DecodeResult result = fake_decode(request, 1000);
        result.ids[0] += 10 + call.start;
        return result;
      }});
  EXPECT_THAT(run(0).failures, IsEmpty());
  EXPECT_THAT(run(1).failures, IsEmpty());
}

TEST_F(BlockTest, AnswersWithoutTheirTimesAreFailures) {
  const struct {
    const char* name;
    void (*change)(DecodeResult&);
    const char* message;
  } rows[] = {
      {"a record", [](DecodeResult& result) { result.recorded = RecordedRun{}; }, "recorded run"},
      {"no tokens",
       [](DecodeResult& result) {
         result.ids.resize(1);
         result.token_ns.clear();
         result.group_ns.clear();
       },
       "found times of 0 tokens"},
      {"too many",
       [](DecodeResult& result) {
         result.ids.push_back(1);
         result.token_ns.push_back(1);
         result.group_ns.push_back({1});
       },
       "found times of 4 tokens and 5 ids, want 1 to 3"},
      {"an id too few", [](DecodeResult& result) { result.ids.pop_back(); }, "3 tokens and 3 ids"},
      {"a token's groups too few", [](DecodeResult& result) { result.group_ns.pop_back(); },
       "times of groups for 2 tokens"},
      {"a group too few", [](DecodeResult& result) { result.group_ns[1].clear(); },
       "want 1 groups for 3"},
      {"no time", [](DecodeResult& result) { result.token_ns[1] = 0; }, "found a token of 0 ns"},
      {"negative", [](DecodeResult& result) { result.token_ns[2] = -5; }, "found a token of -5 ns"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    arms_.clear();
    add("a", {.decode = [&row](const FakeCall&, const DecodeRequest& request) {
          DecodeResult result = fake_decode(request, 1000);
          row.change(result);
          return result;
        }});
    const Block block = run();
    ASSERT_THAT(block.failures, SizeIs(1));
    EXPECT_EQ(block.failures[0].fault, ArmFault::kNotDecoded);
    EXPECT_THAT(block.failures[0].error.message, HasSubstr(row.message));
    EXPECT_THAT(block.rounds, IsEmpty());
  }
}

TEST_F(BlockTest, DesignsThatMeanNothingAreRefusedBeforeAnythingStarts) {
  const struct {
    const char* name;
    void (*change)(BlockDesign&);
    int number;
    const char* message;
  } rows[] = {
      {"rounds", [](BlockDesign& design) { design.decodings = 0; }, 0,
       "decodings: found 0, want 1"},
      {"warm-up", [](BlockDesign& design) { design.warmup_decodings = -1; }, 0, "found -1, want 0"},
      {"tokens", [](BlockDesign& design) { design.request.decode_tokens = 0; }, 0,
       "decode tokens: found 0, want 1"},
      {"prompt", [](BlockDesign& design) { design.request.prompt.clear(); }, 0,
       "prompt tokens: found 0"},
      {"number", [](BlockDesign&) {}, -1, "block: found -1, want 0"},
  };
  add_steady({"a"});
  const BlockDesign sound = design_;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    design_ = sound;
    row.change(design_);
    const auto block = run_block(arms_, design_, row.number, clock_, progress_);
    ASSERT_FALSE(block);
    EXPECT_EQ(block.error().code, ErrorCode::kInvalidInput);
    EXPECT_THAT(block.error().message, HasSubstr(row.message));
  }
  EXPECT_THAT(log_.events, IsEmpty());
}

TEST_F(BlockTest, AddsUpWhatTheRunnersCounted) {
  design_.decodings = 2;
  const auto counting = [](std::int64_t hz, std::optional<std::int64_t> major_faults) {
    return FakeArmScript{.decode = [=](const FakeCall& call, const DecodeRequest& request) {
      DecodeResult result = fake_decode(request, 1000);
      result.decode_counters = {.involuntary_switches = 3,
                                .major_faults = major_faults,
                                .steal_ns = 10,
                                .frequency_hz = hz + call.call};
      return result;
    }};
  };
  add("a", counting(2'000, 1));
  add("b", counting(3'000, std::nullopt));
  const BlockNoise noise = run().noise;
  EXPECT_EQ(noise.involuntary_switches, 12);
  EXPECT_EQ(noise.steal_ns, 40);
  EXPECT_EQ(noise.major_faults, std::nullopt);
  EXPECT_EQ(noise.minor_faults, std::nullopt);
  EXPECT_EQ(noise.frequency_min_hz, 2'001);
  EXPECT_EQ(noise.frequency_max_hz, 3'002);
}

TEST_F(BlockTest, ReadsHowLongProcessorsWereThrottledDuringTheRounds) {
  const TemporaryFolder root;
  design_.system_root = root.path();
  design_.decodings = 1;
  const auto cpu = root.path() / "sys/devices/system/cpu";
  const auto write_throttled = [&](const char* name, const char* ms) {
    std::filesystem::create_directories(cpu / name / "thermal_throttle");
    std::ofstream(cpu / name / "thermal_throttle/core_throttle_total_time_ms") << ms << '\n';
  };
  add("a", {.decode = [&](const FakeCall& call, const DecodeRequest& request) {
        write_throttled("cpu0", "7");
        write_throttled("cpu1", call.call == 0 ? "1000" : "1250");
        if (call.call > 0) clock_.advance(std::chrono::seconds(1));
        return fake_decode(request, 1000);
      }});
  EXPECT_EQ(run().noise.throttled_rel, 0.25);
  EXPECT_EQ(run().noise.steal_rel, std::nullopt);
}

TEST_F(BlockTest, ReadsWhatWasStolenDuringTheRoundsOnly) {
  const TemporaryFolder root;
  design_.system_root = root.path();
  design_.decodings = 1;
  std::filesystem::create_directories(root.path() / "proc");
  const auto write_ticks = [&](int user, int steal) {
    std::ofstream(root.path() / "proc/stat")
        << "cpu " << user << " 0 0 0 0 0 0 " << steal << " 0 0\n";
  };
  add("a", {.decode = [&](const FakeCall& call, const DecodeRequest& request) {
        write_ticks(call.call == 0 ? 500 : 590, call.call == 0 ? 500 : 510);
        return fake_decode(request, 1000);
      }});
  EXPECT_EQ(run().noise.steal_rel, 0.1);
}

TEST_F(BlockTest, TakesTheTimeOfAllOfIt) {
  design_.decodings = 2;
  add("a", {.start_error =
                [&](int) {
                  clock_.advance(std::chrono::seconds(5));
                  return std::nullopt;
                },
            .decode =
                [&](const FakeCall&, const DecodeRequest& request) {
                  clock_.advance(std::chrono::seconds(1));
                  return fake_decode(request, 1000);
                }});
  EXPECT_EQ(run().wall, std::chrono::seconds(8));
}

TEST_F(BlockTest, ATurnThatIsToldOnlyInSumHasOneTime) {
  design_.decodings = 1;
  add("a", {.decode = [](const FakeCall&, const DecodeRequest& request) -> Result<DecodeResult> {
        DecodeResult result = *fake_decode(request, 1000);
        const auto tokens = static_cast<std::int64_t>(result.token_ns.size());
        result.sum = DecodeSum{.tokens = tokens, .ns = 900 * tokens};
        result.token_ns.clear();
        result.group_ns.clear();
        return result;
      }});
  const Block block = run();
  EXPECT_TRUE(block.failures.empty());
  ASSERT_EQ(block.rounds.size(), 1U);
  EXPECT_EQ(typical_token_ns(block.rounds[0].result), 900);
}

TEST(TypicalTokenNs, OfASumIsItsMean) {
  EXPECT_EQ(typical_token_ns({.sum = DecodeSum{.tokens = 3, .ns = 300}}), 100);
}

TEST(TypicalTokenNs, LiesInTheMiddle) {
  const struct {
    const char* name;
    std::vector<std::int64_t> token_ns;
    double want;
  } rows[] = {{"one", {5}, 5},
              {"odd", {9, 1, 5}, 5},
              {"even", {4, 1, 9, 3}, 3.5},
              {"one interrupted", {10, 10, 10, 100'000, 10}, 10}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(typical_token_ns({.token_ns = row.token_ns}), row.want);
  }
}

}  // namespace
}  // namespace fusesweep
