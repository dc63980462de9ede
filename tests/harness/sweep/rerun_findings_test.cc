#include "harness/sweep/rerun_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outcome = FindingOutcome;

GateVerdict golden(double relative_l2, GateOutcome outcome = GateOutcome::kPass) {
  return {.gate = "golden-fidelity",
          .outcome = outcome,
          .reason = "looked at",
          .figures = {{.name = "cosine", .value = 1 - relative_l2 * relative_l2 / 2},
                      {.name = "relative_l2", .value = relative_l2, .at_most = 5e-3}}};
}

const std::vector<PlacedKind> kKinds = {{"conv", "vector", "int8.avx2", 64},
                                        {"softmax", "vector", "softmax.avx2", 16}};

BaselineShard then() {
  return {.identity = {.kind = Segment{0, 16}},
          .content_hash = "a",
          .bytes = 1000,
          .build_ns = 2'000'000,
          .kinds = kKinds,
          .verdicts = {golden(1e-3)}};
}

ShardNow now() {
  return {.identity = {.kind = Segment{0, 16}, .builder_version = 9},
          .content_hash = "a",
          .bytes = 1000,
          .build_ns = 3'000'000,
          .kinds = kKinds,
          .verdicts = {golden(1e-3)}};
}

std::vector<RerunFinding> compare(const ShardNow& shard) {
  return compare_shards("16+16", std::vector{then()}, std::vector{shard}, 0.005);
}

std::vector<std::string> regressions(const std::vector<RerunFinding>& findings) {
  std::vector<std::string> all;
  for (const RerunFinding& finding : findings) {
    if (finding.outcome == Outcome::kRegression) all.push_back(finding.metric + " " + finding.part);
  }
  return all;
}

const RerunFinding& of(const std::vector<RerunFinding>& findings, std::string_view metric) {
  for (const RerunFinding& finding : findings) {
    if (finding.metric == metric) return finding;
  }
  ADD_FAILURE() << "no finding of " << metric;
  return findings.front();
}

TEST(RerunFindings, WhatIsTheSameIsTheSame) {
  const auto findings = compare(now());
  EXPECT_THAT(regressions(findings), IsEmpty());
  EXPECT_EQ(of(findings, "bytes").outcome, Outcome::kSame);
  EXPECT_EQ(of(findings, "relative_l2").outcome, Outcome::kSame);
  EXPECT_EQ(of(findings, "build_ms").outcome, Outcome::kToldOnly);
  EXPECT_NEAR(*of(findings, "build_ms").change_rel, 0.5, 1e-9);
}

TEST(RerunFindings, EachKindOfLossIsNamedWithItsPart) {
  const struct {
    const char* name;
    std::function<void(ShardNow&)> change;
    std::vector<std::string> want;
  } rows[] = {
      {"a gate fails",
       [](ShardNow& s) { s.verdicts = {golden(1e-3, GateOutcome::kFail)}; },
       {"golden-fidelity [0,16)"}},
      {"accuracy is lost within the gate",
       [](ShardNow& s) { s.verdicts = {golden(1.2e-3)}; },
       {"relative_l2 [0,16)"}},
      {"a little less accuracy is none", [](ShardNow& s) { s.verdicts = {golden(1.05e-3)}; }, {}},
      {"more bytes", [](ShardNow& s) { s.bytes = 1010; }, {"bytes "}},
      {"a few more bytes are none", [](ShardNow& s) { s.bytes = 1004; }, {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    ShardNow shard = now();
    row.change(shard);
    EXPECT_EQ(regressions(compare(shard)), row.want);
  }
}

TEST(RerunFindings, AGateThatWasNotAskedIsNoPass) {
  ShardNow shard = now();
  shard.verdicts.front().outcome = GateOutcome::kNotRun;
  EXPECT_EQ(of(compare(shard), "golden-fidelity").outcome, Outcome::kInconclusive);
}

TEST(RerunFindings, OperationsThatMovedAreNamedByKindAndPlace) {
  ShardNow shard = now();
  shard.kinds = {{"conv", "vector", "int8.avx2", 61},
                 {"conv", "ref", "int8.ref", 3},
                 {"softmax", "vector", "softmax.avx512", 16},
                 {"cast", "ref", "", 1}};
  const std::vector<RerunFinding> findings = compare(shard);
  const RerunFinding& moved = of(findings, "placement");
  EXPECT_EQ(moved.part, "[0,16)");
  EXPECT_EQ(moved.text, "1 cast more on ref, 3 conv moved from vector to ref");
}

TEST(RerunFindings, IdsPartWhereTheyPart) {
  const std::vector<int> was = {1, 2, 3};
  EXPECT_EQ(compare_ids("3", was, was).outcome, Outcome::kSame);
  const RerunFinding other = compare_ids("3", was, std::vector<int>{1, 7, 3});
  EXPECT_EQ(other.outcome, Outcome::kRegression);
  EXPECT_EQ(other.now, 1.0);
  EXPECT_EQ(other.text, "generated id 1 is 7, was 2");
  EXPECT_THAT(compare_ids("3", was, std::vector<int>{1, 2}).text, HasSubstr("2 generated ids, 3"));
  EXPECT_EQ(compare_ids("3", {}, was).outcome, Outcome::kToldOnly);
}

TEST(RerunFindings, ChangesAreThoseThatAreKnownOnBothSides) {
  MadeBy was{.provenance = {.program_version = "1",
                            .git_revision = "aaa",
                            .compiler = "GCC 12",
                            .os = "Debian 12"},
             .runner = {.version = "1", .toolchain = "t"},
             .program_hash = "p",
             .builder_version = 3,
             .model_hash = "m"};
  EXPECT_THAT(changes_between(was, was), IsEmpty());
  MadeBy is = was;
  is.provenance.git_revision = "bbb";
  is.provenance.git_dirty = true;
  is.provenance.os.reset();
  is.builder_version = 4;
  EXPECT_THAT(changes_between(was, is),
              ElementsAre(RerunChange{"git revision", "aaa", "bbb, with changes"},
                          RerunChange{"builder", "3", "4"}));
}

}  // namespace
}  // namespace fusesweep
