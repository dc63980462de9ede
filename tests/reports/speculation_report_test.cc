// What speculative decoding says in every format: byte for byte, and whatever a store holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "harness/base/file.h"
#include "reports/csv.h"
#include "reports/html_page.h"
#include "reports/markdown_page.h"
#include "reports/speculation_csv.h"
#include "reports/speculation_document.h"
#include "reports/speculation_plot.h"
#include "reports/speculation_words.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kCreatedMs = 1'700'000'200'000;

SpeculationReport measured() {
  SpeculationReport report{.split = "16+8+6+2",
                           .workload = "tiled",
                           .loading = "beside",
                           .model = "phi",
                           .runner = "cpu",
                           .emulated = {"residency"},
                           .prompt_tokens = 32,
                           .decode_tokens = 64,
                           .blocks = 8,
                           .greedy_ttft_ms = 640,
                           .greedy_ms_per_token = 20};
  report.arms.push_back(
      {.tokens = 2,
       .process_bytes = 80'000'000,
       .exactness = {.gate = "exactness", .outcome = GateOutcome::kPass, .reason = "all equal"},
       .counts = {.passes = 60, .targets = 100, .proposed = 58, .accepted = 40},
       .simulated_passes = 38,
       .by_ngram = {{2, 8, 4}, {4, 50, 36}},
       .draft_rel = 0.0005,
       .ms_per_token = 16,
       .speed_up = SpeedUp{1.25, 1.2, 1.3, "faster"}});
  report.arms.push_back(
      {.tokens = 4,
       .process_bytes = 80'000'000,
       .guard = 0.125,
       .exactness = {.gate = "exactness", .outcome = GateOutcome::kPass, .reason = "all equal"},
       .counts = {.passes = 40, .targets = 100, .proposed = 80, .accepted = 60},
       .simulated_passes = 25,
       .guard_calls = 3,
       .fallbacks = 1,
       .by_ngram = {{3, 80, 60}},
       .draft_rel = 0.001,
       .ttft_ms = 240.25,
       .ms_per_token = 13.3,
       .speed_up = SpeedUp{1.5, 1.4, 1.6, "faster"}});
  report.arms.push_back({.tokens = 8,
                         .exactness = {.gate = "exactness",
                                       .outcome = GateOutcome::kFail,
                                       .reason = "tiled-0: id 7 of 65 is 12, want 9"}});
  return report;
}

SpeculationRows rows_of(SpeculationReport report) {
  SpeculationRows rows{.started_unix_ms = 1'700'000'000'000,
                       .ended_unix_ms = 1'700'000'100'000,
                       .run = {},
                       .report = std::move(report)};
  rows.id.data[15] = 7;
  rows.run.start = {.command = "speculate",
                    .arguments = {"speculate", "--verifier-tokens", "2,4,8"},
                    .provenance = {.program_version = "0.1.0", .compiler = "gcc"}};
  return rows;
}

// FUSESWEEP_WRITE_GOLDEN=1 writes them anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(FUSESWEEP_GOLDEN_FOLDER) / "speculation" / name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << text;
  const Result<std::string> golden = read_file(file, 1U << 22U);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_EQ(text, *golden) << name;
}

std::string markdown_of(SpeculationReport report) {
  return markdown_page(speculation_document(rows_of(std::move(report)), kCreatedMs));
}

TEST(SpeculationReportFormats, OfFixedRowsAreTheSameEverywhere) {
  expect_golden("measured.md", markdown_of(measured()));
  expect_golden("measured.csv", to_csv(speculation_csv(measured())));
  expect_golden("measured.json", speculation_json(rows_of(measured())).dump(1) + "\n");
  expect_golden("measured.gp", speculation_plot(measured()).script);
}

TEST(SpeculationWords, SayHowSureItIsAndWhatThePromptWas) {
  EXPECT_EQ(headline(measured()),
            "tiled prompt: T=4 is 1.50 times as fast as greedy decoding (faster)");
  SpeculationReport close = measured();
  close.arms[1].speed_up = SpeedUp{1.01, 0.98, 1.03, "inconclusive"};
  close.arms.erase(close.arms.begin());
  EXPECT_EQ(headline(close),
            "tiled prompt: T=4 cannot be told from greedy decoding (inconclusive)");
  EXPECT_THAT(lead(measured()),
              ElementsAre("Its speed-up lies between 1.40 and 1.60 (99.9 %, simultaneous), over 8 "
                          "blocks with fresh processes.",
                          "Not exact, and so not measured: T=8.",
                          HasSubstr("where the model goes on with it drafts are right")));
  SpeculationReport oracle = measured();
  oracle.workload = "oracle";
  oracle.arms.pop_back();
  EXPECT_THAT(lead(oracle), ElementsAre(HasSubstr("between"), HasSubstr("ids of every verifier"),
                                        HasSubstr("no statement about texts")));
  SpeculationReport dirty = measured();
  dirty.dirt = {"the twin differs"};
  EXPECT_THAT(lead(dirty).front(), Not(HasSubstr("between")));
}

TEST(SpeculationDocument, ADirtyTrialHasNoKeyFigureAndSaysWhy) {
  SpeculationReport dirty = measured();
  dirty.dirt = {"the twin differs"};
  const Document document = speculation_document(rows_of(dirty), kCreatedMs);
  EXPECT_EQ(document.tone, Tone::kUnsure);
  EXPECT_TRUE(document.figures.empty());
  EXPECT_THAT(markdown_of(dirty), HasSubstr("Dirty: the twin differs."));
}

TEST(SpeculationDocument, WithoutAnExactVerifierNothingIsClaimed) {
  SpeculationReport none = measured();
  none.arms = {none.arms.back()};
  const std::string page = markdown_of(none);
  EXPECT_THAT(page, HasSubstr("No verifier was exact and measured"));
  EXPECT_THAT(page, HasSubstr("No draft was proposed."));
  EXPECT_THAT(page, Not(HasSubstr("What was measured is clean")));
}

TEST(SpeculationDocument, HostileTextsAndNumbersStayInTheirPlace) {
  SpeculationReport hostile = measured();
  hostile.model = "<script>alert(1)</script>\n# x";
  hostile.workload = std::string(5000, 'w');
  hostile.arms[0].speed_up =
      SpeedUp{std::numeric_limits<double>::max(), 0, std::numeric_limits<double>::max(), "<b>"};
  hostile.arms[0].draft_rel = std::numeric_limits<double>::max();
  hostile.arms[0].counts.passes = std::numeric_limits<std::size_t>::max();
  hostile.arms[0].guard = 1e300;
  const std::string page = html_page(speculation_document(rows_of(hostile), kCreatedMs), {});
  const std::string body =
      page.substr(page.find("<body>"), page.find("<script>") - page.find("<body>"));
  EXPECT_THAT(body, Not(HasSubstr("<script>alert")));
  EXPECT_LT(body.size(), 30'000U);
}

}  // namespace
}  // namespace fusesweep
