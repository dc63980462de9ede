// What a search for the fastest split came to: that it comes back from a store, and nothing else does.
#include "harness/core/optimize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::HasSubstr;

OptimizeReport a_report() {
  return {
      .model = "nano",
      .runner = "cpu",
      .n_layers = 4,
      .is_recorded = true,
      .emulated = {"residency limit"},
      .confidence = 0.95,
      .regret_rel = 0.01,
      .end = SearchEnd::kProven,
      .bound_rel = 0.004,
      .best = {{.split = "2+2",
                .ms = 8.2,
                .low_ms = 8.1,
                .high_ms = 8.3,
                .is_measured = true,
                .bound_rel = 0.004},
               {.split = "1+3", .ms = 8.4, .low_ms = 8, .high_ms = 8.8}},
      .segments =
          {{.segment = {0, 2}, .standing = SegmentStanding::kMeasured, .ms = 4.1, .sd_ms = 0.02},
           {.segment = {0, 4}, .standing = SegmentStanding::kExcluded, .reason = "not resident"},
           {.segment = {1, 4}, .ms = 6.2, .sd_ms = 0.3}},
      .form = CostForm{.boundary_ms = 0.1,
                       .boundary_sd_ms = 0.01,
                       .length_ms = {2.1, 4},
                       .length_sd_ms = {0.1, 0.2},
                       .places = {{.what = "layer 3", .ms = -0.4, .sd_ms = 0.1}},
                       .residual_rel = 0.02},
      .additivity = Additivity{.splits = 3,
                               .mean_rel = -0.001,
                               .largest_rel = -0.004,
                               .worst = "2+2",
                               .sd_rel = 0.002},
      .effort = {.builds = 7,
                 .failed_builds = 1,
                 .trials = 2,
                 .seconds = 33.5,
                 .segments = 9,
                 .splits = "2147483648",
                 .builds_by_hand = 12,
                 .exhaustive_s = 1e9},
      .chosen = "2+2",
      .ties = {"2+2", "1+3"},
      .front_fused = "2+1+1",
      .sweep = "01a2002e-0000-7000-8000-000000000000",
      .notes = {"a note"},
      .advice = {"try 4"}};
}

Result<OptimizeReport> through_text(const OptimizeReport& report) {
  const Result<Json> json = parse_json(to_text(to_json(report)), "x");
  if (!json) return fail(json.error());
  return read_optimize_report(*json);
}

TEST(OptimizeReport, ComesBackFromJson) {
  for (const OptimizeReport& report : {a_report(), OptimizeReport{}}) {
    const Result<OptimizeReport> read = through_text(report);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, report);
  }
}

TEST(OptimizeReport, EveryWordComesBack) {
  OptimizeReport report = a_report();
  using enum SearchEnd;
  for (const SearchEnd end :
       {kProven, kBuildsSpent, kTimeSpent, kNothingLeft, kNoPath, kInterrupted, kNotMeasured}) {
    report.end = end;
    EXPECT_EQ(through_text(report).value().end, end) << to_text(end);
  }
  using enum SegmentStanding;
  for (const SegmentStanding standing : {kMeasured, kPredicted, kExcluded}) {
    report.segments[1].standing = standing;
    EXPECT_EQ(through_text(report).value().segments.at(1).standing, standing) << to_text(standing);
  }
}

TEST(OptimizeReport, WhatMayBeAbsentComesBackAbsent) {
  for (const char* key : {"bound_rel", "form", "additivity", "chosen", "front_fused", "sweep"}) {
    SCOPED_TRACE(key);
    Json json = to_json(a_report());
    json.erase(key);
    const Result<OptimizeReport> without = read_optimize_report(json);
    ASSERT_TRUE(without) << without.error().message;
    EXPECT_NE(*without, a_report());
    json[key] = nullptr;
    EXPECT_TRUE(read_optimize_report(json) == without);
  }
}

TEST(OptimizeReport, WhatMustBeThereIsMissed) {
  for (const char* key :
       {"model", "runner", "n_layers", "recorded", "emulated", "confidence", "regret_rel", "end",
        "best", "segments", "effort", "ties", "notes", "advice"}) {
    SCOPED_TRACE(key);
    Json json = to_json(a_report());
    json.erase(key);
    const Result<OptimizeReport> read = read_optimize_report(json);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message,
              "optimize." + std::string(key) + ": found nothing, want a value");
  }
  const struct {
    const char* of;
    std::vector<const char*> keys;
  } rows[] = {
      {"/best/0", {"split", "ms", "low_ms", "high_ms", "measured"}},
      {"/segments/0", {"begin", "end", "standing"}},
      {"/form",
       {"boundary_ms", "boundary_sd_ms", "length_ms", "length_sd_ms", "places", "residual_rel"}},
      {"/form/places/0", {"what", "ms", "sd_ms"}},
      {"/additivity", {"splits", "mean_rel", "largest_rel"}},
      {"/effort",
       {"builds", "failed_builds", "trials", "seconds", "segments", "builds_by_hand",
        "exhaustive_s"}}};
  for (const auto& row : rows) {
    for (const char* key : row.keys) {
      SCOPED_TRACE(std::string(row.of) + "/" + key);
      Json json = to_json(a_report());
      json[Json::json_pointer(row.of)].erase(key);
      const Result<OptimizeReport> read = read_optimize_report(json);
      ASSERT_FALSE(read);
      EXPECT_THAT(read.error().message, HasSubstr(std::string(key) + ": found nothing"));
    }
  }
}

TEST(OptimizeReport, AFigureThatIsNotFiniteIsAbsent) {
  OptimizeReport report = a_report();
  report.bound_rel = std::numeric_limits<double>::infinity();
  report.segments[0].ms = std::numeric_limits<double>::quiet_NaN();
  report.additivity->sd_rel = -std::numeric_limits<double>::infinity();
  const OptimizeReport read = through_text(report).value();
  EXPECT_EQ(read.bound_rel, std::nullopt);
  EXPECT_EQ(read.segments[0].ms, std::nullopt);
  EXPECT_EQ(read.additivity->sd_rel, std::nullopt);
  EXPECT_EQ(read.segments[0].sd_ms, 0.02);
}

TEST(OptimizeReport, HostileTextsComeBackAsTheyAre) {
  const std::string evil = "\x1b[2J\n\"</script>\u202E'";
  OptimizeReport report = a_report();
  report.model = report.runner = report.best[0].split = report.segments[1].reason = evil;
  report.form->places[0].what = report.additivity->worst = report.front_fused = report.sweep = evil;
  report.chosen = evil;
  report.emulated = report.ties = report.notes = report.advice = {evil, ""};
  const Result<OptimizeReport> read = through_text(report);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, report);
}

TEST(OptimizeReport, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* change;  // RFC 7396; arrays are replaced as a whole
    const char* error;
  } rows[] = {
      {R"({"model": 5})", "optimize.model: found 5"},
      {R"({"runner": []})", "optimize.runner"},
      {R"({"n_layers": -1})", "optimize.n_layers: found -1"},
      {R"({"n_layers": 513})", "optimize.n_layers"},
      {R"({"recorded": 0})", "optimize.recorded"},
      {R"({"emulated": [7]})", "optimize.emulated[0]"},
      {R"({"confidence": 1.5})", "optimize.confidence"},
      {R"({"regret_rel": -0.1})", "optimize.regret_rel"},
      {R"({"end": "mighty\nx"})", "optimize.end: found 'mighty\\nx', want a word such as proven"},
      {R"({"bound_rel": -1})", "optimize.bound_rel"},
      {R"({"best": {}})", "optimize.best"},
      {R"({"best": [{"split": ""}]})", "optimize.best[0].split: found nothing, want a name"},
      {R"({"best": [{"split": "4", "ms": "1"}]})", "optimize.best[0].ms"},
      {R"({"best": [{"split": "4", "ms": 1, "low_ms": 2, "high_ms": 1, "measured": true}]})",
       "optimize.best[0].low_ms: found 2, want at most high_ms, 1"},
      {R"({"best": [{"splits": "4"}]})", "unknown field 'splits'"},
      {R"({"segments": [{"begin": -1, "end": 2, "standing": "measured"}]})",
       "optimize.segments[0].begin: found -1"},
      {R"({"segments": [{"begin": 2, "end": 2, "standing": "measured"}]})",
       "optimize.segments[0].end: found 2, want an integer from 3 to 4"},
      {R"({"segments": [{"begin": 2, "end": 5, "standing": "measured"}]})", "segments[0].end"},
      {R"({"segments": [{"begin": 2, "end": 3, "standing": "perhaps"}]})",
       "optimize.segments[0].standing: found 'perhaps', want a word such as measured"},
      {R"({"segments": [{"begin": 2, "end": 3, "standing": "measured", "sd_ms": -1}]})",
       "optimize.segments[0].sd_ms"},
      {R"({"segments": [{"begin": 2, "end": 3, "standing": "measured"},
                        {"begin": 2, "end": 3, "standing": "measured"}]})",
       "optimize.segments[1]: found [2,3), want one behind [2,3)"},
      {R"({"segments": [{"begin": 0, "end": 1, "standing": "measured", "cost": 1}]})",
       "unknown field 'cost'"},
      {R"({"form": []})", "optimize.form"},
      {R"({"form": {"boundary_sd_ms": -1}})", "optimize.form.boundary_sd_ms"},
      {R"({"form": {"length_ms": [1]}})",
       "optimize.form.length_sd_ms: found 2 of them, want one for each of length_ms, 1"},
      {R"({"form": {"length_ms": [1, "x"]}})", "optimize.form.length_ms[1]"},
      {R"({"form": {"places": [{"what": ""}]}})", "optimize.form.places[0].what: found nothing"},
      {R"({"form": {"places": [{"what": "a", "ms": 1, "sd_ms": -1}]}})", "places[0].sd_ms"},
      {R"({"form": {"residual_rel": -1}})", "optimize.form.residual_rel"},
      {R"({"form": {"residuals": 1}})", "unknown field 'residuals'"},
      {R"({"additivity": {"splits": -1}})", "optimize.additivity.splits"},
      {R"({"additivity": {"sd_rel": -1}})", "optimize.additivity.sd_rel"},
      {R"({"additivity": {"best": "x"}})", "unknown field 'best'"},
      {R"({"effort": {"builds": 99999999999}})", "optimize.effort.builds"},
      {R"({"effort": {"seconds": -1}})", "optimize.effort.seconds"},
      {R"({"effort": {"splits": "many"}})",
       "optimize.effort.splits: found 'many', want decimal digits"},
      {R"({"effort": {"splits": 5}})", "optimize.effort.splits"},
      {R"({"effort": {"days": 5}})", "unknown field 'days'"},
      {R"({"chosen": ""})", "optimize.chosen: found nothing"},
      {R"({"ties": "x"})", "optimize.ties"},
      {R"({"front_fused": 5})", "optimize.front_fused"},
      {R"({"sweep": 5})", "optimize.sweep"},
      {R"({"notes": [5]})", "optimize.notes[0]"},
      {R"({"advice": {}})", "optimize.advice"},
      {R"({"verdict": "good"})", "unknown field 'verdict'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.change);
    Json json = to_json(a_report());
    json.merge_patch(Json::parse(row.change));
    const Result<OptimizeReport> read = read_optimize_report(json);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr(row.error));
  }
  for (const char* text : {"null", "5", "[]", "\"x\"", "{}"})
    EXPECT_FALSE(read_optimize_report(Json::parse(text))) << text;
}

}  // namespace
}  // namespace fusesweep
