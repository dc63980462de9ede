// What a sweep says of a hypothesis, and what it does not say.
#include "reports/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reports/example_sweeps.h"
#include "tests/reports/sample_sweep.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Judgement judge_text(const char* text, const SweepRows& sweep) {
  return judge(*parse_hypothesis(text), sweep);
}

// 12+12+6+2 is the control; against it 16+8+6+2 is slower for sure, 20+4+6+2 faster for sure.
SweepRows ordered_sweep() {
  SweepRows sweep = decided_sweep();
  sweep.splits[1].interval_rel = Interval{0.01, 0.03};
  sweep.splits[1].size_rel = 0.02;
  sweep.splits[1].verdict = "slower";
  sweep.splits[2].interval_rel = Interval{-0.06, -0.04};
  return sweep;
}

// A spread of 1.2 % at most over 12 blocks, about 8.2 ms a token and 122 tok/s; ttft as blocks have it.
SweepRows timed_sweep() {
  SweepRows sweep = ordered_sweep();
  for (std::size_t i = 0; i < 3; ++i) {
    for (ProcessRow& process : sweep.splits[i].processes) {
      process.ttft_ms = 100 + 10.0 * static_cast<double>(i) + 0.1 * (process.block % 3);
      process.load_ms = 50 + process.block % 5;
    }
  }
  return sweep;
}

SweepRows surprised_sweep() {
  SweepRows sweep = ordered_sweep();
  sweep.cliff->surprises = {{CliffSurprise::Kind::kFlaky, {0, 21}, {0, 21}}};
  return sweep;
}

SweepRows wide_cliff_sweep() {
  SweepRows sweep = recorded_sweep();
  sweep.cliff->edge = CliffEdge{20, 24};
  return sweep;
}

SweepRows twofold_sweep() {
  SweepRows sweep = ordered_sweep();
  sweep.splits[1].split = sweep.splits[2].split = "16+16";
  sweep.splits[1].name = "16+16 fp16";
  sweep.splits[2].name = "16+16 int8";
  return sweep;
}

TEST(Judgement, OfEveryClaim) {
  using enum Judged;
  const struct {
    const char* name;
    SweepRows (*sweep)();
    const char* hypothesis;
    Judged judged;
    const char* reason;
  } rows[] = {
      {"faster than the control", ordered_sweep, "tok_s(20+4+6+2) > tok_s(12+12+6+2)", kConfirmed,
       "-6.00 % to -4.00 %"},
      {"the other way round", ordered_sweep, "tok_s(12+12+6+2) > tok_s(20+4+6+2)", kRefuted, ""},
      {"in time", ordered_sweep, "ms_per_token(20+4+6+2) < ms_per_token(12+12+6+2)", kConfirmed,
       ""},
      {"in time, wrong", ordered_sweep, "ms_per_token(20+4+6+2) >= ms_per_token(12+12+6+2)",
       kRefuted, ""},
      {"slower than the control", ordered_sweep, "tok_s(16+8+6+2) <= tok_s(12+12+6+2)", kConfirmed,
       ""},
      {"apart from each other", ordered_sweep, "tok_s(20+4+6+2) > tok_s(16+8+6+2)", kConfirmed, ""},
      {"overlapping each other", tied_sweep, "tok_s(20+4+6+2) > tok_s(16+8+6+2)", kUndecided,
       "cannot tell them apart"},
      {"the same candidate", ordered_sweep, "tok_s(4x8) > tok_s(8x4)", kUndecided,
       "was no candidate"},
      {"itself", ordered_sweep, "tok_s(20+4+6+2) > tok_s(20+4+6+2)", kUndecided, "the same"},
      {"against one that is out", ordered_sweep, "tok_s(20+4+6+2) > tok_s(24+6+2)", kUndecided,
       "24+6+2 is disqualified: residency"},
      {"dirty", dirty_sweep_rows, "tok_s(16+16) > tok_s(16+8+8)", kUndecided, "dirty"},
      {"interrupted", interrupted_sweep, "tok_s(16+16) > tok_s(32)", kUndecided, "no answer yet"},
      {"unmeasured", unmeasured_sweep, "tok_s(16+16) > tok_s(8+8+8+8)", kUndecided,
       "16+16 was not measured"},
      {"recorded", recorded_sweep, "tok_s(20+4+6+2) > tok_s(16+8+6+2)", kUndecided,
       "others' runs, not blocks: 3 runs of 20+4+6+2, 16.602 to 17.203 tok/s"},
      {"two candidates of one split", twofold_sweep, "tok_s(16+16) > tok_s(12+12+6+2)", kUndecided,
       "2 candidates have this split: 16+16 fp16, 16+16 int8"},
      {"one of them by its name", twofold_sweep, "tok_s(16+16 int8) > tok_s(16+16 fp16)",
       kConfirmed, ""},
      {"above a number", ordered_sweep, "tok_s(20+4+6+2) > 100", kConfirmed, "12 blocks"},
      {"not above it", ordered_sweep, "tok_s(20+4+6+2) > 200", kRefuted, "tok/s (99.9 %"},
      {"about it", ordered_sweep, "tok_s(20+4+6+2) >= 128.1", kUndecided, ""},
      {"a time below a number", ordered_sweep, "ms_per_token(20+4+6+2) < 1 s", kConfirmed, ""},
      {"too few blocks", sample_sweep_rows, "tok_s(16+16) > 1", kUndecided,
       "tok_s in 2 blocks, want at least 6"},
      {"a number, recorded", recorded_sweep, "tok_s(20+4+6+2) > 1", kUndecided, "others' runs"},
      {"first token sooner", timed_sweep, "ttft_ms(12+12+6+2) < ttft_ms(16+8+6+2)", kConfirmed,
       "12 blocks"},
      {"first token later", timed_sweep, "ttft_ms(12+12+6+2) >= ttft_ms(16+8+6+2)", kRefuted, ""},
      {"copies", timed_sweep, "load_ms(12+12+6+2) < load_ms(16+8+6+2)", kUndecided,
       "is the same in all blocks"},
      {"first token, not measured", timed_sweep, "activation_ms(32) < activation_ms(16+8+6+2)",
       kUndecided, "was no candidate"},
      {"activation without figures", timed_sweep,
       "activation_ms(12+12+6+2) < activation_ms(16+8+6+2)", kUndecided, "0 blocks"},
      {"first token within", timed_sweep, "ttft_ms(12+12+6+2) <= 101 ms", kConfirmed, ""},
      {"cliff within", ordered_sweep, "cliff in [20,24]", kConfirmed, "[0,22) is not"},
      {"cliff exactly", ordered_sweep, "cliff in [21,22]", kConfirmed, ""},
      {"cliff further on", ordered_sweep, "cliff in [22,24]", kRefuted, ""},
      {"cliff before", ordered_sweep, "cliff in [16,21]", kRefuted, ""},
      {"cliff as recorded", wide_cliff_sweep, "cliff in [20,24]", kConfirmed,
       "as recorded by others"},
      {"cliff not that well known", wide_cliff_sweep, "cliff in [20,22]", kUndecided,
       "what lies between is not known"},
      {"cliff, recorded elsewhere", wide_cliff_sweep, "cliff in [12,20]", kRefuted, "as recorded"},
      {"cliff with surprises", surprised_sweep, "cliff in [20,24]", kUndecided, "flaky"},
      {"confirmed", ordered_sweep, "cliff confirmed", kConfirmed, ""},
      {"confirmed with surprises", surprised_sweep, "cliff confirmed", kRefuted, "flaky"},
      {"not confirmed", wide_cliff_sweep, "cliff confirmed", kUndecided, ""},
      {"no cliff", unmeasured_sweep, "cliff confirmed", kUndecided, "no cliff was looked for"},
      {"qualified", ordered_sweep, "qualified(16+8+6+2)", kConfirmed, "passed every gate"},
      {"not disqualified", ordered_sweep, "disqualified(16+8+6+2)", kRefuted, ""},
      {"disqualified", ordered_sweep, "disqualified(24+6+2)", kConfirmed, "0 of 96"},
      {"not qualified", recorded_sweep, "qualified(24+6+2)", kRefuted, "as recorded"},
      {"ungated", recorded_sweep, "qualified(16+8+6+2)", kUndecided, "not gated: contract"},
      {"best", ordered_sweep, "best = 20+4+6+2", kConfirmed, "is the fastest"},
      {"not best", ordered_sweep, "best = 16+8+6+2", kRefuted, "not among the fastest"},
      {"in the tie", tied_sweep, "best = 16+8+6+2", kUndecided, "Tie: 3 splits"},
      {"out, and so not best", tied_sweep, "best = 24+6+2", kRefuted, "disqualified"},
      {"out as recorded, and so not best", recorded_sweep, "best = 24+6+2", kRefuted,
       "as recorded"},
      {"best of a record", recorded_sweep, "best = 16+8+6+2", kUndecided, "others' runs"},
      {"tie", tied_sweep, "tie(16+8+6+2, 20+4+6+2)", kConfirmed, "Tie: 3 splits"},
      {"no tie", ordered_sweep, "tie(16+8+6+2, 20+4+6+2)", kRefuted, ""},
      {"tie with one that is out", tied_sweep, "tie(16+8+6+2, 24+6+2)", kRefuted, ""},
      {"tie of a record", recorded_sweep, "tie(16+8+6+2, 20+4+6+2)", kUndecided, "others' runs"},
      {"all out", hopeless_sweep, "best = 16+16", kRefuted, "the compiler died"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Judgement judgement = judge_text(row.hypothesis, row.sweep());
    EXPECT_EQ(to_text(judgement.judged), to_text(row.judged)) << judgement.reason;
    EXPECT_THAT(judgement.reason, HasSubstr(row.reason));
  }
}

TEST(Judgement, OfTimesThatBlocksShareIsTheirRatioWithinBlocks) {
  SweepRows sweep = timed_sweep();
  for (std::size_t i = 0; i < 2; ++i) {
    for (ProcessRow& process : sweep.splits[i].processes) {
      // Blocks differ twofold, the splits within each by 10 % and a little.
      const double level = 100.0 * (1 + process.block % 2);
      const double arm = i == 0 ? 1 : 1.1 + 0.001 * (process.block % 3);
      process.load_ms = level * arm;
    }
  }
  EXPECT_EQ(judge_text("load_ms(12+12+6+2) < load_ms(16+8+6+2)", sweep).judged, Judged::kConfirmed);
  EXPECT_EQ(judge_text("load_ms(12+12+6+2) > load_ms(16+8+6+2)", sweep).judged, Judged::kRefuted);
  EXPECT_EQ(judge_text("load_ms(12+12+6+2) < 120 ms", sweep).judged, Judged::kUndecided);
}

TEST(Judgement, AnIntervalOfNonsenseDecidesNothing) {
  SweepRows sweep = ordered_sweep();
  sweep.splits[2].interval_rel = Interval{0.5, -0.5};
  EXPECT_EQ(judge_text("tok_s(20+4+6+2) > tok_s(12+12+6+2)", sweep).judged, Judged::kUndecided);
  sweep.splits[2].interval_rel.reset();
  EXPECT_EQ(judge_text("tok_s(20+4+6+2) > tok_s(12+12+6+2)", sweep).judged, Judged::kUndecided);
}

TEST(Surprises, AreWhatWasRefutedAndWhatNobodyExpected) {
  const SweepRows sweep = surprised_sweep();
  const std::vector<Hypothesis> expected = {*parse_hypothesis("best = 16+8+6+2"),
                                            *parse_hypothesis("best = 20+4+6+2")};
  EXPECT_THAT(surprises_of(judge_all(expected, sweep), sweep),
              ElementsAre(HasSubstr("Refuted: best = 16+8+6+2 (16+8+6+2 is not among the fastest"),
                          HasSubstr("The cliff is flaky: [0,21) is resident, [0,21) is not"),
                          HasSubstr("24+6+2 is disqualified: residency of [0,24): 0 of 96 "
                                    "convolutions, which no hypothesis expected")));
  const std::vector<Hypothesis> out = {*parse_hypothesis("disqualified(24+6+2)")};
  EXPECT_THAT(surprises_of(judge_all(out, tied_sweep()), tied_sweep()), IsEmpty());
  EXPECT_THAT(surprises_of({}, dirty_sweep_rows()),
              ElementsAre(HasSubstr("32 is disqualified"), HasSubstr("The trial is dirty: the")));
}

}  // namespace
}  // namespace fusesweep
