#include "harness/core/optimize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/base/check.h"
#include "harness/core/report_json.h"

namespace fusesweep {
namespace {

constexpr std::array kStandings = {SegmentStanding::kMeasured, SegmentStanding::kPredicted,
                                   SegmentStanding::kExcluded};
constexpr std::array kEnds = {
    SearchEnd::kProven, SearchEnd::kBuildsSpent, SearchEnd::kTimeSpent,  SearchEnd::kNothingLeft,
    SearchEnd::kNoPath, SearchEnd::kInterrupted, SearchEnd::kNotMeasured};

Json to_json(const SegmentFinding& finding) {
  return {{"begin", finding.segment.begin},
          {"end", finding.segment.end},
          {"standing", to_text(finding.standing)},
          {"reason", or_null(finding.reason)},
          {"ms", or_null(finding.ms)},
          {"sd_ms", or_null(finding.sd_ms)}};
}

// Within the model, and behind the segments before it.
SegmentFinding read_segment(const JsonField& field, int n_layers,
                            const std::vector<SegmentFinding>& before) {
  field.allow_only({"begin", "end", "standing", "reason", "ms", "sd_ms"});
  const int begin = static_cast<int>(field.at("begin").integer(0, std::max(0, n_layers - 1)));
  const int end = static_cast<int>(field.at("end").integer(begin + 1, n_layers));
  SegmentFinding finding{.segment = {begin, end},
                         .standing = read_word(field.at("standing"), kStandings),
                         .reason = read_text(field, "reason"),
                         .ms = read_number(field, "ms", -kMostNumber),
                         .sd_ms = read_number(field, "sd_ms", 0)};
  if (!before.empty() && !(before.back().segment < finding.segment)) {
    field.reject(to_text(finding.segment),
                 fmt::format("one behind {}", to_text(before.back().segment)));
  }
  return finding;
}

Json to_json(const PathFinding& path) {
  return {{"split", path.split},          {"ms", path.ms},
          {"low_ms", path.low_ms},        {"high_ms", path.high_ms},
          {"measured", path.is_measured}, {"bound_rel", or_null(path.bound_rel)}};
}

PathFinding read_path(const JsonField& field) {
  field.allow_only({"split", "ms", "low_ms", "high_ms", "measured", "bound_rel"});
  PathFinding path{.split = read_name(field.at("split")),
                   .ms = read_finite(field.at("ms")),
                   .low_ms = read_finite(field.at("low_ms")),
                   .high_ms = read_finite(field.at("high_ms")),
                   .is_measured = field.at("measured").boolean(),
                   .bound_rel = read_number(field, "bound_rel", 0)};
  if (path.low_ms > path.high_ms) {
    field.at("low_ms").reject(fmt::format("{}", path.low_ms),
                              fmt::format("at most high_ms, {}", path.high_ms));
  }
  return path;
}

Json to_json(const CostForm& form) {
  Json places = Json::array();
  for (const PlaceEffect& place : form.places)
    places.push_back({{"what", place.what}, {"ms", place.ms}, {"sd_ms", place.sd_ms}});
  return {{"boundary_ms", form.boundary_ms}, {"boundary_sd_ms", form.boundary_sd_ms},
          {"length_ms", form.length_ms},     {"length_sd_ms", form.length_sd_ms},
          {"places", std::move(places)},     {"residual_rel", form.residual_rel}};
}

CostForm read_form(const JsonField& field) {
  field.allow_only(
      {"boundary_ms", "boundary_sd_ms", "length_ms", "length_sd_ms", "places", "residual_rel"});
  CostForm form{.boundary_ms = read_finite(field.at("boundary_ms")),
                .boundary_sd_ms = field.at("boundary_sd_ms").number(0, kMostNumber),
                .residual_rel = field.at("residual_rel").number(0, kMostNumber)};
  for (const JsonField& ms : field.at("length_ms").items())
    form.length_ms.push_back(read_finite(ms));
  for (const JsonField& sd_ms : field.at("length_sd_ms").items())
    form.length_sd_ms.push_back(sd_ms.number(0, kMostNumber));
  if (form.length_sd_ms.size() != form.length_ms.size()) {
    field.at("length_sd_ms")
        .reject(fmt::format("{} of them", form.length_sd_ms.size()),
                fmt::format("one for each of length_ms, {}", form.length_ms.size()));
  }
  for (const JsonField& place : field.at("places").items()) {
    place.allow_only({"what", "ms", "sd_ms"});
    form.places.push_back({.what = read_name(place.at("what")),
                           .ms = read_finite(place.at("ms")),
                           .sd_ms = place.at("sd_ms").number(0, kMostNumber)});
  }
  return form;
}

Json to_json(const Additivity& additivity) {
  return {{"splits", additivity.splits},
          {"mean_rel", additivity.mean_rel},
          {"largest_rel", additivity.largest_rel},
          {"worst", or_null(additivity.worst)},
          {"sd_rel", or_null(additivity.sd_rel)}};
}

Additivity read_additivity(const JsonField& field) {
  field.allow_only({"splits", "mean_rel", "largest_rel", "worst", "sd_rel"});
  return {.splits = read_count(field.at("splits")),
          .mean_rel = read_finite(field.at("mean_rel")),
          .largest_rel = read_finite(field.at("largest_rel")),
          .worst = read_text(field, "worst"),
          .sd_rel = read_number(field, "sd_rel", 0)};
}

Json to_json(const SearchEffort& effort) {
  return {{"builds", effort.builds},
          {"failed_builds", effort.failed_builds},
          {"trials", effort.trials},
          {"seconds", effort.seconds},
          {"segments", effort.segments},
          {"splits", or_null(effort.splits)},
          {"builds_by_hand", effort.builds_by_hand},
          {"exhaustive_s", effort.exhaustive_s}};
}

std::string read_digits(const JsonField& of, std::string_view key) {
  std::string digits = read_text(of, key);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return '0' <= c && c <= '9'; }))
    of.at(key).reject(quote(digits), "decimal digits");
  return digits;
}

SearchEffort read_effort(const JsonField& field) {
  field.allow_only({"builds", "failed_builds", "trials", "seconds", "segments", "splits",
                    "builds_by_hand", "exhaustive_s"});
  return {.builds = read_count(field.at("builds")),
          .failed_builds = read_count(field.at("failed_builds")),
          .trials = read_count(field.at("trials")),
          .seconds = field.at("seconds").number(0, kMostNumber),
          .segments = read_count(field.at("segments")),
          .splits = read_digits(field, "splits"),
          .builds_by_hand = read_count(field.at("builds_by_hand")),
          .exhaustive_s = field.at("exhaustive_s").number(0, kMostNumber)};
}

std::vector<std::string> read_texts(const JsonField& field) {
  std::vector<std::string> texts;
  for (const JsonField& text : field.items()) texts.push_back(text.text());
  return texts;
}

}  // namespace

std::string_view to_text(SegmentStanding standing) {
  switch (standing) {
    case SegmentStanding::kMeasured:
      return "measured";
    case SegmentStanding::kPredicted:
      return "predicted";
    case SegmentStanding::kExcluded:
      return "excluded";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(SearchEnd end) {
  switch (end) {
    case SearchEnd::kProven:
      return "proven";
    case SearchEnd::kBuildsSpent:
      return "builds spent";
    case SearchEnd::kTimeSpent:
      return "time spent";
    case SearchEnd::kNothingLeft:
      return "nothing left";
    case SearchEnd::kNoPath:
      return "no path";
    case SearchEnd::kInterrupted:
      return "interrupted";
    case SearchEnd::kNotMeasured:
      return "not measured";
  }
  FUSESWEEP_UNREACHABLE();
}

Json to_json(const OptimizeReport& report) {
  Json best = Json::array();
  for (const PathFinding& path : report.best) best.push_back(to_json(path));
  Json segments = Json::array();
  for (const SegmentFinding& segment : report.segments) segments.push_back(to_json(segment));
  return {{"model", report.model},
          {"runner", report.runner},
          {"n_layers", report.n_layers},
          {"recorded", report.is_recorded},
          {"emulated", report.emulated},
          {"confidence", report.confidence},
          {"regret_rel", report.regret_rel},
          {"end", to_text(report.end)},
          {"bound_rel", or_null(report.bound_rel)},
          {"best", std::move(best)},
          {"segments", std::move(segments)},
          {"form", report.form ? to_json(*report.form) : Json(nullptr)},
          {"additivity", report.additivity ? to_json(*report.additivity) : Json(nullptr)},
          {"effort", to_json(report.effort)},
          {"chosen", report.chosen ? Json(*report.chosen) : Json(nullptr)},
          {"ties", report.ties},
          {"front_fused", or_null(report.front_fused)},
          {"sweep", or_null(report.sweep)},
          {"notes", report.notes},
          {"advice", report.advice}};
}

Result<OptimizeReport> read_optimize_report(const Json& json) {
  JsonReader reader(json, "optimize");
  const JsonField root = reader.root();
  root.allow_only({"model",      "runner",      "n_layers",   "recorded",  "emulated",
                   "confidence", "regret_rel",  "end",        "bound_rel", "best",
                   "segments",   "form",        "additivity", "effort",    "chosen",
                   "ties",       "front_fused", "sweep",      "notes",     "advice"});
  OptimizeReport report{.model = root.at("model").text(),
                        .runner = root.at("runner").text(),
                        .n_layers = static_cast<int>(root.at("n_layers").integer(0, kMaxLayers)),
                        .is_recorded = root.at("recorded").boolean(),
                        .emulated = read_texts(root.at("emulated")),
                        .confidence = root.at("confidence").number(0, 1),
                        .regret_rel = root.at("regret_rel").number(0, kMostNumber),
                        .end = read_word(root.at("end"), kEnds),
                        .bound_rel = read_number(root, "bound_rel", 0)};
  for (const JsonField& path : root.at("best").items()) report.best.push_back(read_path(path));
  for (const JsonField& segment : root.at("segments").items())
    report.segments.push_back(read_segment(segment, report.n_layers, report.segments));
  if (const auto form = root.find("form")) report.form = read_form(*form);
  if (const auto additivity = root.find("additivity"))
    report.additivity = read_additivity(*additivity);
  report.effort = read_effort(root.at("effort"));
  if (const auto chosen = root.find("chosen")) report.chosen = read_name(*chosen);
  report.ties = read_texts(root.at("ties"));
  report.front_fused = read_text(root, "front_fused");
  report.sweep = read_text(root, "sweep");
  report.notes = read_texts(root.at("notes"));
  report.advice = read_texts(root.at("advice"));
  if (reader.error()) return fail(*reader.error());
  return report;
}

}  // namespace fusesweep
