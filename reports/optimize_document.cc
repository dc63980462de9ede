#include "reports/optimize_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "harness/base/utc_time.h"
#include "reports/answer_words.h"
#include "reports/optimize_tables.h"
#include "reports/optimize_words.h"
#include "reports/provenance_facts.h"
#include "reports/shown_text.h"
#include "reports/sweep_tables.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kLongestLine = 600;  // characters of a note: most of them stand as they are

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

void add_table(DocumentSection& section, DocumentTable table) {
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
}

Tone tone_of(const OptimizeReport& report) {
  if (report.is_recorded) return Tone::kRecorded;
  return report.chosen && answered_bound(report) ? Tone::kGood : Tone::kUnsure;
}

std::vector<DocumentBadge> badges_of(const OptimizeReport& report) {
  std::vector<DocumentBadge> badges;
  if (report.is_recorded) {
    badges.push_back({"recorded by others", Tone::kRecorded});
  } else {
    badges.push_back({"measured", Tone::kPlain});
    badges.push_back({std::string(to_text(report.end)),
                      report.end == SearchEnd::kProven ? Tone::kGood : Tone::kUnsure});
  }
  if (!report.emulated.empty()) {
    badges.push_back(
        {shown(fmt::format("emulated: {}", fmt::join(report.emulated, ", "))), Tone::kEmulated});
  }
  return badges;
}

std::vector<KeyFigure> key_figures(const OptimizeReport& report) {
  std::vector<KeyFigure> figures;
  if (const PathFinding* path = answered_path(report); path != nullptr)
    figures.push_back({"Its layers take", ms_text(path->ms), "ms", shown(path->split)});
  if (const std::optional<double> rel = answered_bound(report)) {
    const std::string bound = rel_text(*rel);
    figures.push_back({"None is faster by more than", bound.substr(0, bound.size() - 2), "%",
                       fmt::format("{} asked for", rel_text(report.regret_rel))});
  }
  if (!report.is_recorded) {
    figures.push_back({"Segments built", fmt::format("{}", report.effort.builds), "",
                       fmt::format("of {}", report.effort.segments)});
  }
  return figures;
}

// The sweep in which they were measured whole, and where its own page is.
DocumentSection verification_section(const OptimizeRows& rows, const std::string& extension) {
  DocumentSection section{.id = "verification-section", .title = "Measured whole"};
  if (!rows.verification) {
    section.sentences.push_back(
        rows.report.sweep.empty()
            ? std::string("No split was measured whole: nothing verifies the sums.")
            : fmt::format("The sweep that verified them, {}, is not in this store.",
                          shown(rows.report.sweep)));
    return section;
  }
  const SweepRows& sweep = *rows.verification;
  const std::string id = to_text(sweep.id);
  section.tables.push_back(
      {.id = "verification",
       .caption =
           "The best of them, and the best front-fused one, beside the control as in any sweep.",
       .columns = {{"Sweep"}, {"Began"}, {"Answer"}},
       .rows = {{{.text = id, .link = id + extension},
                 {.text = utc_time(sweep.started_unix_ms) + " UTC"},
                 {.text = headline(sweep)}}}});
  add_table(section, splits_table(sweep));
  return section;
}

DocumentSection best_section(const OptimizeReport& report) {
  DocumentSection section{.id = "best-section", .title = "The best by their segments"};
  add_table(section, best_table(report));
  if (section.tables.empty()) section.sentences.emplace_back("No split has a time.");
  section.facts.push_back({"Best front-fused split", or_dash(report.front_fused)});
  return section;
}

DocumentSection segments_section(const OptimizeReport& report) {
  DocumentSection section{.id = "segments-section", .title = "Segments"};
  const SegmentCounts counts = count_segments(report);
  section.sentences.push_back(
      fmt::format("{}: {} measured, {} predicted from those and never built, {} excluded.",
                  count_text(report.segments.size(), "segment"), counts.measured, counts.predicted,
                  counts.excluded));
  section.pictures = {"segments"};
  add_table(section, measured_table(report));
  add_table(section, excluded_table(report));
  return section;
}

std::string additivity_in_words(const Additivity& additivity) {
  std::string text = fmt::format(
      "{} measured whole, against their sums and beside the control: {} on average, the worst {}",
      count_text(static_cast<std::size_t>(additivity.splits), "split"),
      signed_rel_text(additivity.mean_rel), signed_rel_text(additivity.largest_rel));
  if (!additivity.worst.empty()) text += fmt::format(" ({})", shown(additivity.worst));
  if (additivity.sd_rel)
    text += fmt::format("; they differ among each other by {}", rel_text(*additivity.sd_rel));
  return text + ".";
}

DocumentSection form_section(const OptimizeReport& report) {
  DocumentSection section{.id = "form", .title = "What a segment costs"};
  if (!report.form) {
    section.sentences.emplace_back("No form was fitted.");
  } else {
    section.sentences.emplace_back(
        "Cost = boundary + f(length) + effects of its place + residual.");
    section.facts = {{"A boundary", fmt::format("{} ms, sd {}", ms_text(report.form->boundary_ms),
                                                ms_text(report.form->boundary_sd_ms))},
                     {"Residual", fmt::format("{} of an average layer's time",
                                              rel_text(report.form->residual_rel))}};
    if (report.form->places.empty())
      section.sentences.emplace_back(
          "No place stands out: neither the first shard, nor the last, nor a layer.");
    add_table(section, places_table(report));
    add_table(section, lengths_table(report));
  }
  section.sentences.push_back(report.additivity
                                  ? additivity_in_words(*report.additivity)
                                  : std::string("Whether times add up was not tested."));
  return section;
}

DocumentSection effort_section(const OptimizeReport& report) {
  const SearchEffort& effort = report.effort;
  return {
      .id = "effort",
      .title = "What it took",
      .facts = {{"Segments built",
                 fmt::format("{}, {} of them failed", effort.builds, effort.failed_builds)},
                {"Trials of segments", fmt::format("{}", effort.trials)},
                {"Time", duration_text(effort.seconds)},
                {"Segments that splits may have", fmt::format("{}", effort.segments)},
                {"Splits that they make up", or_dash(effort.splits)},
                {"By hand: builds of all front-fused splits with this tail",
                 fmt::format("{}", effort.builds_by_hand)},
                {"Exhaustive: measuring every split as long", duration_text(effort.exhaustive_s)}}};
}

DocumentSection lines_section(std::string id, std::string title,
                              const std::vector<std::string>& lines) {
  DocumentSection section{.id = std::move(id), .title = std::move(title)};
  for (const std::string& line : lines) section.sentences.push_back(shown(line, kLongestLine));
  return section;
}

}  // namespace

Document optimize_document(const OptimizeRows& rows, const std::string& extension,
                           std::int64_t created_unix_ms) {
  const OptimizeReport& report = rows.report;
  Document document{
      .kind = "fusesweep, search for the fastest split",
      .subject = fmt::format("{} on {}", or_dash(report.model), or_dash(report.runner)),
      .headline = headline(report),
      .tone = tone_of(report),
      .badges = badges_of(report),
      .lead = lead(report),
      .figures = key_figures(report)};
  if (!report.is_recorded)
    document.sections = {verification_section(rows, extension), best_section(report)};
  if (!report.advice.empty())
    document.sections.push_back(
        lines_section("advice", "What to build next: advice", report.advice));
  document.sections.push_back(segments_section(report));
  if (!report.is_recorded) {
    document.sections.push_back(form_section(report));
    document.sections.push_back(effort_section(report));
  }
  if (!report.notes.empty())
    document.sections.push_back(lines_section("notes", "What to know", report.notes));
  document.sections.push_back(
      provenance_section({"Search", rows.id, rows.started_unix_ms, rows.ended_unix_ms, report.model,
                          report.runner, rows.run}));
  document.footer = {fmt::format("Search {}, begun {} UTC. Report made {} UTC.", to_text(rows.id),
                                 utc_time(rows.started_unix_ms), utc_time(created_unix_ms))};
  return document;
}

Json optimize_json(const OptimizeRows& rows) {
  Json json = json_document(kSchemaVersion);
  json["id"] = to_text(rows.id);
  json["headline"] = headline(rows.report);
  json.update(to_json(rows.report));
  return json;
}

}  // namespace fusesweep
