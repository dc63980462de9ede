// Searches for the fastest split as reports see them, made by hand: one of each kind of answer.
#pragma once

#include <string>
#include <utility>

#include "reports/optimize_rows.h"
#include "tests/reports/sample_sweep.h"

namespace fusesweep {

// f(length), with a little of its own for every segment, so that no two are alike.
inline double sample_ms(const Segment& segment) {
  return 0.4 + 0.5 * segment.layers() + 0.01 * ((segment.begin * 7 + segment.end * 3) % 5);
}

// Every segment of so many layers; those longer than `cliff` are excluded, every `measured_step`th of the others
// is measured.
inline std::vector<SegmentFinding> sample_segments(int n_layers, int cliff, int measured_step) {
  std::vector<SegmentFinding> segments;
  int number = 0;
  for (int begin = 0; begin < n_layers; ++begin) {
    for (int end = begin + 1; end <= n_layers; ++end) {
      const Segment segment{begin, end};
      if (segment.layers() > cliff) {
        segments.push_back({.segment = segment,
                            .standing = SegmentStanding::kExcluded,
                            .reason = "longer than the longest resident shard"});
        continue;
      }
      const bool is_measured = number++ % measured_step == 0;
      segments.push_back(
          {.segment = segment,
           .standing = is_measured ? SegmentStanding::kMeasured : SegmentStanding::kPredicted,
           .ms = sample_ms(segment),
           .sd_ms = is_measured ? 0.004 : 0.03});
    }
  }
  return segments;
}

// 16+16 is proven to be within 0.8 % of the best, and was measured whole.
inline OptimizeRows proven_optimize() {
  OptimizeRows rows{.started_unix_ms = 1'700'000'000'123, .ended_unix_ms = 1'700'000'090'123};
  for (std::size_t i = 0; i < 16; ++i) rows.id.data[i] = static_cast<std::uint8_t>(0x20 + i);
  rows.run.start = sample_sweep_rows().run.start;
  rows.run.start.arguments = {"optimize", "--regret", "1%"};
  rows.verification = sample_sweep_rows();
  OptimizeReport& report = rows.report;
  report = {
      .model = "nano",
      .runner = "cpu",
      .n_layers = 32,
      .emulated = {"residency_limit_bytes"},
      .confidence = 0.95,
      .regret_rel = 0.01,
      .end = SearchEnd::kProven,
      .bound_rel = 0.008,
      .best =
          {{.split = "16+16",
            .ms = 16.84,
            .low_ms = 16.79,
            .high_ms = 16.89,
            .is_measured = true,
            .bound_rel = 0.008},
           {.split = "21+11", .ms = 16.86, .low_ms = 16.71, .high_ms = 17.01, .bound_rel = 0.017},
           {.split = "16+8+8",
            .ms = 17.28,
            .low_ms = 17.21,
            .high_ms = 17.35,
            .is_measured = true,
            .bound_rel = 0.041}},
      .segments = sample_segments(32, 21, 9),
      .form = CostForm{.boundary_ms = 0.02,
                       .boundary_sd_ms = 0.005,
                       .length_ms = {0.9, 1.4, 1.9},
                       .length_sd_ms = {0.01, 0.012, 0.013},
                       .places = {{.what = "layer 17", .ms = 0.061, .sd_ms = 0.011},
                                  {.what = "last shard", .ms = -0.03, .sd_ms = 0.009}},
                       .residual_rel = 0.012},
      .additivity = Additivity{.splits = 4,
                               .mean_rel = 0.0021,
                               .largest_rel = -0.0064,
                               .worst = "16+8+8",
                               .sd_rel = 0.003},
      .effort = {.builds = 48,
                 .failed_builds = 3,
                 .trials = 6,
                 .seconds = 88.25,
                 .segments = 465,
                 .splits = "2147438592",
                 .builds_by_hand = 14,
                 .exhaustive_s = 2.1e10},
      .chosen = "16+16",
      .ties = {"16+16"},
      .front_fused = "16+8+6+2",
      .sweep = to_text(rows.verification->id),
      .notes = {"[24,32) is excluded: its output was not finite"}};
  return rows;
}

// The time was spent, and several may be the fastest.
inline OptimizeRows tied_optimize() {
  OptimizeRows rows = proven_optimize();
  rows.report.end = SearchEnd::kTimeSpent;
  rows.report.bound_rel = rows.report.best[0].bound_rel = 0.023;
  rows.report.ties = {"16+16", "21+11", "16+8+8", "12+20", "20+12"};
  return rows;
}

// No verification, and nothing but the search itself.
inline OptimizeRows unverified_optimize() {
  OptimizeRows rows = proven_optimize();
  rows.verification.reset();
  rows.report.end = SearchEnd::kBuildsSpent;
  rows.report.chosen.reset();
  rows.report.ties.clear();
  rows.report.sweep.clear();
  rows.report.additivity.reset();
  rows.report.form->places.clear();
  rows.report.notes.clear();
  return rows;
}

inline OptimizeRows recorded_optimize() {
  OptimizeRows rows = proven_optimize();
  rows.verification.reset();
  rows.report = {.model = "phi4-mini",
                 .runner = "replay:phi4-mini-m4max",
                 .n_layers = 32,
                 .is_recorded = true,
                 .confidence = 0.95,
                 .regret_rel = 0.01,
                 .segments = {{.segment = {0, 24},
                               .standing = SegmentStanding::kExcluded,
                               .reason = "not resident"},
                              {.segment = {24, 32},
                               .standing = SegmentStanding::kExcluded,
                               .reason = "its output was NaN or infinite"}},
                 .ties = {"12+12+6+2", "16+8+6+2"},
                 .notes = {"on record 2 splits tie: 12+12+6+2, 16+8+6+2"},
                 .advice = {"advice, not a finding: try 20+12"}};
  return rows;
}

// Every segment failed.
inline OptimizeRows hopeless_optimize() {
  OptimizeRows rows = unverified_optimize();
  rows.report.end = SearchEnd::kNoPath;
  rows.report.bound_rel.reset();
  rows.report.best.clear();
  rows.report.form.reset();
  rows.report.front_fused.clear();
  for (SegmentFinding& finding : rows.report.segments) {
    finding = {.segment = finding.segment,
               .standing = SegmentStanding::kExcluded,
               .reason = "it did not build"};
  }
  return rows;
}

// 126 layers, 8,001 segments.
inline OptimizeRows deep_optimize() {
  OptimizeRows rows = proven_optimize();
  rows.report.n_layers = 126;
  rows.report.segments = sample_segments(126, 40, 60);
  rows.report.best = {{.split = "40+40+40+6", .ms = 64.8, .low_ms = 64.5, .high_ms = 65.1}};
  rows.report.chosen = "40+40+40+6";
  rows.report.ties = {"40+40+40+6"};
  return rows;
}

// Every text that may come from outside.
inline OptimizeRows optimize_named(const std::string& name) {
  OptimizeRows rows = tied_optimize();
  OptimizeReport& report = rows.report;
  report.model = report.runner = report.front_fused = report.sweep = name;
  report.emulated = report.notes = report.advice = {name};
  report.chosen = name;
  for (std::string& tie : report.ties) tie = name;
  for (PathFinding& path : report.best) path.split = name;
  for (SegmentFinding& finding : report.segments) {
    if (finding.standing == SegmentStanding::kExcluded) finding.reason = name;
  }
  for (PlaceEffect& place : report.form->places) place.what = name;
  report.additivity->worst = name;
  rows.verification->splits[0].name = rows.verification->splits[0].split = name;
  rows.run.start.arguments = {name};
  return rows;
}

}  // namespace fusesweep
