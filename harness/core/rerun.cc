#include "harness/core/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "harness/base/check.h"
#include "harness/core/report_json.h"

namespace fusesweep {
namespace {

using enum FindingOutcome;

constexpr std::array kForms = {RerunForm::kStrong, RerunForm::kWeak, RerunForm::kNotMeasured};
constexpr std::array kOutcomes = {kRegression, kImproved, kSame, kInconclusive, kDirty, kToldOnly};

Json to_json(const RerunFinding& finding) {
  return {{"split", or_null(finding.split)},
          {"metric", finding.metric},
          {"part", or_null(finding.part)},
          {"outcome", to_text(finding.outcome)},
          {"before", or_null(finding.before)},
          {"now", or_null(finding.now)},
          {"change_rel", or_null(finding.change_rel)},
          {"low_rel", or_null(finding.low_rel)},
          {"high_rel", or_null(finding.high_rel)},
          {"smallest_detectable_rel", or_null(finding.smallest_detectable_rel)},
          {"text", or_null(finding.text)}};
}

RerunFinding read_finding(const JsonField& field) {
  field.allow_only({"split", "metric", "part", "outcome", "before", "now", "change_rel", "low_rel",
                    "high_rel", "smallest_detectable_rel", "text"});
  RerunFinding finding{.split = read_text(field, "split"),
                       .metric = read_name(field.at("metric")),
                       .part = read_text(field, "part"),
                       .outcome = read_word(field.at("outcome"), kOutcomes),
                       .before = read_number(field, "before", -kMostNumber),
                       .now = read_number(field, "now", -kMostNumber),
                       .change_rel = read_number(field, "change_rel", -kMostNumber),
                       .low_rel = read_number(field, "low_rel", -kMostNumber),
                       .high_rel = read_number(field, "high_rel", -kMostNumber),
                       .smallest_detectable_rel = read_number(field, "smallest_detectable_rel", 0),
                       .text = read_text(field, "text")};
  if (finding.low_rel && finding.high_rel && *finding.low_rel > *finding.high_rel) {
    field.at("low_rel").reject(fmt::format("{}", *finding.low_rel),
                               fmt::format("at most high_rel, {}", *finding.high_rel));
  }
  return finding;
}

RerunChange read_change(const JsonField& field) {
  field.allow_only({"what", "before", "now"});
  return {.what = read_name(field.at("what")),
          .before = read_text(field, "before"),
          .now = read_text(field, "now")};
}

}  // namespace

std::string_view to_text(RerunForm form) {
  switch (form) {
    case RerunForm::kStrong:
      return "strong";
    case RerunForm::kWeak:
      return "weak";
    case RerunForm::kNotMeasured:
      return "not measured";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(FindingOutcome outcome) {
  switch (outcome) {
    case kRegression:
      return "regression";
    case kImproved:
      return "improved";
    case kSame:
      return "same";
    case kInconclusive:
      return "inconclusive";
    case kDirty:
      return "dirty";
    case kToldOnly:
      return "told only";
  }
  FUSESWEEP_UNREACHABLE();
}

FindingOutcome outcome_of(const RerunReport& report) {
  const auto has = [&](FindingOutcome outcome) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const RerunFinding& finding) { return finding.outcome == outcome; });
  };
  if (has(kRegression)) return kRegression;
  const bool is_form_good = report.form == RerunForm::kStrong ||
                            (report.form == RerunForm::kWeak && !report.is_strong_required);
  const bool is_judged = has(kImproved) || has(kSame);
  const bool is_clean = report.dirt.empty() && !has(kDirty);
  const bool is_whole = !report.is_interrupted && !has(kInconclusive);
  return is_form_good && is_judged && is_clean && is_whole ? kSame : kInconclusive;
}

Json to_json(const RerunReport& report) {
  Json findings = Json::array();
  for (const RerunFinding& finding : report.findings) findings.push_back(to_json(finding));
  Json changes = Json::array();
  for (const RerunChange& change : report.changes) {
    changes.push_back(
        {{"what", change.what}, {"before", or_null(change.before)}, {"now", or_null(change.now)}});
  }
  return {{"baseline", report.baseline},
          {"baseline_id", report.baseline_id},
          {"set_unix_ms", report.set_unix_ms},
          {"sweep", or_null(report.sweep)},
          {"model", report.model},
          {"runner", report.runner},
          {"form", to_text(report.form)},
          {"form_reason", or_null(report.form_reason)},
          {"cross_host", report.is_cross_host},
          {"strong_required", report.is_strong_required},
          {"findings", std::move(findings)},
          {"changes", std::move(changes)},
          {"cause", or_null(report.cause)},
          {"dirt", report.dirt},
          {"blocks", report.blocks},
          {"wanted_blocks", report.wanted_blocks},
          {"margin_rel", report.margin_rel},
          {"rule_out_rel", report.rule_out_rel},
          {"interrupted", report.is_interrupted}};
}

Result<RerunReport> read_rerun_report(const Json& json) {
  JsonReader reader(json, "rerun");
  const JsonField root = reader.root();
  root.allow_only({"baseline", "baseline_id", "set_unix_ms", "sweep", "model", "runner", "form",
                   "form_reason", "cross_host", "strong_required", "findings", "changes", "cause",
                   "dirt", "blocks", "wanted_blocks", "margin_rel", "rule_out_rel", "interrupted"});
  RerunReport report{
      .baseline = read_name(root.at("baseline")),
      .baseline_id = root.at("baseline_id").text(),
      .set_unix_ms = root.at("set_unix_ms").integer(0, std::numeric_limits<std::int64_t>::max()),
      .sweep = read_text(root, "sweep"),
      .model = root.at("model").text(),
      .runner = root.at("runner").text(),
      .form = read_word(root.at("form"), kForms),
      .form_reason = read_text(root, "form_reason"),
      .is_cross_host = root.at("cross_host").boolean(),
      .is_strong_required = root.at("strong_required").boolean(),
      .cause = read_text(root, "cause"),
      .blocks = read_count(root.at("blocks")),
      .wanted_blocks = read_count(root.at("wanted_blocks")),
      .margin_rel = root.at("margin_rel").number(0, kMostNumber),
      .rule_out_rel = root.at("rule_out_rel").number(0, kMostNumber),
      .is_interrupted = root.at("interrupted").boolean()};
  for (const JsonField& finding : root.at("findings").items())
    report.findings.push_back(read_finding(finding));
  for (const JsonField& change : root.at("changes").items())
    report.changes.push_back(read_change(change));
  for (const JsonField& dirt : root.at("dirt").items()) report.dirt.push_back(dirt.text());
  if (reader.error()) return fail(*reader.error());
  return report;
}

}  // namespace fusesweep
