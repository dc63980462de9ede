#include "reports/sweep_plots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "tests/reports/example_sweeps.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// tests/reports/golden/NAME, byte for byte. FUSESWEEP_WRITE_GOLDEN=1 writes them anew, and fails.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(FUSESWEEP_GOLDEN_FOLDER) + "/" + name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    ADD_FAILURE() << "wrote " << path;
    return;
  }
  const Result<std::string> wanted = read_file(path, 10'000'000);
  ASSERT_TRUE(wanted.has_value()) << wanted.error().message;
  EXPECT_EQ(text, *wanted) << path;
}

struct Row {
  const char* name;
  Plot plot;
  const char* title;
};

std::vector<Row> rows() {
  const SweepRows tied = tied_sweep();
  return {
      {"tied_tok_s", tok_s_plot(tied), "3 splits tie, within 1.2 %; 24+6+2 is not resident"},
      {"decided_tok_s", tok_s_plot(decided_sweep()),
       "20+4+6+2 is the fastest: 128.1 tok/s, 4.1 % ahead of the next; 24+6+2 is not resident"},
      {"wide_tok_s", tok_s_plot(wide_sweep()),
       "6 splits tie, within 2.7 %; 2 of 40 splits are disqualified"},
      {"hopeless_tok_s", tok_s_plot(hopeless_sweep()), "No answer: every split is disqualified"},
      {"recorded_tok_s", tok_s_plot(recorded_sweep()),
       "Recorded: the runs of 3 splits overlap, none is shown to be faster; 24+6+2 is not "
       "resident"},
      {"interrupted_tok_s", tok_s_plot(interrupted_sweep()),
       "Interrupted: this sweep has no answer yet"},
      {"unmeasured_tok_s", tok_s_plot(unmeasured_sweep()), "Nothing was measured"},
      {"tied_groups", groups_plot(tied),
       "92 % of a token's time is in the layers, 7.0 % in the head"},
      {"wide_groups", groups_plot(wide_sweep()),
       "92 % of a token's time is in the layers, 7.0 % in the head"},
      {"recorded_groups", groups_plot(recorded_sweep()),
       "91 % of a token's time is in the layers, 8.5 % in the head"},
      {"hopeless_groups", groups_plot(hopeless_sweep()),
       "No time by layer group: No answer: every split is disqualified"},
      {"tied_cliff", cliff_plot(tied),
       "Shards of up to 21 layers are resident, of 22 they are not (31.50 MiB of weights)"},
      {"recorded_cliff", cliff_plot(recorded_sweep()),
       "Recorded: the cliff lies between 20 layers, resident, and 24, not resident (1.88 GiB of "
       "weights)"},
      {"hopeless_cliff", cliff_plot(hopeless_sweep()), "No cliff was looked for"},
      {"tied_cold_warm", cold_warm_plot(tied),
       "A cold start (load, first calls, first token) takes as long as 81 to 87 warm tokens"},
      {"unmeasured_cold_warm", cold_warm_plot(unmeasured_sweep()), "No cold start was measured"},
      {"tied_golden", golden_plot(tied),
       "25 of 25 comparisons of outputs passed; the largest error is 88 % of its limit"},
      {"recorded_golden", golden_plot(recorded_sweep()),
       "Recorded: 3 of 3 comparisons of outputs passed; the largest error is 26 % of its limit"},
      {"unmeasured_golden", golden_plot(unmeasured_sweep()), "No output was compared"},
      {"power", power_plot(example_selfcheck()),
       "A delay of 1.4 % is found in 95 % of trials of 40 s (idle); equal arms told apart in 0 of "
       "400 trials"},
      {"power_of_nothing", power_plot(SelfcheckFigures{}), "No trial was made"},
  };
}

TEST(SweepPlots, ScriptAndDataAreTheSameTextEverywhere) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.plot.title, row.title);
    EXPECT_THAT(row.plot.about, HasSubstr(row.plot.title));
    expect_golden(std::string(row.name) + ".gp", row.plot.script);
    expect_golden(std::string(row.name) + ".csv", row.plot.csv);
  }
}

TEST(SweepPlots, GrowWithTheirSplits) {
  EXPECT_GT(tok_s_plot(wide_sweep()).size.height, 40 * 20);
  EXPECT_LT(tok_s_plot(tied_sweep()).size.height, 500);
  EXPECT_GE(tok_s_plot(wide_sweep()).text_size.height, 40);
}

TEST(SweepPlots, SayWhatIsRecordedAndWhatIsEmulated) {
  EXPECT_THAT(source_line(recorded_sweep()), HasSubstr("RECORDED: others measured this"));
  EXPECT_THAT(source_line(tied_sweep()),
              HasSubstr("EMULATED, no property of the device: residency_limit_bytes"));
  EXPECT_THAT(source_line(recorded_sweep()), Not(HasSubstr("EMULATED")));
  EXPECT_THAT(tok_s_plot(recorded_sweep()).script, HasSubstr("RECORDED"));
  EXPECT_THAT(cliff_plot(tied_sweep()).script, HasSubstr("EMULATED"));
}

TEST(SweepPlots, ADirtyTrialRanksNothing) {
  SweepRows sweep = tied_sweep();
  sweep.dirt = {"the twin differs from the control"};
  for (SplitRow& split : sweep.splits) split.is_tied = false;
  EXPECT_THAT(finding(sweep), StartsWith("No ranking, the trial is dirty: the twin differs"));
  EXPECT_THAT(tok_s_plot(sweep).script, HasSubstr("measured, not ranked"));
}

TEST(CliffPlot, CountsOperationsWhereAGateTellsThem) {
  SweepRows sweep = tied_sweep();
  EXPECT_THAT(cliff_plot(sweep).csv, HasSubstr("\"[0,24)\",0,24,37748736,,1,1,0,0,1,plan,"));
  sweep.gates.clear();
  EXPECT_THAT(cliff_plot(sweep).csv, HasSubstr("\"[0,24)\",0,24,37748736,,1,1,0,0,0,plan,"));
}

TEST(GoldenPlot, AFailureIsTheTitle) {
  SweepRows sweep = tied_sweep();
  for (GateRow& gate : sweep.gates) {
    if (gate.verdict.gate == "golden-quality") gate.verdict.outcome = GateOutcome::kFail;
  }
  EXPECT_EQ(golden_plot(sweep).title, "8 of 25 comparisons of outputs failed");
}

TEST(GnuplotText, IsOneLineInSingleQuotes) {
  const struct {
    const char* name;
    std::string text;
    const char* wanted;
  } table[] = {
      {"plain", "16+8+6+2", "'16+8+6+2'"},
      {"quotes", "''; 'it's'", "'’’; ’it’s’'"},
      {"shell", "`touch x` $(touch x)", "'`touch x` $(touch x)'"},
      {"newline", "a\nEOD\nb", "'a\\nEOD\\nb'"},
      {"backslash at the end", "a\\", "'a\\'"},
      {"control characters", std::string("a\x1b[2J\0b", 7), "'a\\x1b[2J\\x00b'"},
      {"not UTF-8", "a\xff", "'a\\xff'"},
      {"right to left",
       "a\xe2\x80\xae"
       "b",
       "'a\\u202eb'"},
      {"no character of XML", "a\xef\xbf\xbf", "'a\\uffff'"},
      {"long", "abcdefghijklmnopqrstuvwxyz", "'abcdefgh…xyz'"},
      {"long, of several bytes", "ääääääääääääääääääää", "'ääääääää…äää'"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const bool is_long = std::string(row.name).starts_with("long");
    EXPECT_EQ(single_quoted(row.text, is_long ? 12 : 60), row.wanted);
  }
}

TEST(GnuplotText, IsWrappedBetweenWords) {
  EXPECT_EQ(wrap("one two three", 7, 3), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("one two three four", 7, 1), (std::vector<std::string>{"one …"}));
  EXPECT_EQ(wrap("", 7, 1), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace fusesweep
