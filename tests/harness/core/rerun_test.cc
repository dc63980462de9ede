// A rerun's report: what it comes to as a whole, and that it comes back from a store.
#include "harness/core/rerun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using enum FindingOutcome;

RerunReport a_report() {
  return {.baseline = "release-1",
          .baseline_id = "01a2002d-0000-7000-8000-000000000000",
          .set_unix_ms = 1'700'000'000'123,
          .sweep = "01a2002e-0000-7000-8000-000000000000",
          .model = "nano",
          .runner = "cpu",
          .form = RerunForm::kWeak,
          .form_reason = "the old program does not start",
          .is_cross_host = true,
          .is_strong_required = true,
          .findings = {{.split = "16+8+6+2",
                        .metric = "ms_per_token",
                        .outcome = kRegression,
                        .before = 12.1,
                        .now = 12.862,
                        .change_rel = 0.063,
                        .low_rel = 0.04,
                        .high_rel = 0.086,
                        .smallest_detectable_rel = 0.012},
                       {.split = "16+8+6+2",
                        .metric = "residency",
                        .part = "[0,16)",
                        .outcome = kSame,
                        .text = "3 conv moved from vector to ref"}},
          .changes = {{.what = "compiler", .before = "gcc 12", .now = "gcc 13"},
                      {.what = "program", .before = "", .now = "5f"}},
          .cause = "likely cause: compiler",
          .dirt = {"the twin differs", "steal"},
          .blocks = 12,
          .wanted_blocks = 20,
          .margin_rel = 0.005,
          .rule_out_rel = 0.02,
          .is_interrupted = true};
}

Result<RerunReport> through_text(const RerunReport& report) {
  const Result<Json> json = parse_json(to_text(to_json(report)), "x");
  if (!json) return fail(json.error());
  return read_rerun_report(*json);
}

TEST(RerunReport, ComesBackFromJson) {
  for (const RerunReport& report : {a_report(), RerunReport{.baseline = "b"}}) {
    const Result<RerunReport> read = through_text(report);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, report);
  }
}

TEST(RerunReport, EveryFormAndOutcomeComesBack) {
  RerunReport report = a_report();
  for (const RerunForm form : {RerunForm::kStrong, RerunForm::kWeak, RerunForm::kNotMeasured}) {
    report.form = form;
    EXPECT_EQ(through_text(report).value().form, form);
  }
  for (const FindingOutcome outcome :
       {kRegression, kImproved, kSame, kInconclusive, kDirty, kToldOnly}) {
    report.findings[0].outcome = outcome;
    EXPECT_EQ(through_text(report).value().findings.at(0).outcome, outcome);
  }
}

TEST(RerunReport, AFigureThatIsNotFiniteIsAbsent) {
  RerunReport report = a_report();
  report.findings[0].before = std::numeric_limits<double>::quiet_NaN();
  report.findings[0].change_rel = std::numeric_limits<double>::infinity();
  report.findings[0].high_rel = std::numeric_limits<double>::infinity();
  const RerunFinding read = through_text(report).value().findings.at(0);
  EXPECT_EQ(read.before, std::nullopt);
  EXPECT_EQ(read.change_rel, std::nullopt);
  EXPECT_EQ(read.high_rel, std::nullopt);
  EXPECT_EQ(read.now, 12.862);
}

TEST(RerunReport, HostileTextsComeBackAsTheyAre) {
  const std::string evil = "\x1b[2J\n\"</script>\u202E'";
  RerunReport report = a_report();
  report.baseline = report.model = report.runner = report.form_reason = report.cause = evil;
  report.findings[0].split = report.findings[0].metric = report.findings[0].part = evil;
  report.findings[0].text = report.changes[0].what = report.changes[0].now = evil;
  report.dirt = {evil};
  const Result<RerunReport> read = through_text(report);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, report);
}

TEST(RerunReport, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* change;  // RFC 7396
    const char* error;
  } rows[] = {
      {R"({"baseline": null})", "rerun.baseline: found nothing"},
      {R"({"baseline": ""})", "rerun.baseline: found nothing, want a name"},
      {R"({"form": "mighty\nx"})", "rerun.form: found 'mighty\\nx'"},
      {R"({"form_reason": 5})", "rerun.form_reason"},
      {R"({"set_unix_ms": -1})", "rerun.set_unix_ms"},
      {R"({"set_unix_ms": 1.5})", "rerun.set_unix_ms"},
      {R"({"cross_host": 0})", "rerun.cross_host"},
      {R"({"strong_required": null})", "rerun.strong_required"},
      {R"({"findings": {}})", "rerun.findings"},
      {R"({"findings": [{}]})", "rerun.findings[0].metric"},
      {R"({"findings": [{"metric": ""}]})", "rerun.findings[0].metric: found nothing"},
      {R"({"findings": [{"metric": "a", "outcome": "perhaps"}]})", "found 'perhaps'"},
      {R"({"findings": [{"metric": "a", "outcome": "same", "before": "1"}]})", "[0].before"},
      {R"({"findings": [{"metric": "a", "outcome": "same", "low_rel": 2, "high_rel": 1}]})",
       "rerun.findings[0].low_rel: found 2, want at most high_rel, 1"},
      {R"({"findings": [{"metric": "a", "outcome": "same", "smallest_detectable_rel": -1}]})",
       "smallest_detectable_rel"},
      {R"({"findings": [{"metric": "a", "outcome": "same", "befor": 1}]})",
       "unknown field 'befor'"},
      {R"({"changes": [{"before": "a"}]})", "rerun.changes[0].what"},
      {R"({"changes": [{"what": "a", "then": "b"}]})", "unknown field 'then'"},
      {R"({"dirt": "x"})", "rerun.dirt"},
      {R"({"dirt": [5]})", "rerun.dirt[0]"},
      {R"({"blocks": -1})", "rerun.blocks"},
      {R"({"wanted_blocks": 99999999999})", "rerun.wanted_blocks"},
      {R"({"margin_rel": -0.1})", "rerun.margin_rel"},
      {R"({"rule_out_rel": null})", "rerun.rule_out_rel"},
      {R"({"interrupted": "no"})", "rerun.interrupted"},
      {R"({"outcome": "same"})", "unknown field 'outcome'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.change);
    Json json = to_json(a_report());
    json.merge_patch(Json::parse(row.change));
    const Result<RerunReport> read = read_rerun_report(json);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr(row.error));
  }
  for (const char* text : {"null", "5", "[]", "\"x\"", "{}"})
    EXPECT_FALSE(read_rerun_report(Json::parse(text))) << text;
}

struct Whole {
  const char* name;
  std::vector<FindingOutcome> findings;
  RerunForm form = RerunForm::kStrong;
  bool is_strong_required = false;
  bool is_dirty = false;
  bool is_interrupted = false;
  FindingOutcome want = kSame;
};

TEST(RerunOutcome, OfTheWhole) {
  using enum RerunForm;
  const Whole rows[] = {
      {"all the same", {kSame, kSame}},
      {"better is the same", {kImproved}},
      {"told only changes nothing", {kSame, kToldOnly}},
      {"one worse", {kSame, kRegression, kImproved}, kStrong, false, false, false, kRegression},
      {"worse beside the unclear",
       {kInconclusive, kRegression},
       kStrong,
       false,
       false,
       false,
       kRegression},
      {"worse in a dirty trial", {kDirty, kRegression}, kStrong, false, true, false, kRegression},
      {"worse before anything was timed",
       {kRegression},
       kNotMeasured,
       true,
       false,
       false,
       kRegression},
      {"one unclear", {kSame, kInconclusive}, kStrong, false, false, false, kInconclusive},
      {"one dirty", {kSame, kDirty}, kStrong, false, false, false, kInconclusive},
      {"dirt alone", {kSame}, kStrong, false, true, false, kInconclusive},
      {"interrupted", {kSame}, kStrong, false, false, true, kInconclusive},
      {"weak", {kSame}, kWeak},
      {"weak where strong is wanted", {kSame}, kWeak, true, false, false, kInconclusive},
      {"strong where strong is wanted", {kSame}, kStrong, true},
      {"no speed compared", {kSame}, kNotMeasured, false, false, false, kInconclusive},
      {"nothing found", {}, kStrong, false, false, false, kInconclusive},
      {"nothing judged", {kToldOnly}, kStrong, false, false, false, kInconclusive},
  };
  for (const Whole& row : rows) {
    SCOPED_TRACE(row.name);
    RerunReport report{.baseline = "b",
                       .form = row.form,
                       .is_strong_required = row.is_strong_required,
                       .is_interrupted = row.is_interrupted};
    for (const FindingOutcome outcome : row.findings)
      report.findings.push_back({.metric = "ms_per_token", .outcome = outcome});
    if (row.is_dirty) report.dirt = {"steal"};
    EXPECT_EQ(to_text(outcome_of(report)), to_text(row.want));
  }
}

}  // namespace
}  // namespace fusesweep
