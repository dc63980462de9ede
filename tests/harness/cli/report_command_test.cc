// `fusesweep report` of what the store keeps beside its sweeps: reruns of baselines, searches for the fastest
// split.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/file.h"
#include "reports/optimize_words.h"
#include "reports/rerun_words.h"
#include "tests/reports/sample_optimize.h"
#include "tests/reports/sample_rerun.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ReportOfARerun : public testing::Test {
 protected:
  ReportOfARerun() {
    std::filesystem::create_directories(work_);
    Store store = *Store::open(work_ + "/fusesweep.db", Access::kWrite, clock_);
    const Uuid run = *store.begin_run(sample_run());
    id_ = stored(store, run, "rerun", to_json(regressed_rerun()));
    broken_ = stored(store, run, "rerun", Json{{"baseline", 5}});
    selfcheck_ = stored(store, run, "selfcheck", Json::object());
    open_ = to_text(*store.begin_sweep(run, {.spec_hash = "open", .spec = {{"kind", "rerun"}}}));
  }

  static std::string stored(Store& store, const Uuid& run, const char* kind, const Json& answer) {
    const Uuid id =
        *store.begin_sweep(run, {.spec_hash = to_text(answer), .spec = {{"kind", kind}}});
    EXPECT_TRUE(store.end_sweep(id, "done", answer));
    return to_text(id);
  }

  Ran report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"--work", work_, "-o", output_});
    return run(std::move(arguments));
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const std::string work_ = folder_.path() / "work";
  const std::string output_ = folder_.path() / "out";
  std::string id_;
  std::string broken_;
  std::string selfcheck_;
  std::string open_;
};

TEST_F(ReportOfARerun, IsAPageMarkdownAndJson) {
  const Ran ran = report({"--sweep", id_, "--format", "html,md,json"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr(headline(regressed_rerun())));
  for (const char* extension : {".html", ".md", ".json"}) {
    const std::string file = output_ + '/' + id_ + extension;
    EXPECT_THAT(ran.out, HasSubstr(file + '\n'));
    const Result<std::string> text = read_file(file, 1U << 20U);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_THAT(*text, HasSubstr("3 conv moved from vector to ref"));
  }
}

TEST_F(ReportOfARerun, ComesAsJsonToo) {
  const auto json = nlohmann::json::parse(report({"--sweep", id_, "--json"}).out);
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["outcome"], "regression");
  EXPECT_EQ(json["files"].size(), 1U);
}

TEST_F(ReportOfARerun, WhatCannotBeShownIsRefusedWithTheReason) {
  const struct {
    std::string sweep;
    const char* format;
    const char* error;
  } rows[] = {{id_, "csv", "--format: found csv for the rerun of a baseline"},
              {broken_, "md", "--sweep: rerun.baseline: found 5, want a string"},
              {open_, "md", "found no answer, want one that has ended"},
              {selfcheck_, "md", "found one of kind 'selfcheck', want a sweep"},
              {id_.substr(0, 4), "md", "found 0 whose id begins so, want one"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.error);
    const Ran ran = report({"--sweep", row.sweep, "--format", row.format});
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_THAT(ran.err, HasSubstr(row.error));
  }
}

TEST_F(ReportOfARerun, IsListedWithAllOthersAndHasItsPageWhereItCanBeRead) {
  const auto json = nlohmann::json::parse(report({"--all", "--format", "html,csv", "--json"}).out);
  EXPECT_EQ(json["sweeps"].size(), 0U);
  ASSERT_EQ(json["others"].size(), 2U);  // the one that goes on has nothing to show
  EXPECT_EQ(json["others"][0]["id"], id_);
  EXPECT_EQ(json["others"][0]["headline"], headline(regressed_rerun()));
  EXPECT_EQ(json["others"][1]["id"], broken_);
  EXPECT_THAT(std::string(json["others"][1]["error"]), HasSubstr("rerun.baseline: found 5"));
  EXPECT_EQ(json["files"], nlohmann::json::array({output_ + '/' + id_ + ".html"}));
  EXPECT_THAT(*read_file(output_ + "/index.html", 1U << 20U), HasSubstr(id_ + ".html"));
}

TEST_F(ReportOfARerun, IsNoSweepToOthers) {
  EXPECT_THAT(report({}).err, HasSubstr("found no sweep that has ended"));
  EXPECT_THAT(run({"plot", "tok-s", "--csv", "--sweep", id_, "--work", work_}).err,
              HasSubstr("found one of kind 'rerun', want a sweep"));
  EXPECT_THAT(run({"runs", "list", "--work", work_}).out, HasSubstr("1 selfcheck, 3 reruns\n"));
}

class ReportOfASearch : public testing::Test {
 protected:
  ReportOfASearch() {
    std::filesystem::create_directories(work_);
    Store store = *Store::open(work_ + "/fusesweep.db", Access::kWrite, clock_);
    const Uuid run = *store.begin_run(sample_run());
    OptimizeReport report = unverified_optimize().report;
    id_ = to_text(*store.begin_sweep(run, {.spec_hash = "a", .spec = {{"kind", "optimize"}}}));
    EXPECT_TRUE(store.end_sweep(*parse_uuid(id_), "done", to_json(report)));
    open_ = to_text(*store.begin_sweep(run, {.spec_hash = "b", .spec = {{"kind", "optimize"}}}));
  }

  Ran report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"--work", work_, "-o", output_});
    return run(std::move(arguments));
  }

  std::string text_of(const std::string& extension) const {
    return read_file(output_ + '/' + id_ + extension, 1U << 22U).value_or("");
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const std::string work_ = folder_.path() / "work";
  const std::string output_ = folder_.path() / "out";
  std::string id_;
  std::string open_;
};

TEST_F(ReportOfASearch, IsAPageWithItsPictureMarkdownCsvAndJson) {
  const Ran ran = report({"--sweep", id_, "--format", "html,md,csv,json"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_EQ(ran.err, headline(unverified_optimize().report) + '\n');
  EXPECT_THAT(text_of(".html"),
              AllOf(HasSubstr("<figure id=\"plot-segments\">"), Not(HasSubstr("Not drawn"))));
  EXPECT_THAT(text_of(".md"), HasSubstr("16+16 leads"));
  EXPECT_THAT(text_of(".csv"), StartsWith("segment,begin,layers,standing,"));
  EXPECT_THAT(text_of(".json"), StartsWith("{\"schema_version\":1,\"id\":\"" + id_));
}

TEST_F(ReportOfASearch, ComesAsJsonToo) {
  const auto json = nlohmann::json::parse(report({"--sweep", id_, "--json"}).out);
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["end"], "builds spent");
  EXPECT_EQ(json["files"].size(), 1U);
}

TEST_F(ReportOfASearch, IsListedBesideSweeps) {
  EXPECT_THAT(report({"--all", "--format", "md"}).err,
              HasSubstr("0 sweeps, 1 search, rerun or speculation beside them, 1 page written"));
  EXPECT_THAT(text_of(".md"), HasSubstr("16+16 leads"));
}

TEST_F(ReportOfASearch, OneThatGoesOnHasNone) {
  const Ran ran = report({"--sweep", open_});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_THAT(ran.err, HasSubstr("found no answer, want one that has ended"));
}

TEST_F(ReportOfASearch, ItsSegmentsAreDrawn) {
  const Ran newest = run({"plot", "segments", "--csv", "--work", work_});
  EXPECT_EQ(newest.exit_code, ExitCode::kDone) << newest.err;
  EXPECT_THAT(newest.out, StartsWith("segment,begin,layers,standing,"));
  EXPECT_EQ(run({"plot", "segments", "--csv", "--sweep", id_, "--work", work_}).out, newest.out);
  EXPECT_THAT(run({"plot", "segments", "--term", "--work", work_}).out, HasSubstr("16+16 leads"));
  EXPECT_THAT(run({"plot", "tok-s", "--csv", "--sweep", id_, "--work", work_}).err,
              HasSubstr("found one of kind 'optimize', want a sweep"));
}

TEST_F(ReportOfASearch, ARunCountsThem) {
  EXPECT_THAT(run({"runs", "list", "--work", work_}).out, HasSubstr("2 optimizations\n"));
  const auto json = nlohmann::json::parse(run({"runs", "list", "--json", "--work", work_}).out);
  EXPECT_EQ(json["runs"][0]["stored"]["optimizations"], 2);
  EXPECT_EQ(json["runs"][0]["stored"]["sweeps"], 0);
  EXPECT_THAT(run({"runs", "list", "--csv", "--work", work_}).out,
              HasSubstr(",optimizations,speculations\n"));
}

}  // namespace
}  // namespace fusesweep
