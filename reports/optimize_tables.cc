#include "reports/optimize_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "reports/optimize_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kManyRows = 16;  // beyond them a table is folded

TableCell text_cell(const std::string& text, Tone tone = Tone::kPlain) {
  return {.text = text.empty() ? "-" : shown(text), .tone = tone};
}

TableCell ms_cell(const std::optional<double>& ms) {
  return ms ? TableCell{.text = ms_text(*ms), .value = ms} : TableCell{.text = "-"};
}

TableCell relative_cell(const std::optional<double>& share) {
  return share ? TableCell{.text = signed_rel_text(*share), .value = share}
               : TableCell{.text = "-"};
}

TableCell count_cell(std::size_t count) {
  return {.text = fmt::format("{}", count), .value = static_cast<double>(count)};
}

TableColumn number_column(std::string title) {
  return {.title = std::move(title), .is_number = true};
}

std::string standing_of(const OptimizeReport& report, const PathFinding& path) {
  const bool is_tied = report.ties.size() > 1 && std::find(report.ties.begin(), report.ties.end(),
                                                           path.split) != report.ties.end();
  std::string text = path.is_measured ? "every shard measured" : "predicted in part";
  if (is_tied) text += ", may be the fastest";
  if (report.chosen == path.split) text += is_tied ? " and is preferred" : ", the fastest";
  return text;
}

void fold(DocumentTable& table) { table.is_detail = table.rows.size() > kManyRows; }

}  // namespace

DocumentTable best_table(const OptimizeReport& report) {
  DocumentTable table{
      .id = "best",
      .caption = fmt::format(
          "The fastest by the sum of their shards and boundaries; intervals at {:.4g} %.",
          100 * report.confidence),
      .columns = {{"Split"},
                  number_column("ms/token"),
                  number_column("Interval"),
                  number_column("None is faster by more than"),
                  {"Standing"}}};
  if (report.best.empty()) return table;
  double low = report.best.front().low_ms;
  double high = report.best.front().high_ms;
  for (const PathFinding& path : report.best) {
    low = std::min(low, path.low_ms);
    high = std::max(high, path.high_ms);
  }
  for (const PathFinding& path : report.best) {
    TableCell ms = ms_cell(path.ms);
    ms.mark = RangeMark{path.low_ms, path.ms, path.high_ms, low, high};
    table.rows.push_back(
        {text_cell(path.split),
         std::move(ms),
         {.text = fmt::format("{} to {}", ms_text(path.low_ms), ms_text(path.high_ms)),
          .value = path.low_ms},
         {.text = path.bound_rel ? rel_text(*path.bound_rel) : "-", .value = path.bound_rel},
         text_cell(standing_of(report, path),
                   report.chosen == path.split ? Tone::kGood : Tone::kPlain)});
  }
  return table;
}

DocumentTable measured_table(const OptimizeReport& report) {
  DocumentTable table{
      .id = "measured",
      .caption =
          "Segments that were measured. Against the best: time a layer, the boundary in it, "
          "against the best split's own.",
      .columns = {{"Segment"},
                  number_column("Layers"),
                  number_column("ms/token"),
                  number_column("sd, ms"),
                  number_column("ms a layer"),
                  number_column("Against the best")}};
  for (const SegmentFinding& finding : report.segments) {
    if (finding.standing != SegmentStanding::kMeasured) continue;
    const int layers = finding.segment.layers();
    table.rows.push_back({text_cell(to_text(finding.segment)),
                          count_cell(static_cast<std::size_t>(layers)), ms_cell(finding.ms),
                          ms_cell(finding.sd_ms),
                          ms_cell(finding.ms ? std::optional(*finding.ms / layers) : std::nullopt),
                          relative_cell(relative_cost(report, finding))});
  }
  fold(table);
  return table;
}

DocumentTable excluded_table(const OptimizeReport& report) {
  DocumentTable table{.id = "excluded",
                      .caption = "Segments that no split uses.",
                      .columns = {{"Reason"}, number_column("Segments"), {"The first"}}};
  struct Reason {
    std::string text;
    std::size_t segments = 0;
    Segment first;
  };
  std::vector<Reason> reasons;
  for (const SegmentFinding& finding : report.segments) {
    if (finding.standing != SegmentStanding::kExcluded) continue;
    auto known = std::find_if(reasons.begin(), reasons.end(),
                              [&](const Reason& reason) { return reason.text == finding.reason; });
    if (known == reasons.end()) {
      reasons.push_back({.text = finding.reason, .first = finding.segment});
      known = reasons.end() - 1;
    }
    ++known->segments;
  }
  for (const Reason& reason : reasons) {
    table.rows.push_back({text_cell(reason.text, Tone::kBad), count_cell(reason.segments),
                          text_cell(to_text(reason.first))});
  }
  fold(table);
  return table;
}

DocumentTable lengths_table(const OptimizeReport& report) {
  DocumentTable table{.id = "lengths",
                      .caption = "f(length): a segment of an average place, without its boundary.",
                      .columns = {number_column("Layers"), number_column("f, ms"),
                                  number_column("sd, ms"), number_column("ms a layer")}};
  if (!report.form) return table;
  for (std::size_t i = 0; i < report.form->length_ms.size(); ++i) {
    const double ms = report.form->length_ms[i];
    table.rows.push_back({count_cell(i + 1), ms_cell(ms), ms_cell(report.form->length_sd_ms[i]),
                          ms_cell(ms / static_cast<double>(i + 1))});
  }
  fold(table);
  return table;
}

DocumentTable places_table(const OptimizeReport& report) {
  DocumentTable table{.id = "places",
                      .caption = "Places that stand out, beyond two standard deviations.",
                      .columns = {{"Place"}, number_column("Effect, ms"), number_column("sd, ms")}};
  if (!report.form) return table;
  for (const PlaceEffect& place : report.form->places) {
    TableCell effect{.text = fmt::format("{}{}", place.ms > 0 ? "+" : "", ms_text(place.ms)),
                     .value = place.ms};
    table.rows.push_back({text_cell(place.what), std::move(effect), ms_cell(place.sd_ms)});
  }
  fold(table);
  return table;
}

}  // namespace fusesweep
