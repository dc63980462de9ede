#include "harness/gate/gate_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/gate/gate_names.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

GateLimits read(const Json& document, std::string& error) {
  JsonReader reader(document, "limits.json");
  GateLimits limits = read_gate_limits(reader.root(), GateLimits{});
  error = reader.error() ? reader.error()->message : "";
  return limits;
}

TEST(GateLimits, OnlyTheNeuralEngineHasRoomForSumsInHalves) {
  EXPECT_EQ(default_limits("cpu").fidelity.relative_l2_at_most, 5e-3);
  EXPECT_EQ(default_limits("gpu").fidelity.relative_l2_at_most, 5e-3);
  EXPECT_EQ(default_limits("ane").fidelity.relative_l2_at_most, 6e-2);
  EXPECT_EQ(default_limits("ane").quality, default_limits("cpu").quality);
}

TEST(GateLimits, WhatIsWrittenIsReadBack) {
  std::string error;
  GateLimits limits = default_limits("ane");
  limits.full_stack.margin_per_rmse = 3;
  limits.quality.cosine_at_least.reset();
  EXPECT_EQ(read(to_json(limits), error), limits);
  EXPECT_EQ(error, "");
}

TEST(GateLimits, WhatIsNotWrittenStays) {
  std::string error;
  const GateLimits limits =
      read({{"fidelity", {{"relative_l2_at_most", 0.5}, {"cosine_at_least", nullptr}}}}, error);
  EXPECT_EQ(error, "");
  EXPECT_EQ(limits.fidelity.relative_l2_at_most, 0.5);
  EXPECT_EQ(limits.quality, GateLimits{}.quality);
}

TEST(GateLimits, AGateThatAPersonDoesWithoutHindersNothingWhileItIsNotRun) {
  std::string error;
  const GateLimits limits = read({{"accept_not_run", {"error-budget", "weights"}}}, error);
  EXPECT_EQ(error, "");
  EXPECT_EQ(read(to_json(limits), error), limits);
  using enum GateOutcome;
  const struct {
    const char* gate;
    GateOutcome outcome;
    bool hinders;
  } rows[] = {{"error-budget", kNotRun, false},       {"error-budget", kFail, true},
              {"error-budget", kNotEnoughData, true}, {"error-budget", kPass, false},
              {"residency", kNotRun, true},           {"residency", kPass, false}};
  for (const auto& row : rows)
    EXPECT_EQ(hinders({.gate = row.gate, .outcome = row.outcome}, limits), row.hinders) << row.gate;
}

TEST(GateLimits, MistakesAreNamed) {
  std::string error;
  for (const char* gate : {"residency", "full-stack", "build", "vibes"}) {
    read({{"accept_not_run", {gate}}}, error);
    EXPECT_THAT(error, HasSubstr("want one of contract, weights, golden-fidelity")) << gate;
  }
  read({{"fidelty", Json::object()}}, error);
  EXPECT_THAT(error, HasSubstr("fidelty"));
  read({{"quality", {{"cosine_at_least", 7}}}}, error);
  EXPECT_THAT(error, HasSubstr("cosine_at_least']: found 7, want a number from -1 to 1"));
}

TEST(GateNames, GoldenStandsForBothComparisons) {
  EXPECT_EQ(parse_gates("residency,golden"),
            (std::set<std::string, std::less<>>{"residency", "golden-fidelity", "golden-quality"}));
  const auto unknown = parse_gates("residency,vibes");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("found 'vibes', want some of contract, build"));
}

}  // namespace
}  // namespace fusesweep
