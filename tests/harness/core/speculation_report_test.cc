#include "harness/core/speculation_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::HasSubstr;

SpeculationReport sample() {
  SpeculationReport report{.split = "16+8+6+2",
                           .workload = "tiled",
                           .loading = "beside",
                           .model = "phi",
                           .runner = "cpu",
                           .emulated = {"residency"},
                           .prompt_tokens = 32,
                           .decode_tokens = 64,
                           .blocks = 8,
                           .ngrams = {1, 3},
                           .greedy_ttft_ms = 900,
                           .greedy_ms_per_token = 30.5,
                           .dirt = {"the twin differs"}};
  report.arms.push_back({.tokens = 4,
                         .process_bytes = 1000,
                         .guard = 0.25,
                         .exactness = {.gate = "exactness",
                                       .outcome = GateOutcome::kPass,
                                       .reason = "equal",
                                       .figures = {{.name = "prompts", .value = 20}}},
                         .counts = {.passes = 10, .targets = 16, .proposed = 9, .accepted = 6},
                         .simulated_passes = 10,
                         .guard_calls = 1,
                         .fallbacks = 2,
                         .by_ngram = {{.ngram = 2, .proposed = 9, .accepted = 6}},
                         .draft_rel = 0.001,
                         .ttft_ms = 300.5,
                         .ms_per_token = 20.5,
                         .speed_up = SpeedUp{1.5, 1.25, 1.75, "faster"}});
  report.arms.push_back({.tokens = 8, .exactness = {.gate = "exactness", .reason = "not run"}});
  return report;
}

TEST(SpeculationReport, ComesBackFromJson) {
  const Result<SpeculationReport> read = read_speculation_report(to_json(sample()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, sample());
}

TEST(SpeculationReport, OneThatNamesNoModelIsRead) {
  Json json = to_json(sample());
  for (const char* name : {"model", "runner", "emulated", "greedy_ttft_ms"}) json.erase(name);
  const Result<SpeculationReport> read = read_speculation_report(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->model, "");
  EXPECT_TRUE(read->emulated.empty());
}

TEST(SpeculationReport, WhatDoesNotFitIsRefusedByField) {
  const struct {
    const char* pointer;
    Json value;
    const char* message;
  } rows[] = {
      {"/arms/0/tokens", 17, "speculate.arms[0].tokens: found 17"},
      {"/arms/0/accepted", 10, "speculate.arms[0].accepted: found 10"},
      {"/arms/0/by_ngram/0/accepted", 10, "speculate.arms[0].by_ngram[0].accepted: found 10"},
      {"/arms/0/speed_up/factor", "x", "speculate.arms[0].speed_up.factor"},
      {"/split", "", "speculate.split"},
      {"/ngram_min", 0, "speculate.ngram_min: found 0"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    Json json = to_json(sample());
    json[Json::json_pointer(row.pointer)] = row.value;
    EXPECT_THAT(read_speculation_report(json).error().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
