// A rerun at the terminal: the headline first, a table that fits, hostile texts tamed.
#include "harness/cli/rerun_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "harness/base/text.h"
#include "reports/shown_text.h"
#include "tests/reports/sample_rerun.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(RerunText, SaysTheAnswerFirstAndEverythingElseOnce) {
  EXPECT_EQ(
      rerun_text(regressed_rerun()),
      "Regression: residency of 16+8+6+2 [0,16): 3 conv moved from vector to ref; and 3 more\n"
      "10 figures judged: 4 regressions, 5 same, 1 inconclusive.\n"
      "Would have been found: a change of ms_per_token 2.76 %, tok_per_s 2.52 %, group_ms 1.44 to "
      "3.60 %, activation_ms 1.80 %.\n"
      "Of its groups this one lost most: group_ms of 16+8+6+2 [0,16): 5.400 to 6.107 ms, +13.10 % "
      "(+10.10 to +16.10 %).\n"
      "Strong form: the old runner with the old artifacts and the new runner with the new ones, "
      "measured together in 12 blocks.\n"
      "\n"
      "baseline release-1, set 2023-11-14 22:13:20 UTC, nano on cpu\n"
      "changed since it was set:\n"
      "    compiler: 'GNU 12.2.0' -> 'GNU 13.1.0'\n"
      "    git revision: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' -> "
      "'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'\n"
      "    kernel: '6.1.0' -> '6.1.4'\n"
      "    program: not known -> '55555555555555555555555555555555'\n"
      "\n"
      "split     metric         part        then       now    change            interval  "
      "verdict\n"
      "16+8+6+2  ms_per_token   -         12.100    12.862   +6.30 %    +4.00 to +8.60 %  "
      "regression\n"
      "16+8+6+2  tok_per_s      -          82.64     77.76   -5.90 %    -8.00 to -3.80 %  "
      "regression\n"
      "16+8+6+2  group_ms       [0,16)     5.400     6.107  +13.10 %  +10.10 to +16.10 %  "
      "regression\n"
      "16+8+6+2  group_ms       [16,24)    2.700     2.703   +0.10 %    -1.10 to +1.30 %  same\n"
      "16+8+6+2  group_ms       head       1.100     1.104   +0.40 %    -2.60 to +3.40 %  "
      "inconclusive\n"
      "16+8+6+2  activation_ms  -         31.000    30.938   -0.20 %    -1.70 to +1.30 %  same\n"
      "16+8+6+2  residency      [0,16)         -         -         -                   -  "
      "regression\n"
      "    - 3 conv moved from vector to ref\n"
      "16+8+6+2  build_ms       [0,16)   812.000  1033.500  +27.28 %                   -  told "
      "only\n"
      "3 more are as they were: gates, accuracy, ids, bytes (--json tells all)\n"
      "\n"
      "likely causes, not to be told apart: compiler, from 'GNU 12.2.0' to 'GNU 13.1.0'; git "
      "revision, from 'aaaa' to 'bbbb'\n");
}

TEST(RerunText, OfADirtyTrialNamesTheDirt) {
  const std::string text = rerun_text(dirty_rerun());
  EXPECT_THAT(text, StartsWith("Inconclusive: dirty, the control's twin differs"));
  EXPECT_THAT(text, HasSubstr("Weak form: "));
  EXPECT_THAT(text, HasSubstr("\ndirty: 5.00 % of the time was stolen\n"));
  EXPECT_THAT(text, HasSubstr("nothing that is known has changed since it was set\n"));
}

TEST(RerunText, WithoutFindingsHasNoTable) {
  EXPECT_THAT(rerun_text(interrupted_rerun()), Not(HasSubstr("verdict\n")));
}

// The lines of the table and what stands below its rows.
std::vector<std::string> table_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split_text(text, '\n')) {
    if (line.starts_with("split ") || !lines.empty()) lines.emplace_back(line);
  }
  return lines;
}

TEST(RerunText, TheTableStaysWithin120Columns) {
  const double most = std::numeric_limits<double>::max();
  RerunReport report = regressed_rerun();
  report.cause.clear();
  RerunFinding& worst = report.findings.front();
  worst.split = "1+1+1+1+2+1+1+1+1+2+1+1+1+1+2+1+1+1+1+2+1+1+1+1+2+1+1+1+1+2";
  worst.metric = "original_top1_agreement_of_all";
  worst.part = "head[0,200064) of 1, and more of it";
  worst.outcome = FindingOutcome::kInconclusive;
  worst.before = -most;
  worst.now = most;
  worst.change_rel = worst.low_rel = -most;
  worst.high_rel = most;
  worst.text = std::string(500, 'x');
  const std::vector<std::string> lines = table_lines(rerun_text(report));
  ASSERT_GT(lines.size(), report.findings.size());
  for (const std::string& line : lines) EXPECT_LE(characters(line), 120U) << line;
}

TEST(RerunText, HostileTextsStayWhereTheyAre) {
  const std::string harmless = rerun_text(rerun_named("x"));
  for (const std::string& evil :
       {std::string("a\nb\r\x1b[2J\x07"), std::string("\u202Eabc\u2066"),
        std::string("\xff\xc2\x9b"), std::string(10'000, 'y'), std::string("\u05E9\u05DC")}) {
    const std::string text = rerun_text(rerun_named(evil));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              std::count(harmless.begin(), harmless.end(), '\n'));
    for (const char* mark : {"\x1b", "\r", "\x07", "\u202E", "\u2066", "\xff", "\xc2\x9b"})
      EXPECT_THAT(text, Not(HasSubstr(mark)));
    for (const std::string& line : table_lines(text)) {
      if (line.empty()) break;
      EXPECT_LE(characters(line), 120U);
    }
  }
}

}  // namespace
}  // namespace fusesweep
