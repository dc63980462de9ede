#include "reports/draw_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "harness/base/text.h"
#include "reports/gnuplot_process.h"
#include "reports/gnuplot_script.h"
#include "reports/shown_text.h"
#include "reports/sweep_plots.h"
#include "tests/reports/example_sweeps.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<Plot> all_plots(const SweepRows& sweep) {
  return {tok_s_plot(sweep), groups_plot(sweep), cliff_plot(sweep), cold_warm_plot(sweep),
          golden_plot(sweep)};
}

std::string drawn(const Plot& plot, PlotFormat format) {
  const Result<std::string> picture = draw(plot, format);
  EXPECT_TRUE(picture.has_value()) << plot.name << ": " << picture.error().message;
  return picture.value_or("");
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

void expect_well_formed(const std::string& svg) {
  std::istringstream in(svg);
  boost::property_tree::ptree tree;
  EXPECT_NO_THROW(boost::property_tree::read_xml(in, tree)) << svg.substr(0, 400);
  for (const char c : svg)
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') << int{c};
}

std::set<std::string> ids_of(const std::string& svg) {
  std::set<std::string> ids;
  for (const char* opening : {" id='", " id=\""}) {
    for (std::size_t at = svg.find(opening); at != std::string::npos;
         at = svg.find(opening, at + 1))
      ids.insert(svg.substr(at + 5, svg.find_first_of("'\"", at + 5) - at - 5));
  }
  return ids;
}

TEST(DrawPlot, EveryKindIsDrawnFromAnySweep) {
  for (const SweepRows& sweep : {tied_sweep(), decided_sweep(), wide_sweep(), hopeless_sweep(),
                                 recorded_sweep(), interrupted_sweep(), unmeasured_sweep()}) {
    for (const Plot& plot : all_plots(sweep)) {
      SCOPED_TRACE(plot.name + ": " + plot.title);
      const std::string svg = drawn(plot, PlotFormat::kSvg);
      expect_well_formed(svg);
      EXPECT_THAT(svg, HasSubstr("role=\"img\""));
      EXPECT_EQ(svg, drawn(plot, PlotFormat::kSvg));
    }
  }
  expect_well_formed(drawn(power_plot(example_selfcheck()), PlotFormat::kSvg));
}

TEST(DrawPlot, APointIsDrawnForEveryFigure) {
  const std::string svg = drawn(tok_s_plot(tied_sweep()), PlotFormat::kSvg);
  // Twelve processes of three splits and one in the key; gnuplot's sixth shape is a hollow circle.
  EXPECT_EQ(count(svg, "xlink:href='#tok_s_gpPt5' transform"), 3U * 12 + 1);
  EXPECT_EQ(count(svg, "xlink:href='#tok_s_gpPt6' transform"), 3U + 1);  // the tie set
  const std::string wide = drawn(tok_s_plot(wide_sweep()), PlotFormat::kSvg);
  EXPECT_EQ(count(wide, "xlink:href='#tok_s_gpPt6' transform"), 6U + 1);
  EXPECT_EQ(count(wide, "xlink:href='#tok_s_gpPt4' transform"), 32U + 1);  // the others
  EXPECT_THAT(wide, HasSubstr("24+6+2"));
}

TEST(DrawPlot, IsToldToThoseWhoCannotSeeIt) {
  const std::string svg = drawn(tok_s_plot(tied_sweep()), PlotFormat::kSvg);
  EXPECT_THAT(svg,
              AllOf(HasSubstr("<title id=\"tok_s_title\">3 splits tie, within 1.2 %; 24+6+2 is "
                              "not resident</title>"),
                    HasSubstr("<desc id=\"tok_s_desc\">Decode speed of 4 splits"),
                    Not(HasSubstr("GNUPLOT")), Not(HasSubstr("_plot_1</title>"))));
}

TEST(DrawPlot, SeveralPicturesStandInOnePage) {
  std::set<std::string> seen;
  for (const Plot& plot : all_plots(tied_sweep())) {
    for (const std::string& id : ids_of(drawn(plot, PlotFormat::kSvg)))
      EXPECT_TRUE(seen.insert(id).second) << plot.name << ": " << id;
  }
  EXPECT_GT(seen.size(), 50U);
}

TEST(DrawPlot, HostileTextDoesNothingAndIsShown) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const struct {
    const char* name;
    std::string text;
    const char* shown;  // in the SVG
  } rows[] = {
      {"backticks", "`touch pwned`", "`touch pwned`"},
      {"a shell's brackets", "$(touch pwned)", "$(touch pwned)"},
      {"leaves single quotes", "'; system('touch pwned'); '", "’; system("},
      {"leaves them at once", "''; system 'touch pwned' #", "’’; system "},
      {"leaves double quotes", "\"; system(\"touch pwned\"); \"", "\"; system("},
      {"a line of its own", "x\nsystem('touch pwned')\n", "x\\nsystem("},
      {"the end of a datablock", "EOD\nsystem 'touch pwned'\n$d << EOD", "EOD\\nsystem"},
      {"a shell's line", "!touch pwned", "!touch pwned"},
      {"a macro", "@ARG0 @GPVAL_TERM", "@ARG0 @GPVAL_TERM"},
      {"a format", "%s %n %g %1$s", "%s %n %g %1$s"},
      {"columns and variables", "$1 $2 ${x} #", "$1 $2 ${x} #"},
      {"a tag", "<script>alert(1)</script>", "&lt;script"},
      {"an entity", "&lt; &#0; ]]>", "&amp;lt; &amp;#0; ]]"},
      {"markup of gnuplot", "{/Bold=99 x}_{y}^2", "{/Bold=99 x}_{y}^2"},
      {"an escape", "\x1b]0;x\x07", "\\x1b]0;x\\x07"},
      {"backslashes", "a\\", "a\\"},
      {"a zero byte", std::string("a\0b", 3), "a\\x00b"},
      {"not UTF-8", "\xff\xfe", "\\xff\\xfe"},
      {"right to left",
       "\xe2\x80\xae"
       "abc",
       "\\u202eabc"},
      {"Hebrew", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"},
      {"long", std::string(10'000, 'x'), "xxxx…xxxx"},
      {"long, of several bytes",
       [] {
         std::string text;
         for (int i = 0; i < 5'000; ++i) text += "ä";
         return text;
       }(),
       "ää…ää"},
      {"nothing", "", "out: "},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    for (const Plot& plot : all_plots(hostile_sweep(row.text))) {
      SCOPED_TRACE(plot.name);
      const std::string svg = drawn(plot, PlotFormat::kSvg);
      expect_well_formed(svg);
      EXPECT_THAT(svg, Not(HasSubstr("<script")));
      if (plot.name == "tok-s") {
        EXPECT_THAT(svg, HasSubstr(row.shown));
      }
      EXPECT_NE(drawn(plot, PlotFormat::kText), "");
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  std::filesystem::current_path(before);
}

TEST(DrawPlot, ATerminalHasEightyColumns) {
  for (const SweepRows& sweep : {tied_sweep(), wide_sweep(), recorded_sweep(), hopeless_sweep()}) {
    for (const Plot& plot : all_plots(sweep)) {
      const std::string text = drawn(plot, PlotFormat::kText);
      for (const std::string_view line : split_text(text, '\n'))
        EXPECT_LE(characters(line), 80U) << plot.name << ": " << line;
      EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    }
  }
  EXPECT_THAT(drawn(tok_s_plot(tied_sweep()), PlotFormat::kText),
              AllOf(HasSubstr(" 3 splits tie, within 1.2 %; 24+6+2 is not resident\n"),
                    HasSubstr("|out: residency of [0,24): 0 of 96 convolutions")));
}

TEST(DrawPlot, OtherFormatsAreWhatTheySay) {
  const Plot plot = tok_s_plot(tied_sweep());
  const std::string png = drawn(plot, PlotFormat::kPng);
  ASSERT_THAT(png, StartsWith("\x89PNG\r\n\x1a\n"));
  const auto big_endian = [&](std::size_t at) {
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value * 256 + static_cast<unsigned char>(png[at + i]);
    return value;
  };
  EXPECT_EQ(big_endian(16), plot.size.width);
  EXPECT_EQ(big_endian(20), plot.size.height);
  EXPECT_THAT(drawn(plot, PlotFormat::kPdf), StartsWith("%PDF-"));
}

TEST(DrawPlot, WhatIsWrongWithAScriptIsSaidInALine) {
  Plot plot = tok_s_plot(tied_sweep());
  plot.script = "set nonsense\n";
  const Result<std::string> refused = draw(plot, PlotFormat::kSvg);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message,
              AllOf(StartsWith("gnuplot: "), HasSubstr("nonsense"), Not(HasSubstr("\n"))));
}

TEST(GnuplotProcess, OneThatHangsIsKilled) {
  const Result<std::string> never =
      run_gnuplot("/usr/bin/gnuplot", "while (1) { x = 1 }\n", std::chrono::milliseconds(300));
  ASSERT_FALSE(never.has_value());
  EXPECT_EQ(never.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(never.error().message, "gnuplot: did not end within 0.3 s");
}

TEST(GnuplotProcess, OneThatReadsNothingHarmsNobody) {
  EXPECT_EQ(run_gnuplot("/bin/false", std::string(1 << 20, '\n')).error().message,
            "gnuplot: it failed");
  EXPECT_FALSE(run_gnuplot("/nonexistent/gnuplot", "").has_value());
}

TEST(GnuplotProcess, HeedsNeitherVariablesNorStartUpFiles) {
  const TemporaryFolder home;
  std::ofstream(home.path() / ".gnuplot") << "print 'from a start-up file'\nexit status 9\n";
  const char* old_home = std::getenv("HOME");
  const std::string kept = old_home == nullptr ? "" : old_home;
  setenv("HOME", home.path().c_str(), 1);
  setenv("GNUTERM", "nonsense", 1);
  setenv("GNUPLOT_LIB", home.path().c_str(), 1);
  const Result<std::string> said = run_gnuplot(
      "/usr/bin/gnuplot", "set print '-'\nprint system('echo $HOME$GNUTERM$GNUPLOT_LIB')\n");
  setenv("HOME", kept.c_str(), 1);
  unsetenv("GNUTERM");
  unsetenv("GNUPLOT_LIB");
  EXPECT_EQ(said.value_or("failed"), "/nonexistent\n");
}

TEST(ScriptOf, DrawsByItself) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "it's.gp")
      << script_of(tok_s_plot(tied_sweep()), PlotFormat::kPng, "it's.png");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Result<std::string> ran = run_gnuplot("/usr/bin/gnuplot", "load \"it's.gp\"\n");
  std::filesystem::current_path(before);
  ASSERT_TRUE(ran.has_value()) << ran.error().message;
  EXPECT_GT(std::filesystem::file_size(folder.path() / "it's.png"), 1000U);
}

TEST(ScriptOf, ANameIsNeverACommand) {
  EXPECT_THAT(script_of(tok_s_plot(tied_sweep()), PlotFormat::kPng, "|touch pwned.png"),
              HasSubstr("\nset output './|touch pwned.png'\n"));
}

}  // namespace
}  // namespace fusesweep
