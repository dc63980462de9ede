#include "runners/protocol/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr std::chrono::milliseconds kLong = std::chrono::minutes(5);

// Names and verdicts of what is no pass.
std::vector<std::string> not_passed(const std::string& scenario, std::chrono::milliseconds limit) {
  const TemporaryFolder work;
  const auto results = check_runner(
      {.arguments = {FUSESWEEP_SCRIPTED_CHILD, scenario, "always"}, .folder = work.path()}, limit);
  EXPECT_TRUE(results);
  std::vector<std::string> names;
  for (const RuleResult& result : *results) {
    EXPECT_EQ(result.reason.empty(), result.verdict == RuleVerdict::kPass) << result.rule;
    if (result.verdict != RuleVerdict::kPass)
      names.push_back(std::string(to_text(result.verdict)) + ' ' + result.rule);
  }
  return names;
}

TEST(Conformance, OurServerKeepsEveryRule) {
  EXPECT_EQ(not_passed("serve", kLong),
            std::vector<std::string>{"skipped progress_is_well_formed"});
}

TEST(Conformance, AYesSayerKeepsOnlyTheRulesThatWantAYes) {
  EXPECT_EQ(not_passed("agree", kLong),
            (std::vector<std::string>{
                "fail unknown_method_is_method_not_found", "fail malformed_json_is_parse_error",
                "fail what_is_no_request_is_refused", "fail wrong_params_are_refused",
                "fail notifications_are_not_answered", "fail unknown_handle_is_refused",
                "fail paths_outside_work_are_refused", "fail missing_artifact_is_an_error",
                "skipped progress_is_well_formed"}));
}

TEST(Conformance, EveryRuleNoticesNonsense) {
  const struct {
    const char* scenario;
    const char* verdict;
  } rows[] = {
      {"exit", "fail answers_describe"},
      {"chatter", "fail answers_describe"},
      {"wrong_id", "fail ids_are_echoed"},
      {"invalid_utf8", "fail long_lines_are_read"},
      {"garbage", "fail unknown_options_are_passed_over"},
      {"no_rpc", "fail describe_is_stable"},
      {"bad_result", "fail describe_is_complete"},
      {"bad_result", "fail answers_come_in_order"},
      {"crash", "fail ends_when_stdin_closes"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.scenario);
    // A limit that is reached is a failure too.
    EXPECT_THAT(not_passed(row.scenario, std::chrono::milliseconds(100)), Contains(row.verdict));
  }
}

TEST(Conformance, AProgramThatCannotBeStartedIsAnError) {
  const TemporaryFolder work;
  const auto results =
      check_runner({.arguments = {"no-such-program"}, .folder = work.path()}, kLong);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(results.error().message, HasSubstr("no-such-program"));
}

}  // namespace
}  // namespace fusesweep
