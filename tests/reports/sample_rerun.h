// Reruns as reports see them, made by hand: one of each kind of answer.
#pragma once

#include <string>
#include <utility>

#include "harness/core/rerun.h"

namespace fusesweep {

inline RerunFinding timed(std::string metric, std::string part, FindingOutcome outcome,
                          double before, double change_rel, double half_width) {
  return {.split = "16+8+6+2",
          .metric = std::move(metric),
          .part = std::move(part),
          .outcome = outcome,
          .before = before,
          .now = before * (1 + change_rel),
          .change_rel = change_rel,
          .low_rel = change_rel - half_width,
          .high_rel = change_rel + half_width,
          .smallest_detectable_rel = 1.2 * half_width};
}

// Slower, most of it in the first group; the compiler or the revision.
inline RerunReport regressed_rerun() {
  using enum FindingOutcome;
  RerunReport report{.baseline = "release-1",
                     .baseline_id = "018bcfe5-687b-7000-8000-000000000001",
                     .set_unix_ms = 1'700'000'000'123,
                     .sweep = "018bd01c-0000-7000-8000-000000000002",
                     .model = "nano",
                     .runner = "cpu",
                     .form = RerunForm::kStrong,
                     .blocks = 12,
                     .wanted_blocks = 12,
                     .margin_rel = 0.005,
                     .rule_out_rel = 0.02};
  report.findings = {
      timed("ms_per_token", "", kRegression, 12.1, 0.063, 0.023),
      timed("tok_per_s", "", kRegression, 82.64, -0.059, 0.021),
      timed("group_ms", "[0,16)", kRegression, 5.4, 0.131, 0.03),
      timed("group_ms", "[16,24)", kSame, 2.7, 0.001, 0.012),
      timed("group_ms", "head", kInconclusive, 1.1, 0.004, 0.03),
      timed("activation_ms", "", kSame, 31, -0.002, 0.015),
      {.split = "16+8+6+2",
       .metric = "residency",
       .part = "[0,16)",
       .outcome = kRegression,
       .text = "3 conv moved from vector to ref"},
      {.split = "16+8+6+2",
       .metric = "cosine",
       .part = "[0,16)",
       .outcome = kSame,
       .before = 0.999987,
       .now = 0.999987,
       .change_rel = 0.0},
      {.split = "16+8+6+2",
       .metric = "bytes",
       .part = "[0,16)",
       .outcome = kSame,
       .before = 50'331'648,
       .now = 50'331'648,
       .change_rel = 0.0},
      {.split = "16+8+6+2",
       .metric = "build_ms",
       .part = "[0,16)",
       .before = 812,
       .now = 1033.5,
       .change_rel = 0.2728},
      {.split = "20+4+6+2", .metric = "ids", .outcome = kSame, .text = "the same 64 tokens"}};
  report.changes = {
      {.what = "compiler", .before = "GNU 12.2.0", .now = "GNU 13.1.0"},
      {.what = "git revision", .before = std::string(40, 'a'), .now = std::string(40, 'b')},
      {.what = "kernel", .before = "6.1.0", .now = "6.1.4"},
      {.what = "program", .before = "", .now = std::string(32, '5')}};
  report.cause =
      "likely causes, not to be told apart: compiler, from 'GNU 12.2.0' to 'GNU 13.1.0'; git "
      "revision, from 'aaaa' to 'bbbb'";
  return report;
}

inline RerunReport unchanged_rerun() {
  using enum FindingOutcome;
  RerunReport report = regressed_rerun();
  report.findings = {timed("ms_per_token", "", kSame, 12.1, 0.001, 0.008),
                     timed("group_ms", "[0,16)", kSame, 5.5, -0.002, 0.01),
                     timed("group_ms", "head", kSame, 1.1, 0.004, 0.015)};
  report.changes.clear();
  report.cause.clear();
  return report;
}

inline RerunReport improved_rerun() {
  RerunReport report = unchanged_rerun();
  report.findings[0] = timed("ms_per_token", "", FindingOutcome::kImproved, 12.1, -0.081, 0.012);
  return report;
}

// Through the control, and the trial is dirty.
inline RerunReport dirty_rerun() {
  RerunReport report = unchanged_rerun();
  report.form = RerunForm::kWeak;
  report.form_reason = "the old program does not start: exit code 127";
  for (RerunFinding& finding : report.findings) finding.outcome = FindingOutcome::kDirty;
  report.dirt = {"the control's twin differs from it by 3.10 %", "5.00 % of the time was stolen"};
  report.blocks = 7;
  report.wanted_blocks = 20;
  return report;
}

// The new artifacts fail a gate: nothing was timed.
inline RerunReport unfit_rerun() {
  RerunReport report = unchanged_rerun();
  report.form = RerunForm::kNotMeasured;
  report.form_reason = "the new artifacts fail golden-fidelity";
  report.blocks = report.wanted_blocks = 0;
  report.findings = {{.split = "16+8+6+2",
                      .metric = "golden-fidelity",
                      .part = "[0,16)",
                      .outcome = FindingOutcome::kRegression,
                      .text = "relative_l2 0.31, want at most 0.005"}};
  report.changes = {{.what = "builder", .before = "3", .now = "4"}};
  report.cause = "likely cause: builder, from '3' to '4'";
  return report;
}

// Nothing in it says why but the report itself.
inline RerunReport interrupted_rerun() {
  RerunReport report = unchanged_rerun();
  report.findings.clear();
  report.is_interrupted = true;
  report.is_cross_host = true;
  report.blocks = 3;
  return report;
}

// Every text that may come from outside.
inline RerunReport rerun_named(const std::string& name) {
  RerunReport report = regressed_rerun();
  report.baseline = report.baseline_id = report.sweep = report.model = report.runner = name;
  report.form = RerunForm::kWeak;
  report.form_reason = report.cause = name;
  for (RerunFinding& finding : report.findings) finding.split = finding.part = finding.text = name;
  report.findings.back().metric = report.findings.front().metric = name;
  for (RerunChange& change : report.changes) change.what = change.before = change.now = name;
  report.dirt = {name};
  report.findings[3].outcome = FindingOutcome::kDirty;
  return report;
}

}  // namespace fusesweep
