// What is stored as JSON and read again: verdicts of gates, results of cliff searches, selfchecks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/core/cliff.h"
#include "harness/core/selfcheck.h"
#include "harness/core/verdict.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

template <typename Read>
std::string error_of(const Json& json, Read read) {
  JsonReader reader(json, "x");
  read(reader.root());
  return reader.error() ? reader.error()->message : "";
}

GateVerdict a_verdict(GateOutcome outcome) {
  return {.gate = "golden",
          .outcome = outcome,
          .reason = "a reason",
          .figures = {{.name = "cosine", .value = 0.5, .at_least = 0.9},
                      {.name = "rmse", .at_most = 1e-3}}};
}

TEST(GateVerdict, ComesBackFromJson) {
  for (const GateOutcome outcome : {GateOutcome::kPass, GateOutcome::kFail, GateOutcome::kNotRun,
                                    GateOutcome::kNotEnoughData}) {
    const Json json = to_json(a_verdict(outcome));
    JsonReader reader(json, "x");
    EXPECT_EQ(read_gate_verdict(reader.root()), a_verdict(outcome));
    EXPECT_FALSE(reader.error());
  }
}

TEST(GateVerdict, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* change;
    const char* error;
  } rows[] = {{R"({"gate": 5})", "gate"},
              {R"({"outcome": "perhaps\u001b\n"})", "outcome: found 'perhaps\\x1b\\n', want"},
              {R"({"figures": {}})", "figures"},
              {R"({"figures": [{"metric": "rmse", "value": "x"}]})", "figures[0].value"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.change);
    Json json = to_json(a_verdict(GateOutcome::kPass));
    json.merge_patch(Json::parse(row.change));
    EXPECT_THAT(error_of(json, read_gate_verdict), HasSubstr(row.error));
  }
}

CliffResult a_result() {
  return {.edge = CliffEdge{21, 22},
          .lower_edge = CliffEdge{2, 1},
          .is_confirmed = true,
          .not_recorded = {3, 4},
          .first_failure = ProbeFailure::kTimeOut,
          .surprises = {{CliffSurprise::Kind::kValueDependent, {0, 4}, {4, 8}}},
          .explanations = {{CliffExplanation::Quantity::kOperations, 10, 12}},
          .next = Segment{0, 5},
          .answers = {{.probe = {.segment = {0, 4}, .attempt = 2},
                       .is_resident = true,
                       .weight_bytes = 1U << 30U,
                       .operations = 7,
                       .reason = "r",
                       .wrong = "w"},
                      {.probe = {.segment = {8, 9}}, .is_recorded = false},
                      {.probe = {.segment = {4, 8}}, .failure = ProbeFailure::kCrash}}};
}

TEST(CliffResult, ComesBackFromJson) {
  for (const CliffResult& result : {a_result(), CliffResult{}}) {
    const Json json = to_json(result);
    JsonReader reader(json, "x");
    const CliffResult read = read_cliff_result(reader.root());
    EXPECT_FALSE(reader.error()) << reader.error()->message;
    EXPECT_EQ(to_json(read), json);
    EXPECT_EQ(read.answers, result.answers);
    EXPECT_EQ(read.edge, result.edge);
  }
}

TEST(CliffResult, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* change;
    const char* error;
  } rows[] = {{R"({"edge": 5})", "edge"},
              {R"({"confirmed": "yes"})", "confirmed"},
              {R"({"first_failure": "boredom"})", "first_failure"},
              {R"({"surprises": [{"kind": "odd", "resident": [0, 1], "not_resident": [0, 1]}]})",
               "surprises[0].kind"},
              {R"({"answers": [{}]})", "answers[0]"},
              {R"({"not_recorded": [-1]})", "not_recorded[0]"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.change);
    Json json = to_json(a_result());
    json.merge_patch(Json::parse(row.change));
    EXPECT_THAT(error_of(json, read_cliff_result), HasSubstr(row.error));
  }
}

SelfcheckFigures a_selfcheck() {
  const TrialRate rate{.count = 1, .trials = 60, .low = 0.0004, .high = 0.0894};
  return {.split = "16+16",
          .banks = {{.condition = "idle", .blocks = 40, .block_s = 5.5, .cell_sd = 0.02},
                    {.condition = "one core busy",
                     .block_sd = 0.1,
                     .drift_rel = -0.3,
                     .steal_rel = 0.01}},
          .trials = {{.condition = "idle",
                      .is_physical = true,
                      .seconds = 40,
                      .blocks = 7.5,
                      .injected_rel = 0.05,
                      .group = "[0,16)",
                      .faster = rate,
                      .slower = rate,
                      .equivalent = rate,
                      .inconclusive = rate,
                      .dirty = rate,
                      .size_rel = -0.04,
                      .smallest_detectable_rel = 0.03},
                     {.condition = "idle"}},
          .smallest = {{.condition = "idle", .seconds = 40, .injected_rel = 0.03},
                       {.condition = "idle", .seconds = 10}}};
}

TEST(Selfcheck, ComesBackFromJson) {
  for (const SelfcheckFigures& figures : {a_selfcheck(), SelfcheckFigures{.split = "32"}}) {
    const Result<SelfcheckFigures> read = read_selfcheck(to_json(figures));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, figures);
  }
}

TEST(Selfcheck, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* change;
    const char* error;
  } rows[] = {{R"({"split": null})", "split"},
              {R"({"banks": 5})", "banks"},
              {R"({"trials": [{}]})", "trials[0]"},
              {R"({"smallest": [{"condition": "x", "seconds": -1}]})", "smallest[0].seconds"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.change);
    Json json = to_json(a_selfcheck());
    json.merge_patch(Json::parse(row.change));
    const Result<SelfcheckFigures> read = read_selfcheck(json);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr(row.error));
  }
}

TEST(Selfcheck, MoreFoundThanTrialsIsRefused) {
  Json json = to_json(a_selfcheck());
  json["trials"][0]["faster"]["count"] = 61;
  EXPECT_THAT(read_selfcheck(json).error().message, HasSubstr("trials[0].faster.count"));
}

}  // namespace
}  // namespace fusesweep
