// What a rerun says in every format: byte for byte, and whatever names things have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <string>

#include "harness/base/file.h"
#include "reports/html_page.h"
#include "reports/markdown_page.h"
#include "reports/rerun_document.h"
#include "reports/rerun_junit.h"
#include "reports/rerun_words.h"
#include "tests/reports/sample_rerun.h"

namespace fusesweep {
namespace {

using boost::property_tree::ptree;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const struct Kind {
  const char* name;
  RerunReport (*make)();
  const char* headline;
} kKinds[] = {
    {"regressed", regressed_rerun,
     "Regression: residency of 16+8+6+2 [0,16): 3 conv moved from vector to ref; and 3 more"},
    {"unchanged", unchanged_rerun, "No regression: a loss of 2.00 % is ruled out"},
    {"improved", improved_rerun,
     "No regression, and better: ms_per_token of 16+8+6+2: 12.100 to 11.120 ms, -8.10 % (-9.30 to "
     "-6.90 %)"},
    {"dirty", dirty_rerun,
     "Inconclusive: dirty, the control's twin differs from it by 3.10 %; and 1 more"},
    {"unfit", unfit_rerun,
     "Regression: golden-fidelity of 16+8+6+2 [0,16): relative_l2 0.31, want at most 0.005"},
    {"interrupted", interrupted_rerun, "Inconclusive: interrupted after 3 blocks"},
};

// FUSESWEEP_WRITE_GOLDEN=1 writes them anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(FUSESWEEP_GOLDEN_FOLDER) / "rerun" / name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << text;
  const Result<std::string> golden = read_file(file, 1U << 20U);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_EQ(text, *golden) << name;
}

std::string markdown_of(const RerunReport& report) { return markdown_page(rerun_document(report)); }

// What a page says, without its style and script.
std::string html_of(const RerunReport& report) {
  const std::string html = html_page(rerun_document(report), {});
  const std::size_t begin = html.find("<body>");
  return html.substr(begin, html.find("<script>") - begin);
}

ptree parsed(const std::string& xml) {
  std::istringstream in(xml);
  ptree tree;
  boost::property_tree::read_xml(in, tree);
  return tree;
}

struct JUnitCase {
  std::string suite;
  std::string class_name;
  std::string name;
  std::string outcome;
  std::string text;
};

std::vector<JUnitCase> cases_of(const ptree& tree) {
  std::vector<JUnitCase> cases;
  for (const auto& [suite_tag, suite] : tree.get_child("testsuites")) {
    if (suite_tag != "testsuite") continue;
    for (const auto& [tag, one] : suite) {
      if (tag != "testcase") continue;
      JUnitCase made{.suite = suite.get<std::string>("<xmlattr>.name"),
                     .class_name = one.get<std::string>("<xmlattr>.classname"),
                     .name = one.get<std::string>("<xmlattr>.name"),
                     .outcome = "passed"};
      for (const char* outcome : {"failure", "skipped", "system-out"}) {
        const auto found = one.get_child_optional(outcome);
        if (!found) continue;
        made.outcome = outcome;
        made.text = found->data();
      }
      cases.push_back(std::move(made));
    }
  }
  return cases;
}

TEST(RerunReportFormats, OfFixedReportsAreTheSameEverywhere) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const RerunReport report = kind.make();
    const std::string name = kind.name;
    expect_golden(name + ".md", markdown_of(report));
    expect_golden(name + ".xml", rerun_junit(report));
  }
  expect_golden("regressed.html", html_of(regressed_rerun()));
  expect_golden("regressed.json", rerun_json(regressed_rerun()).dump(1) + "\n");
}

TEST(RerunWords, BeginWithTheAnswer) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    EXPECT_EQ(headline(kind.make()), kind.headline);
    EXPECT_EQ(rerun_json(kind.make())["headline"], kind.headline);
  }
}

TEST(RerunWords, SayWhatWouldHaveBeenFoundAndWhichGroupLostMost) {
  RerunReport report = regressed_rerun();
  std::erase_if(report.findings,
                [](const RerunFinding& finding) { return finding.metric == "residency"; });
  EXPECT_EQ(headline(report),
            "Regression: ms_per_token of 16+8+6+2: 12.100 to 12.862 ms, +6.30 % (+4.00 to +8.60 "
            "%); and 2 more");
  EXPECT_THAT(
      lead(report),
      ElementsAre("9 figures judged: 3 regressions, 5 same, 1 inconclusive.",
                  "Would have been found: a change of ms_per_token 2.76 %, tok_per_s 2.52 %, "
                  "group_ms 1.44 to 3.60 %, activation_ms 1.80 %.",
                  "Of its groups this one lost most: group_ms of 16+8+6+2 [0,16): 5.400 to 6.107 "
                  "ms, +13.10 % (+10.10 to +16.10 %).",
                  HasSubstr("Strong form: the old runner with the old artifacts and the new")));
  for (RerunFinding& finding : report.findings) {
    if (finding.metric == "group_ms") finding.outcome = FindingOutcome::kSame;
  }
  EXPECT_THAT(lead(report)[2], HasSubstr("No group of it by itself"));
}

TEST(RerunWords, SayWhyTheFormIsWeak) {
  EXPECT_THAT(form_in_words(dirty_rerun()),
              HasSubstr("changes of the runner are invisible to it. Why not the strong form: the "
                        "old program does not start: exit code 127. The precision that was asked "
                        "for would take 20 blocks."));
  EXPECT_THAT(form_in_words(unfit_rerun()), HasSubstr("Nothing was timed: the new artifacts"));
  EXPECT_THAT(form_in_words(interrupted_rerun()), HasSubstr("only ratios to the control"));
  RerunReport report = dirty_rerun();
  report.dirt.clear();
  for (RerunFinding& finding : report.findings) finding.outcome = FindingOutcome::kSame;
  EXPECT_EQ(headline(report), "No regression: a loss of 2.00 % is ruled out");
  report.is_strong_required = true;
  EXPECT_THAT(headline(report),
              HasSubstr("Inconclusive: only the weak form could be had, the old"));
}

TEST(RerunWords, DoNotSpeakOfALossWhereNoSpeedWasCompared) {
  RerunReport report = unchanged_rerun();
  report.findings = {{.metric = "ids", .outcome = FindingOutcome::kSame}};
  EXPECT_EQ(headline(report), "No regression: 1 figure is as before");
}

TEST(RerunWords, OfAFigureThatIsNotClear) {
  RerunReport report = unchanged_rerun();
  report.findings[0].outcome = FindingOutcome::kInconclusive;
  EXPECT_EQ(headline(report),
            "Inconclusive: ms_per_token of 16+8+6+2: 12.100 to 12.112 ms, +0.10 % (-0.70 to +0.90 "
            "%), which does not rule out a loss of 2.00 %");
  report.findings.clear();
  EXPECT_EQ(headline(report), "Inconclusive: nothing was judged");
}

TEST(RerunWords, FiguresOfAnySizeStayShort) {
  const double most = std::numeric_limits<double>::max();
  const struct {
    const char* metric;
    std::optional<double> value;
    const char* want;
  } rows[] = {{"ms_per_token", 12.8623, "12.862"},    {"ms_per_token", std::nullopt, "-"},
              {"ms_per_token", most, "1.79769e+308"}, {"tok_per_s", 77.749, "77.75"},
              {"bytes", 50'331'649, "50331649"},      {"bytes", -most, "-1.79769e+308"},
              {"cosine", 0.999987654, "0.999988"},    {"residency", 1, "1"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.want);
    EXPECT_EQ(figure_text(row.metric, row.value), row.want);
  }
  const RerunFinding finding{.change_rel = most, .low_rel = -most, .high_rel = most};
  EXPECT_EQ(change_text(finding), ">+99999 %");
  EXPECT_EQ(interval_text(finding), "<-99999 to >+99999 %");
  EXPECT_EQ(change_text({}), "-");
  EXPECT_EQ(interval_text({.low_rel = 1}), "-");
}

TEST(RerunJUnit, HasACaseForEachJudgedFigure) {
  const std::vector<JUnitCase> cases = cases_of(parsed(rerun_junit(regressed_rerun())));
  std::vector<std::string> outcomes;
  for (const JUnitCase& one : cases)
    outcomes.push_back(one.suite + ": " + one.name + ": " + one.outcome);
  EXPECT_THAT(outcomes, ElementsAre("release-1 rerun: conclusive: system-out",
                                    "release-1 16+8+6+2: ms_per_token: failure",
                                    "release-1 16+8+6+2: tok_per_s: failure",
                                    "release-1 16+8+6+2: group_ms [0,16): failure",
                                    "release-1 16+8+6+2: group_ms [16,24): system-out",
                                    "release-1 16+8+6+2: group_ms head: skipped",
                                    "release-1 16+8+6+2: activation_ms: system-out",
                                    "release-1 16+8+6+2: residency [0,16): failure",
                                    "release-1 16+8+6+2: cosine [0,16): system-out",
                                    "release-1 16+8+6+2: bytes [0,16): system-out",
                                    "release-1 20+4+6+2: ids: system-out"));
  EXPECT_THAT(cases[1].text, HasSubstr("regression: ms_per_token of 16+8+6+2: 12.100 to 12.862"));
  EXPECT_THAT(cases[1].text, HasSubstr("a change of 2.76 % would have been found"));
  EXPECT_THAT(cases[1].text, HasSubstr("likely causes, not to be told apart"));
}

TEST(RerunJUnit, CountsWhatItHolds) {
  const ptree tree = parsed(rerun_junit(regressed_rerun()));
  const ptree& all = tree.get_child("testsuites.<xmlattr>");
  EXPECT_EQ(all.get<int>("tests"), 11);
  EXPECT_EQ(all.get<int>("failures"), 4);
  EXPECT_EQ(all.get<int>("errors"), 0);
  EXPECT_EQ(all.get<int>("skipped"), 1);
  int suites = 0;
  for (const auto& [tag, suite] : tree.get_child("testsuites"))
    suites += tag == "testsuite" ? 1 : 0;
  EXPECT_EQ(suites, 3);  // of the rerun as a whole, of either split
}

TEST(RerunJUnit, WhatIsToldOnlyIsAProperty) {
  EXPECT_THAT(rerun_junit(regressed_rerun()),
              HasSubstr("<property name=\"build_ms [0,16)\" value=\"build_ms of 16+8+6+2 [0,16): "
                        "812.000 to 1033.500 ms, +27.28 %\"/>"));
}

TEST(RerunJUnit, AnInconclusiveRerunNeverPassesAsAWhole) {
  for (const RerunReport& report : {interrupted_rerun(), dirty_rerun()}) {
    const std::vector<JUnitCase> cases = cases_of(parsed(rerun_junit(report)));
    ASSERT_FALSE(cases.empty());
    EXPECT_EQ(cases[0].name, "conclusive");
    EXPECT_EQ(cases[0].outcome, "skipped");
  }
  RerunReport report = unchanged_rerun();
  report.dirt = {"steal"};
  const std::vector<JUnitCase> cases = cases_of(parsed(rerun_junit(report)));
  EXPECT_EQ(cases[0].outcome, "skipped");
  EXPECT_EQ(cases.size(), 4U);
  for (const JUnitCase& one : cases_of(parsed(rerun_junit(unchanged_rerun()))))
    EXPECT_EQ(one.outcome, "system-out");
}

TEST(RerunJUnit, CasesOfOneNameAreToldApart) {
  RerunReport report = unchanged_rerun();
  report.findings = {report.findings[0], report.findings[0], report.findings[0]};
  std::set<std::string> names;
  for (const JUnitCase& one : cases_of(parsed(rerun_junit(report))))
    names.insert(one.class_name + one.name);
  EXPECT_EQ(names.size(), 4U);  // with that of the whole
}

const struct Hostile {
  const char* name;
  std::string text;
} kHostile[] = {
    {"script", "<script>alert(1)</script>"},
    {"end of an element", "]]></system-out></testcase></testsuites>"},
    {"out of an attribute", "\" failures=\"0\" x='"},
    {"comment", "<!-- --> <![CDATA["},
    {"entity", "&lt;script&gt; &#x3c; &undefined;"},
    {"lines", "one\ntwo\r\n| three | four |\n# five"},
    {"markdown", "[link](javascript:alert(1)) ![i](http://example.com/x.png) **x** https://e.com"},
    {"command of a CI system", "::error file=a::b\n::set-output name=x::y\n##vso[task.complete]"},
    {"right to left", "\u202Egnp.exe\u202C \u05E9\u05DC\u05D5\u05DD"},
    {"control", std::string("a\0b\x07\x1b[31m\x7f", 9)},
    {"not UTF-8", "a\xff\xc0\xaf z"},
    {"no characters", "\uFFFE\uFFFF"},
    {"surrogate", "\xED\xA0\x80"},
    {"C1 control", "\xC2\x9B[2J"},
    {"long", std::string(10'000, 'x')},
    {"space", " "},
    {"isolates", "\u2069\u2069x\u2066"},
};

TEST(HostileReruns, DoNoHarmInXml) {
  const std::string harmless = rerun_junit(rerun_named("x"));
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string xml = rerun_junit(rerun_named(row.text));
    for (const char mark : std::string("<>\"\n"))
      EXPECT_EQ(std::count(xml.begin(), xml.end(), mark),
                std::count(harmless.begin(), harmless.end(), mark))
          << mark;
    EXPECT_TRUE(std::all_of(xml.begin(), xml.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte >= 0x20 || c == '\n') && byte != 0x7F;
    }));
    for (const char* forbidden : {"\uFFFE", "\uFFFF", "\u202E", "\xED\xA0\x80", "\xFF", "\xC2\x9B"})
      EXPECT_THAT(xml, Not(HasSubstr(forbidden)));
    EXPECT_EQ(cases_of(parsed(xml)).size(), cases_of(parsed(harmless)).size());
  }
}

TEST(HostileReruns, DoNoHarmInMarkdown) {
  const std::string harmless = markdown_of(rerun_named("x"));
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string text = markdown_of(rerun_named(row.text));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              std::count(harmless.begin(), harmless.end(), '\n'));
    for (const char mark : std::string("<`[]$!")) {
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        ASSERT_TRUE(at > 0 && text[at - 1] == '\\') << text.substr(at, 40);
    }
    for (const char* forbidden : {"\u202E", "https://", "\x1b", "\xFF"})
      EXPECT_THAT(text, Not(HasSubstr(forbidden)));
  }
}

TEST(HostileReruns, DoNoHarmInHtml) {
  const std::string harmless = html_of(rerun_named("x"));
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string body = html_of(rerun_named(row.text));
    EXPECT_EQ(std::count(body.begin(), body.end(), '<'),
              std::count(harmless.begin(), harmless.end(), '<'));
    EXPECT_EQ(std::count(body.begin(), body.end(), '\n'),
              std::count(harmless.begin(), harmless.end(), '\n'));
  }
}

TEST(HostileReruns, ComeBackFromJson) {
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string text = to_text(rerun_json(rerun_named(row.text)));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const Result<Json> json = parse_json(text, "rerun");
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ((*json)["model"], *parse_json(to_text(Json(row.text)), "name"));
  }
}

}  // namespace
}  // namespace fusesweep
