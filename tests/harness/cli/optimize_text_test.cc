#include "harness/cli/optimize_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/cli/optimize_command.h"
#include "harness/cli/share_argument.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OptimizeText : public testing::Test {
 protected:
  OptimizeText() {
    OptimizeReport& report = answer_.report;
    report.n_layers = 32;
    report.confidence = 0.95;
    report.regret_rel = 0.01;
    report.end = SearchEnd::kProven;
    report.bound_rel = 0.008;
    report.best = {{"16+16", 50.9, 50.1, 51.7, true, 0.008},
                   {"21+11", 51.0, 50.0, 52.0, true, 0.013}};
    report.form = CostForm{.boundary_ms = 1.5,
                           .boundary_sd_ms = 0.1,
                           .places = {{"first shard", 0.25, 0.1}, {"layer 17", -0.125, 0.02}}};
    report.additivity =
        Additivity{.splits = 4, .mean_rel = 0.003, .largest_rel = -0.01, .worst = "20+12"};
    report.effort = {.builds = 34,
                     .failed_builds = 2,
                     .trials = 5,
                     .seconds = 96,
                     .segments = 470,
                     .splits = "2147483648",
                     .builds_by_hand = 27,
                     .exhaustive_s = 1e10};
    report.chosen = "16+16";
    report.ties = {"16+16"};
    answer_.work_done = 1;
  }

  std::string text() const { return optimize_text(answer_, {"nano", 32, runner_}); }

  OptimizeAnswer answer_;
  RunnerDescription runner_{.name = "cpu", .device = "a CPU"};
};

TEST_F(OptimizeText, SaysWhatWasFoundAndHowSureThatIs) {
  EXPECT_THAT(text(),
              AllOf(HasSubstr("nano on cpu (a CPU)\nreal: every weight"),
                    HasSubstr("best: 16+16, whose layers take 50.900 ms a token by their sum"),
                    HasSubstr("bound: at 95 % no split is faster than the best measured one by "
                              "more than 0.8 %\n"),
                    HasSubstr("given the form"), HasSubstr("may still fail a gate"),
                    HasSubstr("boundary: +1.5000 ms a shard"),
                    HasSubstr("places: first shard +0.2500 ms (sd 0.1000), layer 17 -0.1250 ms")));
  EXPECT_THAT(text(),
              AllOf(HasSubstr("sums: beside the control, 4 splits measured whole took +0.30 %"),
                    HasSubstr("the worst, 20+12, -1.00 %"),
                    HasSubstr("34 of 470 segments built, 2 of them in vain; 5 trials"),
                    HasSubstr("27 builds for the front-fused splits alone; 2147483648 splits "
                              "in all, 317 years"),
                    Not(HasSubstr("tie")), Not(HasSubstr("interrupted"))));
}

TEST_F(OptimizeText, WhereATieMakesAnotherSplitTheAnswerItsOwnBoundIsSaid) {
  EXPECT_THAT(text(), Not(HasSubstr("and none than")));
  answer_.report.chosen = "21+11";
  EXPECT_THAT(text(),
              HasSubstr("than the best measured one by more than 0.8 %, and none than 21+11 by "
                        "more than 1.3 %\n"));
}

TEST_F(OptimizeText, ABoundThatWasNotReachedSaysWhy) {
  const struct {
    SearchEnd end;
    const char* why;
  } rows[] = {{SearchEnd::kBuildsSpent, "34 builds were granted (--max-builds)"},
              {SearchEnd::kTimeSpent, "the time for measuring was spent (--budget)"},
              {SearchEnd::kNothingLeft, "more measuring would not bring it down"}};
  for (const auto& row : rows) {
    answer_.report.end = row.end;
    EXPECT_THAT(text(), HasSubstr(std::string("; 1.0 % was asked for: ") + row.why));
  }
}

TEST_F(OptimizeText, ATieAndAnInterruptionAreTold) {
  answer_.report.ties = {"16+16", "20+12"};
  EXPECT_THAT(text(), HasSubstr("tie: each of 16+16, 20+12 may be the fastest"));
  answer_.is_interrupted = true;
  EXPECT_THAT(text(),
              AllOf(HasSubstr("interrupted: what was done is kept"), Not(HasSubstr("best:"))));
}

TEST_F(OptimizeText, WithoutAnAnswerItSaysSo) {
  answer_.report.chosen.reset();
  EXPECT_THAT(text(), HasSubstr("best: none, for no split could be verified and ranked"));
  answer_.report.end = SearchEnd::kNoPath;
  EXPECT_THAT(text(), HasSubstr("no answer: no split is left"));
  answer_.report.is_recorded = true;
  answer_.report.advice = {"advice: build 20+12"};
  EXPECT_THAT(text(), AllOf(HasSubstr("no answer: nothing is measured here"),
                            HasSubstr("\nadvice: build 20+12\n")));
}

TEST_F(OptimizeText, HostileWordsStayInTheirLine) {
  answer_.report.notes = {"a\nreport: forged\x1b[2J"};
  answer_.report.chosen = "16+16\nbest: 32";
  answer_.report.form->places = {{"layer\n1", 1, 0.1}};
  runner_.device = "evil\n";
  const std::string said = text();
  EXPECT_THAT(said, AllOf(Not(HasSubstr("\nreport: forged")), Not(HasSubstr("\nbest: 32")),
                          Not(HasSubstr("\n1 ")), Not(HasSubstr("\x1b"))));
}

TEST(ReadForbidden, TakesSegmentsInBracketsAndWithColons) {
  const auto read = [](const std::vector<std::string>& typed) {
    return *read_forbidden(typed, 32);
  };
  EXPECT_THAT(read({}), ElementsAre());
  EXPECT_THAT(read({"[0,24)"}), ElementsAre(Segment{0, 24}));
  EXPECT_THAT(read({"[0,24),[24,32)", "3:4,31:32"}),
              ElementsAre(Segment{0, 24}, Segment{24, 32}, Segment{3, 4}, Segment{31, 32}));
  for (const char* wrong : {"", ",", "[0,24", "[24,0)", "[0,33)", "[0,24),", "[0,24)[1,2)",
                            "0:24:3", "[0,24),x", "all"}) {
    EXPECT_FALSE(read_forbidden({wrong}, 32)) << wrong;
  }
}

TEST(ReadShare, TakesSharesAndPerCent) {
  EXPECT_DOUBLE_EQ(*read_share("0.01", "--regret"), 0.01);
  EXPECT_DOUBLE_EQ(*read_share("1%", "--regret"), 0.01);
  EXPECT_DOUBLE_EQ(*read_share("0.5%", "--regret"), 0.005);
  for (const char* wrong : {"", "%", "0", "1", "100%", "-1%", "1%%", "1 %", "nan", "0.01x"})
    EXPECT_FALSE(read_share(wrong, "--regret")) << wrong;
  EXPECT_EQ(read_share("2", "--regret").error().message,
            "--regret: found '2', want a share above 0 and below 1, such as 0.01 or 1%");
}

}  // namespace
}  // namespace fusesweep
