#include "reports/rerun_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/utc_time.h"
#include "reports/rerun_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

Tone tone_of(FindingOutcome outcome) {
  switch (outcome) {
    case FindingOutcome::kRegression:
      return Tone::kBad;
    case FindingOutcome::kImproved:
      return Tone::kGood;
    case FindingOutcome::kInconclusive:
    case FindingOutcome::kDirty:
      return Tone::kUnsure;
    case FindingOutcome::kSame:
    case FindingOutcome::kToldOnly:
      break;
  }
  return Tone::kPlain;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

TableCell detectable_cell(const RerunFinding& finding) {
  if (!finding.smallest_detectable_rel) return {.text = "-"};
  // A store may hold any number.
  const double share = std::min(*finding.smallest_detectable_rel, 1000.0);
  return {.text = share_text(share), .value = share};
}

std::vector<TableCell> row_of(const RerunFinding& finding) {
  return {{.text = or_dash(finding.split)},
          {.text = shown(finding.metric)},
          {.text = or_dash(finding.part)},
          {.text = figure_text(finding.metric, finding.before), .value = finding.before},
          {.text = figure_text(finding.metric, finding.now), .value = finding.now},
          {.text = change_text(finding), .value = finding.change_rel},
          {.text = interval_text(finding), .value = finding.low_rel},
          detectable_cell(finding),
          {.text = std::string(to_text(finding.outcome)), .tone = tone_of(finding.outcome)},
          {.text = or_dash(finding.text)}};
}

DocumentTable findings_table(std::string id, std::string caption) {
  return {.id = std::move(id),
          .caption = std::move(caption),
          .columns = {{"Split"},
                      {"Metric"},
                      {"Part"},
                      {"Then", true},
                      {"Now", true},
                      {"Change", true},
                      {"Interval", true},
                      {"Would be found", true},
                      {"Verdict"},
                      {"Remark"}}};
}

DocumentSection findings_section(const RerunReport& report) {
  DocumentSection section{.id = "findings-section", .title = "What was compared"};
  DocumentTable judged =
      findings_table("findings", "Judged. A change is a share of what was there before.");
  DocumentTable told =
      findings_table("told", "Told only: one number on either side judges nothing.");
  told.is_detail = true;
  for (const RerunFinding& finding : report.findings)
    (is_judged(finding) ? judged : told).rows.push_back(row_of(finding));
  if (judged.rows.empty()) section.sentences.emplace_back("Nothing was judged.");
  for (DocumentTable* table : {&judged, &told}) {
    if (!table->rows.empty()) section.tables.push_back(std::move(*table));
  }
  return section;
}

DocumentSection changes_section(const RerunReport& report) {
  DocumentSection section{.id = "changes-section", .title = "What has changed since"};
  if (report.changes.empty()) {
    section.sentences.emplace_back("Nothing that is known.");
    return section;
  }
  DocumentTable table{.id = "changes",
                      .caption = "Between the baseline and this rerun.",
                      .columns = {{"What"}, {"Then"}, {"Now"}}};
  const auto state = [](const std::string& text) {
    return TableCell{.text = text.empty() ? "not known" : shown(text)};
  };
  for (const RerunChange& change : report.changes)
    table.rows.push_back({{.text = shown(change.what)}, state(change.before), state(change.now)});
  section.tables.push_back(std::move(table));
  return section;
}

DocumentSection belief_section(const RerunReport& report) {
  DocumentSection section{.id = "belief", .title = "Can this be believed?"};
  if (report.is_interrupted) section.sentences.emplace_back("It was interrupted.");
  for (const std::string& dirt : report.dirt)
    section.sentences.push_back(fmt::format("Dirty: {}.", shown(dirt)));
  const bool is_any_dirty = std::any_of(
      report.findings.begin(), report.findings.end(),
      [](const RerunFinding& finding) { return finding.outcome == FindingOutcome::kDirty; });
  if (section.sentences.empty() && !is_any_dirty && report.form != RerunForm::kNotMeasured)
    section.sentences.emplace_back("What was measured is clean.");
  section.facts = {
      {"Form", std::string(to_text(report.form))},
      {"Blocks", fmt::format("{}", report.blocks)},
      {"A loss counts from", share_text(std::min(report.margin_rel, 1000.0))},
      {"Same needs to rule out a loss of", share_text(std::min(report.rule_out_rel, 1000.0))}};
  return section;
}

DocumentSection provenance_section(const RerunReport& report) {
  return {.id = "provenance",
          .title = "Provenance",
          .facts = {{"Baseline", shown(report.baseline)},
                    {"Its id", or_dash(report.baseline_id)},
                    {"Set", utc_time(report.set_unix_ms) + " UTC"},
                    {"This rerun", or_dash(report.sweep)},
                    {"Model", or_dash(report.model)},
                    {"Runner", or_dash(report.runner)}}};
}

std::vector<DocumentBadge> badges_of(const RerunReport& report) {
  std::vector<DocumentBadge> badges;
  switch (report.form) {
    case RerunForm::kStrong:
      badges.push_back({"strong form", Tone::kPlain});
      break;
    case RerunForm::kWeak:
      badges.push_back({"weak form", Tone::kUnsure});
      break;
    case RerunForm::kNotMeasured:
      badges.push_back({"not measured", Tone::kUnsure});
      break;
  }
  if (report.is_cross_host) badges.push_back({"another machine", Tone::kUnsure});
  if (report.is_interrupted) badges.push_back({"interrupted", Tone::kUnsure});
  if (!report.dirt.empty()) badges.push_back({"dirty", Tone::kBad});
  return badges;
}

// "likely cause: ..." with a capital and a full stop.
std::string as_sentence(std::string text) {
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + '.';
}

}  // namespace

Document rerun_document(const RerunReport& report) {
  const FindingOutcome outcome = outcome_of(report);
  Document document{.kind = "fusesweep, rerun of a baseline",
                    .subject = fmt::format("{}, {} on {}", shown(report.baseline),
                                           or_dash(report.model), or_dash(report.runner)),
                    .headline = headline(report),
                    .tone = outcome == FindingOutcome::kSame ? Tone::kGood : tone_of(outcome),
                    .badges = badges_of(report),
                    .lead = lead(report)};
  if (!report.cause.empty()) document.lead.push_back(as_sentence(report.cause));
  document.sections = {findings_section(report), changes_section(report), belief_section(report),
                       provenance_section(report)};
  return document;
}

Json rerun_json(const RerunReport& report) {
  Json json = json_document(kSchemaVersion);
  json["outcome"] = to_text(outcome_of(report));
  json["headline"] = headline(report);
  json.update(to_json(report));
  return json;
}

}  // namespace fusesweep
