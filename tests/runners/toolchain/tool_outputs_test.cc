#include "runners/toolchain/tool_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ResidentCount kAll{48, 48};

// Everything that a golden line tells.
auto told_by(const RecordedComparison& comparison) {
  return std::tuple(comparison.non_finite, comparison.cosine, comparison.rmse, comparison.max_abs);
}

TEST(ResidencyReport, CountsAreWhatHoldsAndTheWordStandsBesideThem) {
  const struct {
    const char* name;
    const char* report;
    std::optional<bool> resident;
    std::size_t notes;
  } rows[] = {
      {"all of it",
       R"({"conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":90,"pass":true})", true,
       0},
      {"pass is said, counts deny it",
       R"({"conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":7,"pass":true})", false,
       1},
      {"pass is denied, counts hold",
       R"({"conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":90,"pass":false})", true,
       1},
      {"no word", R"({"conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":90})", true,
       0},
      {"a count is missing",
       R"({"conv_total":48,"conv_ane":48,"compute_total":90,"pass":true})",
       {},
       0},
      {"a count is nan",
       R"({"conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":NaN,"pass":true})",
       {},
       0},
      {"the word alone", R"({"pass":true})", {}, 0},
      {"no convolution",
       R"({"conv_total":0,"conv_ane":0,"compute_total":90,"compute_ane":90,"pass":true})", false,
       1},
      {"what nobody knows is passed over",
       R"({"host":"mac","conv_total":48,"conv_ane":48,"compute_total":90,"compute_ane":90,"cost":-Infinity})",
       true, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Placement> placement = parse_residency_report(row.report, "inspect");
    ASSERT_TRUE(placement) << placement.error().message;
    EXPECT_EQ(placement->evidence, PlacementEvidence::kPlan);
    EXPECT_EQ(strictly_resident(*placement), row.resident);
    EXPECT_EQ(placement->notes.size(), row.notes);
  }
}

TEST(ResidencyReport, TellsWhatRanElsewhere) {
  const Result<Placement> placement = parse_residency_report(
      R"({"conv_total":1,"conv_ane":1,"compute_total":4,"compute_ane":1,
          "op_device_counts":{"conv":{"ane":1},"cpu":3},
          "non_ane_compute_rows":[{"name":"op_1","op":"gather","device":"cpu","reason":"none"},"op_2",[1,"x"]]})",
      "inspect");
  ASSERT_TRUE(placement) << placement.error().message;
  EXPECT_THAT(placement->kinds,
              ElementsAre(PlacedKind{"conv", "ane", "", 1}, PlacedKind{"", "cpu", "", 3}));
  EXPECT_THAT(placement->non_resident,
              ElementsAre(NonResident{"op_1", "gather", "cpu", "none"},
                          NonResident{.operation = "op_2"}, NonResident{.operation = "[1,\"x\"]"}));
}

TEST(ResidencyReport, WhatDoesNotFitTogetherIsRefused) {
  const struct {
    const char* report;
    const char* said;
  } rows[] = {
      {"not JSON", "inspect"},
      {"[]", "want an object"},
      {"{}", "found neither counts nor a word"},
      {R"({"conv_total":48,"conv_ane":50})", "found 50, want at most conv_total, which is 48"},
      {R"({"conv_total":48,"conv_ane":40,"conv_non_ane":0})", "found 0, want 8, which is left"},
      {R"({"conv_total":-1,"conv_ane":-1})", "conv_total"},
      {R"({"conv_total":48.5,"conv_ane":48})", "conv_total"},
      {R"({"pass":"yes"})", "pass"},
      {R"({"conv_total":1,"conv_ane":1,"compute_total":4,"compute_ane":4,"non_ane_compute_rows":["op_1"]})",
       "found 1 operations elsewhere and compute_ane 4 of 4"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.report);
    const Result<Placement> placement = parse_residency_report(row.report, "inspect");
    ASSERT_FALSE(placement);
    EXPECT_EQ(placement.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(placement.error().message, HasSubstr(row.said));
  }
}

TEST(ResidencyLines, AreTheReportInOtherWords) {
  const Result<Placement> placement = parse_residency_lines(
      "loading\nconv_total=48 conv_ane=48 conv_non_ane=0\r\n  compute_total=90, compute_ane=90\n"
      "took=1.5s noise\nPASS=True\n",
      "inspect");
  ASSERT_TRUE(placement) << placement.error().message;
  EXPECT_EQ(placement->conv, kAll);
  EXPECT_EQ(placement->stated_resident, true);
  EXPECT_EQ(strictly_resident(*placement), true);
  EXPECT_EQ(
      strictly_resident(*parse_residency_lines("conv_total=48 conv_ane=48\nPASS=True", "inspect")),
      std::nullopt);
  EXPECT_EQ(strictly_resident(*parse_residency_lines(
                "conv_total=48 conv_ane=47\ncompute_total=9 compute_ane=8\nPASS=True", "inspect")),
            false);
  EXPECT_FALSE(parse_residency_lines("Traceback (most recent call last):", "inspect"));
}

TEST(GoldenLines, TheWorstOfEveryFigureCountsAndNanIsNoNumber) {
  const struct {
    const char* text;
    RecordedComparison want;
  } rows[] = {
      {"cos=0.999197 rmse=0.039475 max_abs=0.228516",
       {.cosine = 0.999197, .rmse = 0.039475, .max_abs = 0.228516}},
      {"golden: cos=0.997967, rmse=0.166971, max_abs=1.71875.\n", {.non_finite = false}},
      {"chatter\ncos=0.5 rmse=1\ncos=0.9 rmse=2\ndone", {.cosine = 0.5, .rmse = 2}},
      {"cos=1.00001", {.cosine = 1}},
      {"cos=nan rmse=0.1", {.non_finite = true}},
      {"cos=0.99 rmse=inf", {.non_finite = true}},
      {"cos=0.99 rmse=0.1\ncos=-nan", {.non_finite = true}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<RecordedComparison> found = parse_golden_lines(row.text, "golden");
    if (!row.want.cosine && !row.want.non_finite) {
      EXPECT_THAT(found.error().message, HasSubstr("max_abs: found '1.71875.', want a number"));
      continue;
    }
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(told_by(*found), told_by(row.want));
  }
}

TEST(GoldenLines, WithoutACosineThereIsNoAnswer) {
  const struct {
    const char* text;
    const char* said;
  } rows[] = {{"", "no line with cos="},
              {"rmse=0.1 max_abs=1", "no line with cos="},
              {"cosine=0.9", "no line with cos="},
              {"cos=", "want a number"},
              {"cos=high", "want a number"},
              {"cos=1.5", "want a number from -1 to 1"},
              {"cos=0.9 rmse=-1", "want 0 or more"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<RecordedComparison> found = parse_golden_lines(row.text, "golden");
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr(row.said));
  }
}

TEST(OneShot, TimesAreSumsAndShardsStandForAllLayersWhereAllAreTold) {
  const Result<DecodeResult> result = parse_one_shot(
      "Loading shards ...\nGenerated IDs: [1, 2, 3, 200063]\n"
      "Timing: prefill_s=0.5 decode_tokens=3 decode_s=0.3 decode_tok_s=10\n"
      "ProfileDecodePerToken: embed_ms=0.5 layers_ms=53.225 other_ms=9 "
      "head_predict_reduce_ms=5.095\n"
      "ProfileDecodeLayers: layer_shards=2 mean_layer_shard_call_ms=26 top5=L16-32=20ms "
      "L0-16=33.225ms\n",
      "run");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->ids, ElementsAre(1, 2, 3, 200'063));
  EXPECT_EQ(result->prefill_ns, 500'000'000);
  EXPECT_THAT(result->token_ns, IsEmpty());
  ASSERT_TRUE(result->sum);
  EXPECT_EQ(result->sum->tokens, 3);
  EXPECT_EQ(result->sum->ns, 300'000'000);
  EXPECT_THAT(mean_of_call(*result->sum),
              ElementsAre(GroupSum{"embed", 500'000}, GroupSum{"[0,16)", 33'225'000},
                          GroupSum{"[16,32)", 20'000'000}, GroupSum{"head", 5'095'000}));
}

TEST(OneShot, TheSlowestOfManyShardsAreNotAllLayers) {
  const Result<DecodeResult> result = parse_one_shot(
      "Generated IDs: [1,2]\nTiming: decode_tokens=1 decode_s=0.1\n"
      "ProfileDecodePerToken: layers_ms=50\nProfileDecodeLayers: layer_shards=8 "
      "top5=L0-4=9ms,L4-8=8ms\n",
      "run");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->sum->groups, ElementsAre(GroupSum{"layers", 50'000'000}));
}

TEST(OneShot, WhatIsNotToldIsAbsentAndNonsenseIsNamed) {
  EXPECT_EQ(parse_one_shot("Generated IDs: [7]", "run")->sum, std::nullopt);
  EXPECT_EQ(parse_one_shot("Generated IDs: [7, 8]\nTiming: decode_tokens=1", "run")->sum,
            std::nullopt);
  const struct {
    const char* text;
    const char* said;
  } rows[] = {{"Timing: decode_tokens=1 decode_s=1", "found no line 'Generated IDs: [..]'"},
              {"Generated IDs: 1, 2", "want a list of token ids"},
              {"Generated IDs: [1, -2]", "want a list of token ids"},
              {"Generated IDs: [1]\nTiming: decode_tokens=many", "want a count"},
              {"Generated IDs: [1]\nTiming: decode_tokens=1 decode_s=nan",
               "decode_s: found 'nan', want a time"},
              {"Generated IDs: [1]\nTiming: decode_tokens=1 decode_s=-1", "want a time"},
              {"Generated IDs: [1]\nTiming: decode_s=1s", "want a number"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<DecodeResult> result = parse_one_shot(row.text, "run");
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr(row.said));
  }
}

TEST(Resident, IsReadyForOneProtocol) {
  EXPECT_EQ(parse_ready("compiling ...", "run"), ReadyLine::kChatter);
  EXPECT_EQ(parse_ready("READY in a moment", "run"), ReadyLine::kChatter);
  EXPECT_EQ(parse_ready(R"(READY {"protocol":"phi4mini-jsonl-v1","warmup_calls":1})", "run"),
            ReadyLine::kReady);
  const auto other = parse_ready(R"(READY {"protocol":"phi4mini-jsonl-v2"})", "run");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message,
              HasSubstr("found 'phi4mini-jsonl-v2', want phi4mini-jsonl-v1"));
}

TEST(Resident, IsAskedInOneLine) {
  EXPECT_EQ(resident_request({1, 2}, 8), R"({"prompt_ids":[1,2],"max_new":8,"profile":true})");
}

TEST(Resident, AnswersWithIdsAndSums) {
  const auto answer = parse_resident_answer(
      R"({"ok":true,"generated_ids":[5,6,7],"timing":{"prefill_tokens":4,"prefill_s":0.02,"decode_tokens":2,
          "decode_s":0.004,"decode_tok_s":500,"forward_calls":6,"forward_s":0.024},
          "profile":{"calls":6,"layers_s":0.012,"head_predict_reduce_s":0.006,"later_s":1}})",
      "run");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_TRUE(*answer);
  EXPECT_THAT((*answer)->ids, ElementsAre(5, 6, 7));
  EXPECT_EQ((*answer)->prefill_ns, 20'000'000);
  EXPECT_EQ((*answer)->sum, (DecodeSum{.tokens = 2,
                                       .ns = 4'000'000,
                                       .forward_calls = 6,
                                       .forward_ns = 24'000'000,
                                       .group_calls = 6,
                                       .groups = {{"layers", 12'000'000}, {"head", 6'000'000}}}));
}

TEST(Resident, ChatterIsPassedOverAndNonsenseIsNamed) {
  for (const char* chatter : {"", "decoding ...", "[1]", R"({"progress":3})", "{\"ok\":true"})
    EXPECT_EQ(*parse_resident_answer(chatter, "run"), std::nullopt) << chatter;
  const struct {
    const char* line;
    const char* said;
  } rows[] = {
      {R"({"ok":false,"error":"prompt too long"})", "it says that it is not ok: 'prompt too long'"},
      {R"({"ok":false})", "it says that it is not ok: no reason"},
      {R"({"ok":"yes"})", "ok"},
      {R"({"ok":true})", "generated_ids"},
      {R"({"ok":true,"generated_ids":[-1]})", "generated_ids"},
      {R"({"ok":true,"generated_ids":[1],"timing":{"decode_tokens":1,"decode_s":-1}})",
       "decode_s"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const auto answer = parse_resident_answer(row.line, "run");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr(row.said));
  }
}

TEST(Resident, ATimeThatIsNotANumberIsAbsent) {
  const auto answer = parse_resident_answer(
      R"({"ok":true,"generated_ids":[1,2],"timing":{"decode_tokens":1,"decode_s":NaN,"prefill_s":NaN}})",
      "run");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)->sum, std::nullopt);
  EXPECT_EQ((*answer)->prefill_ns, std::nullopt);
}

}  // namespace
}  // namespace fusesweep
