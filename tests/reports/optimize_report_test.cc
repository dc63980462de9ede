// What a search for the fastest split says in every format: byte for byte, and whatever names things have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "harness/base/file.h"
#include "reports/csv.h"
#include "reports/draw_plot.h"
#include "reports/html_page.h"
#include "reports/markdown_page.h"
#include "reports/optimize_csv.h"
#include "reports/optimize_document.h"
#include "reports/optimize_words.h"
#include "reports/segments_plot.h"
#include "reports/svg_fragment.h"
#include "tests/reports/sample_optimize.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kCreatedMs = 1'700'000'200'000;

const struct Kind {
  const char* name;
  OptimizeRows (*make)();
  const char* headline;
} kKinds[] = {
    {"proven", proven_optimize, "16+16 is the fastest; none is faster by more than 0.80 % (95 %)"},
    {"tied", tied_optimize,
     "Tie: 5 splits may be the fastest, 16+16, 21+11, 16+8+8, 12+20 and 1 more; none is faster "
     "than the first by more than 2.30 % (95 %)"},
    {"unverified", unverified_optimize,
     "16+16 leads, and was not measured whole; none is faster by more than 0.80 % (95 %)"},
    {"recorded", recorded_optimize,
     "Recorded, not measured: nothing is proven; 2 splits tie on record"},
    {"hopeless", hopeless_optimize,
     "No answer: no split is left of which every segment may be used"},
};

// FUSESWEEP_WRITE_GOLDEN=1 writes them anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(FUSESWEEP_GOLDEN_FOLDER) / "optimize" / name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << text;
  const Result<std::string> golden = read_file(file, 1U << 22U);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_EQ(text, *golden) << name;
}

std::string markdown_of(const OptimizeRows& rows) {
  return markdown_page(optimize_document(rows, ".md", kCreatedMs));
}

// What a page says, without its style and script.
std::string html_of(const OptimizeRows& rows, std::span<const PagePicture> pictures = {}) {
  const std::string html = html_page(optimize_document(rows, ".html", kCreatedMs), pictures);
  const std::size_t begin = html.find("<body>");
  return html.substr(begin, html.find("<script>") - begin);
}

TEST(OptimizeReportFormats, OfFixedRowsAreTheSameEverywhere) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const OptimizeRows rows = kind.make();
    const std::string name = kind.name;
    expect_golden(name + ".md", markdown_of(rows));
    expect_golden(name + ".gp", segments_plot(rows.report).script);
  }
  expect_golden("proven.html", html_of(proven_optimize()));
  expect_golden("proven.csv", to_csv(segments_csv(proven_optimize().report)));
  expect_golden("recorded.json", optimize_json(recorded_optimize()).dump(1) + "\n");
}

TEST(OptimizeWords, BeginWithTheAnswer) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const OptimizeRows rows = kind.make();
    EXPECT_EQ(headline(rows.report), kind.headline);
    EXPECT_EQ(optimize_json(rows)["headline"], kind.headline);
    EXPECT_THAT(html_of(rows),
                HasSubstr(std::string("<h1 class=\"answer\"><bdi>") + kind.headline));
  }
  OptimizeReport report = proven_optimize().report;
  report.end = SearchEnd::kInterrupted;
  EXPECT_EQ(headline(report), "No answer yet: the search was interrupted, 16+16 leads");
  EXPECT_EQ(headline(OptimizeReport{}), "No answer: nothing was measured");
}

TEST(OptimizeWords, SayWhatTheBoundIsConditionalOn) {
  const std::vector<std::string> proven = lead(proven_optimize().report);
  EXPECT_THAT(
      proven,
      ElementsAre(
          "Measured whole beside the control, 16+16 is the fastest of those verified.",
          "By the sum of its shards and boundaries the layers of 16+16 take 16.840 ms a token "
          "(16.790 to 16.890 at 95 %), every shard of it measured.",
          "At 95 % no split of the segments that may be used is faster than it by more than 0.80 % "
          "of its time a token. The search ended when the 1.00 % that were asked for had been "
          "shown of the best measured split.",
          AllOf(HasSubstr("conditional on the form that was fitted"),
                HasSubstr("a residual of its own, of 1.20 % of an average layer's time."),
                HasSubstr("segments were never built, and may fail a gate"))));
  OptimizeReport report = proven_optimize().report;
  report.best[0].bound_rel.reset();
  report.end = SearchEnd::kTimeSpent;
  EXPECT_THAT(lead(report).back(), HasSubstr("No bound follows: It ended with its time spent"));
  std::erase_if(report.segments, [](const SegmentFinding& finding) {
    return finding.standing == SegmentStanding::kPredicted;
  });
  report.best[0].bound_rel = 0.01;
  EXPECT_THAT(lead(report).back(), Not(HasSubstr("never built")));
}

TEST(OptimizeWords, EverySearchEndHasASentence) {
  OptimizeReport report = proven_optimize().report;
  using enum SearchEnd;
  for (const SearchEnd end :
       {kProven, kBuildsSpent, kTimeSpent, kNothingLeft, kNoPath, kInterrupted, kNotMeasured}) {
    report.end = end;
    EXPECT_GT(lead(report).at(2).size(), lead(report).at(2).find(". ") + 10) << to_text(end);
  }
}

TEST(OptimizeDocument, LeadsToTheSweepThatVerifiedIt) {
  const std::string id = to_text(sample_sweep_rows().id);
  EXPECT_THAT(html_of(proven_optimize()), HasSubstr("<a href=\"" + id + ".html\">"));
  EXPECT_THAT(markdown_of(proven_optimize()), HasSubstr("](" + id + ".md)"));
  OptimizeRows rows = proven_optimize();
  rows.verification.reset();
  EXPECT_THAT(markdown_of(rows),
              AllOf(HasSubstr("is not in this store"), Not(HasSubstr("](" + id))));
}

TEST(OptimizeDocument, ARecordIsAdviceAndMarked) {
  const std::string text = markdown_of(recorded_optimize());
  EXPECT_THAT(text, AllOf(HasSubstr("recorded by others"), HasSubstr("What to build next: advice"),
                          HasSubstr("advice, not a finding: try 20+12"),
                          Not(HasSubstr("What it took")), Not(HasSubstr("Measured whole"))));
}

TEST(OptimizeDocument, AnyNumberStaysShort) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(ms_text(most), "1.79769e+308");
  EXPECT_EQ(ms_text(12.3456), "12.346");
  EXPECT_EQ(rel_text(most / 1000), "1.8e+307 %");
  EXPECT_EQ(signed_rel_text(-0.0123), "-1.23 %");
  OptimizeRows rows = proven_optimize();
  rows.report.best[0].bound_rel = rows.report.best[0].high_ms = most;
  rows.report.segments[0].ms = most;
  rows.report.segments[9].ms = -most;
  rows.report.effort.seconds = most;
  rows.report.form->boundary_ms = most;
  for (const std::string& text : {markdown_of(rows), to_csv(segments_csv(rows.report))}) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \n,|", at), text.size());
      longest = std::max(longest, end - at);
      at = end + 1;
    }
    EXPECT_LT(longest, 120U);
  }
}

TEST(OptimizeWords, TellTimesInUnitsOfTheirSize) {
  const struct {
    double seconds;
    const char* want;
  } rows[] = {
      {0, "0 s"},           {88.25, "88.2 s"},     {600, "10 min"},           {10'800, "3 h"},
      {864'000, "10 days"}, {2.1e10, "665 years"}, {1e300, "3.17e+292 years"}};
  for (const auto& row : rows) EXPECT_EQ(duration_text(row.seconds), row.want);
}

TEST(SegmentsCsv, HasARowASegment) {
  const OptimizeReport report = proven_optimize().report;
  const CsvTable table = segments_csv(report);
  ASSERT_EQ(table.rows.size(), report.segments.size());
  ASSERT_EQ(table.columns[8], "in_best");
  int in_best = 0;
  for (const auto& row : table.rows) in_best += row[8] == CsvCell(std::int64_t{1}) ? 1 : 0;
  EXPECT_EQ(in_best, 2);  // of 16+16
}

TEST(SegmentCost, IsAgainstTheBestSplitsOwn) {
  OptimizeReport report{.n_layers = 4,
                        .best = {{.split = "2+2", .ms = 8, .low_ms = 8, .high_ms = 8}},
                        .form = CostForm{.boundary_ms = 0.5}};
  EXPECT_DOUBLE_EQ(*relative_cost(report, {.segment = {0, 2}, .ms = 3.5}), 0);
  EXPECT_DOUBLE_EQ(*relative_cost(report, {.segment = {0, 1}, .ms = 2.5}), 0.5);
  EXPECT_EQ(relative_cost(report, {.segment = {0, 1}}), std::nullopt);
  report.best.clear();
  EXPECT_EQ(relative_cost(report, {.segment = {0, 1}, .ms = 2.5}), std::nullopt);
}

std::string drawn(const OptimizeReport& report, PlotFormat format) {
  const Result<std::string> picture = draw(segments_plot(report), format);
  EXPECT_TRUE(picture) << picture.error().message;
  return picture.value_or("");
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

TEST(SegmentsPlot, IsDrawnOfAnySearch) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const OptimizeReport report = kind.make().report;
    const std::string svg = drawn(report, PlotFormat::kSvg);
    const Result<std::string> fragment =
        svg_fragment(svg, {.prefix = "p-", .title = "t", .description = "d"});
    EXPECT_TRUE(fragment) << fragment.error().message;
    EXPECT_THAT(drawn(report, PlotFormat::kText), HasSubstr(report.model));
  }
  EXPECT_THAT(drawn(OptimizeReport{}, PlotFormat::kSvg), HasSubstr("No segment was looked at."));
}

TEST(SegmentsPlot, ShowsEverySegment) {
  const OptimizeReport report = proven_optimize().report;
  const SegmentCounts counts = count_segments(report);
  ASSERT_GT(counts.measured, 40U);
  ASSERT_GT(counts.predicted, 300U);
  const std::string svg = drawn(report, PlotFormat::kSvg);
  // One coloured polygon each; the colour box has less than 300 of them.
  EXPECT_GT(count(svg, "<polygon fill = 'rgb("), counts.measured + counts.predicted);
  // Excluded ones: a stretch for each first layer from which there are any, and the key.
  EXPECT_EQ(count(svg, "<polygon  fill = 'url(#segments_gpPat"), 11U + 1);
  EXPECT_THAT(svg, AllOf(HasSubstr("predicted, never built"), HasSubstr("16+16 is the fastest"),
                         Not(HasSubstr("style="))));
}

TEST(SegmentsPlot, StandsInAPage) {
  const Plot plot = segments_plot(proven_optimize().report);
  const PagePicture picture{.name = plot.name,
                            .title = plot.title,
                            .about = plot.about,
                            .svg = drawn(proven_optimize().report, PlotFormat::kSvg),
                            .error = {}};
  EXPECT_THAT(html_of(proven_optimize(), std::span(&picture, 1)),
              AllOf(HasSubstr("<figure id=\"plot-segments\">"), Not(HasSubstr("Not drawn"))));
}

TEST(SegmentsPlot, HoldsADeepModel) {
  const OptimizeReport report = deep_optimize().report;
  ASSERT_EQ(report.segments.size(), 8001U);
  const Plot plot = segments_plot(report);
  EXPECT_LE(plot.size.height, 1000);
  EXPECT_LT(drawn(report, PlotFormat::kSvg).size(), 2'000'000U);
}

TEST(SegmentsPlot, SaysWhatIsRecordedAndEmulated) {
  EXPECT_THAT(segments_plot(recorded_optimize().report).script, HasSubstr("RECORDED"));
  EXPECT_THAT(segments_plot(proven_optimize().report).script,
              HasSubstr("EMULATED, no property of the device: residency_limit_bytes"));
}

TEST(SegmentsPlot, NumbersOfAnySizeAreDrawn) {
  OptimizeReport report = proven_optimize().report;
  report.segments[0].ms = std::numeric_limits<double>::max();
  report.segments[9].ms = -std::numeric_limits<double>::max();
  report.best[0].ms = std::numeric_limits<double>::min();
  drawn(report, PlotFormat::kSvg);
  report.best[0].ms = 0;
  drawn(report, PlotFormat::kSvg);
  report.chosen = "no split at all";
  drawn(report, PlotFormat::kSvg);
}

const struct Hostile {
  const char* name;
  std::string text;
} kHostile[] = {
    {"script", "<script>alert(1)</script>"},
    {"entity", "&lt;script&gt; &#x3c; &undefined;"},
    {"lines", "one\ntwo\r\n| three | four |\n# five"},
    {"markdown", "[link](javascript:alert(1)) ![i](http://example.com/x.png) **x** https://e.com"},
    {"right to left", "\u202Egnp.exe\u202C \u05E9\u05DC\u05D5\u05DD"},
    {"control", std::string("a\0b\x07\x1b[31m\x7f", 9)},
    {"not UTF-8", "a\xff\xc0\xaf z"},
    {"long", std::string(10'000, 'x')},
    {"gnuplot", "'; system('touch pwned'); '`touch pwned`"},
    {"a datablock's end", "EOD\nsystem 'touch pwned'\n$d << EOD"},
};

TEST(HostileOptimize, DoesNoHarm) {
  const std::string markdown = markdown_of(optimize_named("x"));
  const std::string html = html_of(optimize_named("x"));
  for (const Hostile& row : kHostile) {
    SCOPED_TRACE(row.name);
    const OptimizeRows rows = optimize_named(row.text);
    const std::string text = markdown_of(rows);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              std::count(markdown.begin(), markdown.end(), '\n'));
    for (const char* forbidden : {"\u202E", "https://", "\x1b", "\xFF"})
      EXPECT_THAT(text, Not(HasSubstr(forbidden)));
    for (std::size_t at = text.find("](javascript"); at != std::string::npos;
         at = text.find("](javascript", at + 1))
      EXPECT_EQ(text[at - 1], '\\');
    const std::string body = html_of(rows);
    EXPECT_EQ(std::count(body.begin(), body.end(), '<'), std::count(html.begin(), html.end(), '<'));
    EXPECT_EQ(to_text(optimize_json(rows)).find('\n'), std::string::npos);
    drawn(rows.report, PlotFormat::kSvg);
    drawn(rows.report, PlotFormat::kText);
    EXPECT_FALSE(std::filesystem::exists("pwned"));
  }
}

class StoredOptimize : public testing::Test {
 protected:
  Uuid put(const char* kind, const std::optional<Json>& answer) {
    const Uuid id = *store_.begin_sweep(
        run_, {.spec_hash = std::to_string(++begun_), .spec = {{"kind", kind}}});
    if (answer) {
      EXPECT_TRUE(store_.end_sweep(id, "done", *answer));
    }
    return id;
  }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
  int begun_ = 0;
};

TEST_F(StoredOptimize, IsFoundById) {
  const OptimizeReport report = tied_optimize().report;
  const Uuid id = put("optimize", to_json(report));
  const Uuid rerun = put("rerun", Json::object());
  const auto found = find_optimize(store_, to_text(id));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->id, id);
  EXPECT_EQ((*found)->report, report);
  EXPECT_EQ((*found)->run.id, run_);
  EXPECT_FALSE((*found)->verification);  // its sweep is not here
  EXPECT_EQ(find_optimize(store_, to_text(rerun))->has_value(), false);
  EXPECT_EQ(find_optimize(store_, "")->has_value(), false);
}

TEST_F(StoredOptimize, TheNewestThatHasEndedIsShown) {
  EXPECT_EQ(read_optimize(store_).error().message,
            "found no optimize that has ended: fusesweep optimize makes one");
  put("optimize", to_json(proven_optimize().report));
  put("optimize", to_json(tied_optimize().report));
  const Uuid open = put("optimize", std::nullopt);
  put("selfcheck", Json::object());
  EXPECT_EQ(read_optimize(store_)->report, tied_optimize().report);
  EXPECT_THAT(read_optimize(store_, to_text(open)).error().message,
              HasSubstr("found no answer, want one that has ended"));
}

TEST_F(StoredOptimize, WhatIsNoneIsSaid) {
  const Uuid rerun = put("rerun", Json::object());
  const Uuid broken = put("optimize", Json{{"model", 5}});
  EXPECT_THAT(read_optimize(store_, to_text(rerun)).error().message,
              HasSubstr("found one of kind 'rerun', want an optimize"));
  EXPECT_THAT(read_optimize(store_, "ffff").error().message, HasSubstr("found none or several"));
  EXPECT_THAT(read_optimize(store_, to_text(broken)).error().message, HasSubstr("optimize.model"));
  EXPECT_THAT(find_optimize(store_, to_text(broken)).error().message, HasSubstr("optimize.model"));
}

TEST_F(StoredOptimize, AVerificationThatIsNoSweepIsNone) {
  OptimizeReport report = proven_optimize().report;
  for (const std::string& sweep : {to_text(put("rerun", Json::object())), std::string("x")}) {
    report.sweep = sweep;
    const Uuid id = put("optimize", to_json(report));
    EXPECT_FALSE(read_optimize(store_, to_text(id))->verification) << sweep;
  }
}

}  // namespace
}  // namespace fusesweep
