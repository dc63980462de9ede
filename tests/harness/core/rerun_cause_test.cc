// What may have caused a regression, and what cannot have.
#include "harness/core/rerun_cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWeakness = "; what slows the control alike is invisible to the weak form";

RerunReport a_report(std::vector<std::string> regressions, std::vector<std::string> changes,
                     RerunForm form = RerunForm::kStrong) {
  RerunReport report{.baseline = "b", .form = form};
  report.findings.push_back({.metric = "ttft_ms", .outcome = FindingOutcome::kSame});
  for (const std::string& metric : regressions)
    report.findings.push_back({.metric = metric, .outcome = FindingOutcome::kRegression});
  for (const std::string& what : changes) report.changes.push_back({what, "a", "b"});
  return report;
}

struct Row {
  const char* name;
  std::vector<std::string> regressions;
  std::vector<std::string> changes;
  RerunForm form;
  std::string want;
};

TEST(RerunCause, NamesWhatIsLeft) {
  using enum RerunForm;
  const Row rows[] = {
      {"no regression", {}, {"compiler", "weights"}, kStrong, ""},
      {"one change of the runner",
       {"ms_per_token"},
       {"runner version"},
       kStrong,
       "likely cause: runner version, from 'a' to 'b'"},
      {"one change of the program",
       {"ms_per_token"},
       {"compiler", "program"},
       kStrong,
       "likely cause: compiler, from 'a' to 'b'"},
      {"two of them",
       {"group_ms"},
       {"compiler", "program", "git revision"},
       kStrong,
       "likely causes, not to be told apart: compiler, from 'a' to 'b'; git revision, from 'a' to "
       "'b'"},
      {"side by side the machine is the same",
       {"ms_per_token"},
       {"kernel", "runner version", "OS"},
       kStrong,
       "likely cause: runner version, from 'a' to 'b' (changed too, and ruled out: kernel, OS)"},
      {"side by side only the machine has changed",
       {"ms_per_token"},
       {"host"},
       kStrong,
       "nothing that is known has changed (changed too, and ruled out: host)"},
      {"the same artifacts are not the builder's",
       {"ms_per_token"},
       {"builder", "toolchain"},
       kStrong,
       "likely cause: toolchain, from 'a' to 'b' (changed too, and ruled out: builder)"},
      {"other artifacts may be",
       {"ms_per_token"},
       {"builder", "weights"},
       kStrong,
       "likely cause: builder, from 'a' to 'b'"},
      {"the same program, the same artifacts",
       {"ms_per_token"},
       {"git revision"},
       kStrong,
       "nothing that is known has changed (changed too, and ruled out: git revision)"},
      {"the same program builds other artifacts",
       {"ms_per_token"},
       {"git revision", "weights"},
       kStrong,
       "likely cause: git revision, from 'a' to 'b'"},
      {"nothing has changed", {"ms_per_token"}, {}, kStrong, "nothing that is known has changed"},
      {"only the artifacts' bytes",
       {"ms_per_token"},
       {"weights"},
       kStrong,
       "likely cause: the artifacts, which have other bytes; why is not known"},
      {"only the program's bytes",
       {"ms_per_token"},
       {"program"},
       kStrong,
       "likely cause: the runner's program, which has other bytes; why is not known"},
      {"only bytes, of both",
       {"ms_per_token"},
       {"program", "weights"},
       kStrong,
       "the artifacts and the runner's program have other bytes, not to be told apart; why is not "
       "known"},
      {"residency was seen then and now",
       {"residency"},
       {"OS", "builder"},
       kStrong,
       "likely cause: OS, from 'a' to 'b' (changed too, and ruled out: builder)"},
      {"residency of the same artifacts is the runner's",
       {"residency"},
       {"runner version", "builder"},
       kNotMeasured,
       "likely cause: runner version, from 'a' to 'b' (changed too, and ruled out: builder)"},
      {"bytes are not the machine's",
       {"bytes"},
       {"OS", "builder", "weights"},
       kStrong,
       "likely cause: builder, from 'a' to 'b' (changed too, and ruled out: OS)"},
      {"what explains all goes before what explains some",
       {"residency", "ms_per_token"},
       {"OS", "runner version"},
       kStrong,
       "likely cause: runner version, from 'a' to 'b'"},
      {"what explains some where nothing explains all",
       {"residency", "ms_per_token"},
       {"OS"},
       kStrong,
       "likely cause: OS, from 'a' to 'b'"},
      {"a word that is not known may act on anything",
       {"ms_per_token"},
       {"threads"},
       kStrong,
       "likely cause: threads, from 'a' to 'b'"},
      {"weak, the machine counts",
       {"ms_per_token"},
       {"kernel"},
       kWeak,
       std::string("likely cause: kernel, from 'a' to 'b'") + kWeakness},
      {"weak, nothing has changed",
       {"ms_per_token"},
       {},
       kWeak,
       std::string("nothing that is known has changed") + kWeakness},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(likely_cause(a_report(row.regressions, row.changes, row.form)), row.want);
  }
}

TEST(RerunCause, OnAnotherMachineNothingRanSideBySide) {
  RerunReport report = a_report({"ms_per_token"}, {"CPU"});
  EXPECT_THAT(likely_cause(report), HasSubstr("ruled out: CPU"));
  report.is_cross_host = true;
  EXPECT_EQ(likely_cause(report), "likely cause: CPU, from 'a' to 'b'");
}

TEST(RerunCause, WhatIsNotKnownIsSaidToBe) {
  RerunReport report = a_report({"ms_per_token"}, {});
  report.changes = {{.what = "toolchain", .before = "", .now = "13"}};
  EXPECT_EQ(likely_cause(report), "likely cause: toolchain, from what is not known to '13'");
}

TEST(RerunCause, HostileTextsStayOneShortLine) {
  const std::string evil = "x\n\x1b[2J\u202E'" + std::string(10'000, 'y');
  RerunReport report = a_report({"ms_per_token"}, {});
  report.changes = {{.what = "a\nb\x1b", .before = evil, .now = evil}};
  const std::string text = likely_cause(report);
  for (const char* mark : {"\n", "\x1b", "\u202E"}) EXPECT_THAT(text, Not(HasSubstr(mark)));
  EXPECT_LT(text.size(), 400U);
}

TEST(RerunCause, RegressionsComeInTheReportsOrder) {
  const RerunReport report = a_report({"bytes", "ttft_ms"}, {});
  const std::vector<const RerunFinding*> regressions = regressions_of(report);
  ASSERT_EQ(regressions.size(), 2U);
  EXPECT_EQ(regressions[0]->metric, "bytes");
  EXPECT_EQ(regressions[1]->metric, "ttft_ms");
}

}  // namespace
}  // namespace fusesweep
