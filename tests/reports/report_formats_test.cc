// What reports say, in every format: byte for byte, and whatever names things have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "reports/answer_words.h"
#include "reports/csv.h"
#include "reports/html_page.h"
#include "reports/markdown_page.h"
#include "reports/shown_text.h"
#include "reports/svg_fragment.h"
#include "reports/sweep_csv.h"
#include "reports/sweep_document.h"
#include "reports/sweep_index.h"
#include "reports/sweep_json.h"
#include "tests/reports/sample_sweep.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kCreatedMs = 1'700'000'100'000;

std::string html_of(const SweepRows& sweep, std::span<const PagePicture> pictures = {}) {
  return html_page(sweep_document(sweep, kCreatedMs), pictures);
}

std::string markdown_of(const SweepRows& sweep) {
  return markdown_page(sweep_document(sweep, kCreatedMs));
}

// Short texts are not broken into lines: how many there are depends on the names.
std::string without_short(std::string html) {
  for (const std::string_view word : {" class=\"short\"", "short "}) {
    for (std::size_t at = html.find(word); at != std::string::npos; at = html.find(word, at))
      html.erase(at, word.size());
  }
  return html;
}

// What a page says, without its style and script.
std::string body_of(const std::string& html) {
  const std::size_t begin = html.find("<body>");
  return html.substr(begin, html.find("<script>") - begin);
}

SweepRows checked_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  sweep.selfcheck = sample_selfcheck();
  return sweep;
}

const struct Kind {
  const char* name;
  SweepRows (*make)();
  const char* headline;
  SweepOutcome outcome;
} kKinds[] = {
    {"best", checked_sweep_rows, "16+16 is the fastest", SweepOutcome::kBest},
    {"tie", tied_sweep_rows, "Tie: 2 splits may be the fastest, 16+16, 16+8+8", SweepOutcome::kTie},
    {"dirty", dirty_sweep_rows, "No ranking: the measurement is dirty", SweepOutcome::kDirty},
    {"recorded", recorded_sweep_rows, "Recorded, not measured: no split is ranked",
     SweepOutcome::kRecorded},
    {"disqualified", disqualified_sweep_rows, "No answer: the only split is disqualified",
     SweepOutcome::kAllDisqualified},
    {"interrupted", interrupted_sweep_rows, "No answer yet: the sweep was interrupted, or goes on",
     SweepOutcome::kInterrupted},
};

// FUSESWEEP_WRITE_GOLDEN=1 writes them anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(FUSESWEEP_GOLDEN_FOLDER) / "report" / name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << text;
  const Result<std::string> golden = read_file(file, 1U << 20U);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_EQ(text, *golden) << name;
}

TEST(Report, OfFixedRowsIsTheSameEverywhere) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const SweepRows sweep = kind.make();
    const std::string name = kind.name;
    expect_golden(name + ".html", body_of(html_of(sweep)));
    expect_golden(name + ".md", markdown_of(sweep));
    expect_golden(name + ".csv", to_csv(sweep_csv(sweep)));
    expect_golden(name + ".json", sweep_json(sweep, kCreatedMs).dump(1) + "\n");
  }
}

TEST(Report, BeginsWithTheAnswer) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const SweepRows sweep = kind.make();
    EXPECT_EQ(outcome_of(sweep), kind.outcome);
    EXPECT_EQ(headline(sweep), kind.headline);
    EXPECT_THAT(html_of(sweep), HasSubstr("<h1 class=\"answer\"><bdi>" +
                                          std::string(kind.headline) + "</bdi></h1>"));
    EXPECT_TRUE(sweep_json(sweep, kCreatedMs).dump().starts_with("{\"schema_version\":1,"));
  }
}

TEST(Report, SaysByHowMuchAndHowSure) {
  const std::vector<std::string> best = lead(sample_sweep_rows());
  EXPECT_THAT(best[0], HasSubstr("5.00 % less time a token than 16+8+8, the control (99.9 % sure "
                                 "of -7.00 % to -3.00 %)"));
  EXPECT_THAT(best[1], HasSubstr("12 blocks"));
  EXPECT_THAT(best[1], HasSubstr("a difference of 2.10 %"));
  EXPECT_THAT(lead(tied_sweep_rows())[0], HasSubstr("cannot tell from noise"));
  EXPECT_THAT(lead(interrupted_sweep_rows())[0], HasSubstr("2 blocks were measured"));

  SweepRows control_wins = sample_sweep_rows();
  control_wins.best = "16+8+8";
  control_wins.splits[1].is_tied = false;
  control_wins.splits[1].size_rel = 0.04;
  control_wins.splits[2].is_tied = true;
  EXPECT_THAT(lead(control_wins)[0], HasSubstr("The next, 16+16, takes 4.00 % more time a token"));
}

TEST(Report, OfARecordRanksNothingAndSaysSo) {
  const SweepRows sweep = recorded_sweep_rows();
  EXPECT_EQ(chosen_split(sweep), nullptr);
  for (const std::string& text : {html_of(sweep), markdown_of(sweep)}) {
    EXPECT_THAT(text, HasSubstr("fusesweep measured nothing"));
    EXPECT_THAT(text, Not(HasSubstr("may be the fastest")));
    EXPECT_THAT(text, Not(HasSubstr("is the fastest")));
    EXPECT_THAT(text, Not(HasSubstr("measured on this device")));
  }
  EXPECT_THAT(html_of(sweep), HasSubstr("<li class=\"badge recorded\">"));
}

TEST(Report, OfADirtyTrialShowsFiguresThatRankNothing) {
  const std::string html = html_of(dirty_sweep_rows());
  EXPECT_THAT(html, HasSubstr("twin differs"));
  EXPECT_THAT(html, HasSubstr("rank nothing"));
  EXPECT_THAT(html, HasSubstr("52.00"));
  EXPECT_THAT(html, Not(HasSubstr("may be the fastest")));
}

TEST(Report, SaysWhetherTheHarnessWasChecked) {
  EXPECT_THAT(html_of(sample_sweep_rows()),
              HasSubstr("No selfcheck of this machine yet: fusesweep selfcheck"));
  const std::string html = html_of(checked_sweep_rows());
  EXPECT_THAT(html, HasSubstr("saw a difference in 0 of 60 trials of 40 s, idle"));
  EXPECT_THAT(html, HasSubstr("finds a delay of 3.10 % in 95 of 100"));
  EXPECT_THAT(html, HasSubstr("No delay that was tried is found in 95 of 100 trials of 40 s, one"));
}

TEST(Report, WithoutAModelRunnerOrFiguresStillStands) {
  SweepRows sweep{.ended_unix_ms = 0};
  sweep.spec = Json::array();
  sweep.spec = {{"candidates", "no list"}, {"seed", nullptr}};
  EXPECT_EQ(outcome_of(sweep), SweepOutcome::kNothingMeasured);
  EXPECT_THAT(html_of(sweep), HasSubstr("a model that is not known"));
  EXPECT_THAT(markdown_of(sweep), HasSubstr("No split is known"));
  EXPECT_EQ(to_csv(sweep_csv(sweep)).find('\n'), to_csv(sweep_csv(sweep)).size() - 1);
}

TEST(Report, AnIntervalWithoutAnEndHasNoMark) {
  SweepRows sweep = tied_sweep_rows();
  sweep.splits[1].interval_rel = Interval{-1, 0.5};
  for (const char* number : {">inf", "\"inf", ">nan<", "\"nan\"", ">-nan", "\"-nan"})
    EXPECT_THAT(html_of(sweep), Not(HasSubstr(number)));
}

// Every text that comes from outside.
SweepRows named(const std::string& name) {
  SweepRows sweep = checked_sweep_rows();
  sweep.run.start.arguments = {name};
  Provenance& made = sweep.run.start.provenance;
  made.compiler = made.compiler_flags = made.program_version = made.build_type = name;
  made.git_revision = made.host = made.cpu = made.os = made.kernel = name;
  sweep.model->name = sweep.model->hash = name;
  *sweep.runner = {name, name, name, name, "measured", {name}, name};
  sweep.cliff->answers[0].reason = name;
  sweep.cliff->answers[1].wrong = name;
  for (GateRow& gate : sweep.gates) {
    gate.kind = gate.text = gate.verdict.gate = gate.verdict.reason = name;
    gate.verdict.outcome = GateOutcome::kFail;
  }
  for (SplitRow& split : sweep.splits) {
    split.name = split.split = split.reason = name;
    for (GroupRow& group : split.groups) group.group = name;
    split.recorded = {{.tok_per_s = 1, .groups = {{name, 1}}, .notes = {name}}};
    if (split.verdict) split.verdict = name;
  }
  sweep.manifest = name;
  sweep.spec["seed"] = name;
  for (SelfcheckTrials& trials : sweep.selfcheck->trials) trials.condition = name;
  return sweep;
}

const struct Hostile {
  const char* name;
  std::string text;
} kHostile[] = {
    {"script", "<script>alert(1)</script>"},
    {"end of script", "</script><script>alert(1)</script>"},
    {"image", "<img src=x onerror=alert(1)>"},
    {"out of an attribute", "\" onmouseover=\"alert(1)\" x='"},
    {"comment", "<!-- --> <![CDATA["},
    {"entity", "&lt;script&gt; &#x3c;"},
    {"lines", "one\ntwo\r\n| three | four |\n# five"},
    {"shell", "$(touch /tmp/x) `touch /tmp/x`"},
    {"markdown", "[link](javascript:alert(1)) ![i](http://example.com/x.png) **x** https://e.com"},
    {"table", "a | b \\| c"},
    {"formula", "=HYPERLINK(\"http://example.com\")"},
    {"right to left", "\u202Egnp.exe\u202C \u05E9\u05DC\u05D5\u05DD"},
    {"control", std::string("a\0b\x07\x1b[31m\x7f", 9)},
    {"not UTF-8", "a\xff\xc0\xaf z"},
    {"long", std::string(10'000, 'x')},
    {"space", " "},
    {"quotes and backslashes", "'\"\\' \\\" ]]>"},
    {"link without a scheme", "www.example.com"},
    {"isolates", "\u2069\u2069x\u2066"},
    {"C1 control", "\xC2\x9B[2J"},
};

TEST(HostileNames, DoNoHarmInHtml) {
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::vector<PagePicture> pictures = {
        {.name = "tok-s", .title = row.text, .about = row.text, .error = row.text},
        {.name = "groups",
         .title = row.text,
         .about = row.text,
         .svg = "<svg viewBox=\"0 0 1 1\"><g/></svg>"}};
    const std::string body = without_short(body_of(html_of(named(row.text), pictures)));
    // As many elements of each kind as with a harmless name: none came in, none was closed early.
    const std::vector<PagePicture> plain = {
        {.name = "tok-s", .title = "x", .about = "x", .error = "x"},
        {.name = "groups",
         .title = "x",
         .about = "x",
         .svg = "<svg viewBox=\"0 0 1 1\"><g/></svg>"}};
    const std::string harmless = without_short(body_of(html_of(named("x"), plain)));
    EXPECT_EQ(std::count(body.begin(), body.end(), '<'),
              std::count(harmless.begin(), harmless.end(), '<'));
    EXPECT_EQ(std::count(body.begin(), body.end(), '"'),
              std::count(harmless.begin(), harmless.end(), '"'));
    EXPECT_EQ(std::count(body.begin(), body.end(), '\n'),
              std::count(harmless.begin(), harmless.end(), '\n'));
    EXPECT_EQ(body.find_first_of(std::string("\0\x07\x1b\x7f\r", 5)), std::string::npos);
    EXPECT_EQ(body.find("\u202E"), std::string::npos);
    EXPECT_EQ(parse_json(Json(body).dump(-1, ' ', false, Json::error_handler_t::ignore), "x")
                  ->get<std::string>(),
              body)
        << "not UTF-8";
    EXPECT_LT(body.size(), 200'000U);
  }
}

TEST(HostileNames, DoNoHarmInMarkdown) {
  const std::string harmless = markdown_of(named("x"));
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string text = markdown_of(named(row.text));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              std::count(harmless.begin(), harmless.end(), '\n'));
    for (const char mark : std::string("<`[]$!")) {
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        ASSERT_TRUE(at > 0 && text[at - 1] == '\\') << text.substr(at, 40);
    }
    EXPECT_EQ(text.find("\u202E"), std::string::npos);
    EXPECT_EQ(text.find("https://"), std::string::npos);
    EXPECT_EQ(text.find("www."), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(HostileNames, DoNoHarmInCsv) {
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    SweepRows sweep = sample_sweep_rows();
    sweep.splits[0].name = sweep.splits[0].reason = row.text;
    const std::string text = to_csv(sweep_csv(sweep));
    EXPECT_EQ(text.find(",="), std::string::npos);
    EXPECT_EQ(text.find("\"="), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '"') % 2, 0);
  }
}

TEST(HostileNames, ComeBackFromJson) {
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const std::string text = to_text(sweep_json(named(row.text), kCreatedMs));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const Result<Json> json = parse_json(text, "report");
    ASSERT_TRUE(json) << json.error().message;
    const Result<Json> name = parse_json(to_text(Json(row.text)), "name");
    EXPECT_EQ((*json)["splits"][0]["name"], *name);
  }
}

TEST(ShownText, IsOneShortLineThatKeepsItsDirection) {
  const struct {
    const char* name;
    std::string text;
    std::string wanted;
  } rows[] = {
      {"plain", "16+8+6+2", "16+8+6+2"},
      {"lines", "a\nb", "a\\nb"},
      {"turned", "\u202Eabc", "\\u202eabc"},
      {"Hebrew", "\u05E9", "\u2068\u05E9\u2069"},
      {"long", std::string(1000, 'x'),
       std::string(110, 'x') + "...(850 characters left out)..." + std::string(40, 'x')},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(shown(row.text), row.wanted);
  }
}

TEST(MarkdownText, WhatBeginsALineIsNoListOrHeading) {
  Document document{.kind = "k", .subject = "s", .headline = "h"};
  document.lead = {"+ a", "- b", "12. c", "12) d", "# e", "16+16 f", "=== g"};
  const std::string text = markdown_page(document);
  for (const char* wanted : {"\n\\+ a\n", "\n\\- b\n", "\n12\\. c\n", "\n12\\) d\n", "\n\\# e\n",
                             "\n16+16 f\n", "\n\\=== g\n"})
    EXPECT_THAT(text, HasSubstr(wanted));
}

TEST(SvgFragment, TellsIdsApartAndTakesNothingThatActs) {
  const struct {
    const char* name;
    const char* svg;
    const char* wanted;  // of the fragment, or of the error
    bool is_taken;
  } rows[] = {
      {"prologue",
       "<?xml version='1.0'?><!-- x --><svg viewBox='0 0 1 1' xmlns='u' width='5'><g/></svg>",
       " viewBox=\"0 0 1 1\"><title id=\"p-title\">a &lt;title&gt;</title>", true},
      {"ids", "<svg><path id='a' d='M0'/><use xlink:href='#a'/><g clip-path='url(#a)'/></svg>",
       "<path id=\"p-a\" d=\"M0\"/><use xlink:href=\"#p-a\"/><g clip-path=\"url(#p-a)\"/>", true},
      {"its own label", "<svg role='img'><title>x</title><g/></svg>", "about</desc><g/></svg>",
       true},
      {"script", "<svg><script>alert(1)</script></svg>", "'script'", false},
      {"handler", "<svg><g onload='alert(1)'/></svg>", "'onload'", false},
      {"style", "<svg><g style='x'/></svg>", "'style'", false},
      {"foreign object", "<svg><foreignObject/></svg>", "'foreignObject'", false},
      {"image", "<svg><image href='x'/></svg>", "'image'", false},
      {"outside", "<svg><use href='http://example.com/#a'/></svg>", "example.com", false},
      {"outside style", "<svg><g fill='url(http://example.com/)'/></svg>", "example.com", false},
      {"ended early", "<svg><g></svg><title>", "'/svg'", false},
      {"no end", "<svg><g>", "no end", false},
      {"none", "hello", "no <svg>", false},
      {"cut", "<svg><g id='x", "without an end", false},
      {"entity", "<!DOCTYPE x [<!ENTITY a 'b'>]><svg><g id='&a;'/></svg>", "'&a;'", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<std::string> fragment =
        svg_fragment(row.svg, {.prefix = "p-", .title = "a <title>", .description = "about"});
    ASSERT_EQ(fragment.has_value(), row.is_taken);
    EXPECT_THAT(fragment ? *fragment : fragment.error().message, HasSubstr(row.wanted));
  }
}

TEST(Index, ListsTheNewestFirstAndThoseThatCannotBeRead) {
  SweepRows older = sample_sweep_rows();
  SweepRows newer = tied_sweep_rows();
  newer.id.data[0] = 9;
  std::vector<SweepReading> readings;
  readings.push_back({older.id, older});
  readings.push_back({newer.id, newer});
  readings.push_back({Uuid{}, Result<SweepRows>(invalid_input("<b>broken</b>"))});
  const std::string html = html_page(sweep_index(readings, ".html", kCreatedMs), {});
  EXPECT_THAT(html, HasSubstr("<h1 class=\"answer\"><bdi>3 sweeps</bdi></h1>"));
  EXPECT_THAT(html, HasSubstr("cannot be read: &lt;b&gt;broken"));
  EXPECT_LT(html.find("broken"), html.find("Tie: 2"));
  EXPECT_LT(html.find("Tie: 2"), html.find("16+16 is the fastest"));
  EXPECT_THAT(html, HasSubstr("<a href=\"" + to_text(older.id) + ".html\">"));
  EXPECT_THAT(html_page(sweep_index({}, ".html", kCreatedMs), {}), HasSubstr("None yet"));
  EXPECT_THAT(html, Not(HasSubstr("Searches, reruns")));
}

TEST(Index, ListsWhatIsKeptBesideSweepsBelowThem) {
  Uuid id{};
  id.data[0] = 8;
  const std::vector<OtherReading> others = {
      {.id = id, .kind = "optimize", .model = "phi", .headline = std::string("16+16 leads")},
      {.id = {}, .kind = "rerun", .headline = invalid_input("<b>broken</b>")}};
  const std::string html = html_page(sweep_index({}, ".html", kCreatedMs, others), {});
  EXPECT_THAT(html, HasSubstr("Searches, reruns and speculations"));
  EXPECT_THAT(html, HasSubstr("<a href=\"" + to_text(id) + ".html\">"));
  EXPECT_THAT(html, HasSubstr("cannot be read: &lt;b&gt;broken"));
  EXPECT_THAT(html, Not(HasSubstr(to_text(Uuid{}) + ".html")));
  EXPECT_LT(html.find("broken"), html.find("16+16 leads"));
}

}  // namespace
}  // namespace fusesweep
