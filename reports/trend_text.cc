#include "reports/trend_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/core/metric.h"
#include "reports/csv.h"
#include "reports/shown_text.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr const char* kAbsent = "-";
constexpr std::size_t kCellCharacters = 48;  // of a name; the middle of a longer one is left out
constexpr std::size_t kPartCharacters = 120;

std::string day_of(const std::optional<std::int64_t>& unix_ms) {
  return unix_ms ? utc_day(*unix_ms) : kAbsent;
}

std::string name_of(const TrendKey& key) {
  const std::string split = shown(short_split(key.split), kCellCharacters);
  return key.group.empty() ? split : split + ' ' + shown(key.group, kCellCharacters);
}

// What the series of a table have in common.
std::string common_of(const TrendKey& key) {
  std::string text =
      fmt::format("{}, {}", to_text(key.evidence), shown(key.source, kCellCharacters));
  for (const std::string* part : {&key.host, &key.runner, &key.model, &key.workload}) {
    if (!part->empty()) text += "; " + shown(*part, kPartCharacters);
  }
  return text;
}

// The same for a reader who may see two tables of models or options that are called the same.
std::string identity_of(const TrendKey& key) {
  return common_of(key) + '\n' + key.model_hash + '\n' + key.contract_hash + '\n' +
         key.options_hash;
}

std::string told_apart(const TrendKey& key, const TrendRows& rows) {
  const bool is_alone =
      std::all_of(rows.series.begin(), rows.series.end(), [&](const TrendSeries& other) {
        return common_of(other.key) != common_of(key) || identity_of(other.key) == identity_of(key);
      });
  if (is_alone) return common_of(key);
  return fmt::format(
      "{}; model {} contract {} options {}", common_of(key), one_line(key.model_hash).substr(0, 8),
      one_line(key.contract_hash).substr(0, 8), one_line(key.options_hash).substr(0, 8));
}

using Lines = std::vector<std::vector<std::string>>;

std::vector<std::string> line_of(const TrendSeries& series) {
  const std::vector<TrendPoint>& points = series.points;
  const auto undated = std::count_if(points.begin(), points.end(),
                                     [](const TrendPoint& point) { return !point.unix_ms; });
  const auto dated = points.size() - static_cast<std::size_t>(undated);
  std::vector<std::string> line = {name_of(series.key), std::to_string(points.size())};
  if (dated == 0) {
    line.insert(line.end(), {kAbsent, kAbsent, kAbsent, fixed(points.back().value, 3)});
  } else {
    const TrendPoint& last = points[dated - 1];
    line.insert(line.end(), {day_of(points.front().unix_ms), day_of(last.unix_ms),
                             fixed(points.front().value, 3), fixed(last.value, 3)});
  }
  if (series.changes.empty()) {
    line.insert(line.end(), {kAbsent, kAbsent, kAbsent});
  } else {
    const TrendChange& change = series.changes.back();
    line.insert(line.end(),
                {day_of(points[change.point].unix_ms),
                 signed_share_text(change.size_rel) + (change.in_ratio ? " of control" : ""),
                 std::string(to_text(change.owner))});
  }
  return line;
}

// One table and what is said below it.
struct Section {
  std::string title;
  Lines lines;  // the first has the names of the columns
  std::vector<std::string> below;
};

std::string event_text(const TrendSeries& series, const TrendEvent& event) {
  return fmt::format("{} {}: {} -> {}", day_of(series.points[event.point].unix_ms), event.what,
                     shown(event.from, kPartCharacters), shown(event.to, kPartCharacters));
}

// The text begins with a split, whose equal neighbours are counted.
std::string shortened(const std::string& about) {
  const std::size_t end = about.find(',');
  if (end == std::string::npos) return about;
  return short_split(about.substr(0, end)) + about.substr(end);
}

std::vector<Section> sections_of(const TrendRows& rows) {
  std::vector<Section> sections;
  std::string identity;
  std::set<std::string> said;
  for (const TrendSeries& series : rows.series) {
    if (series.points.empty()) continue;
    if (sections.empty() || identity_of(series.key) != identity) {
      identity = identity_of(series.key);
      said.clear();
      sections.push_back({.title = told_apart(series.key, rows), .lines = {}, .below = {}});
      sections.back().lines.push_back(
          {"split", "points", "from", "to", "first", "latest", "last change", "by", "whose"});
    }
    Section& section = sections.back();
    section.lines.push_back(line_of(series));
    if (series.key.of == TrendOf::kBestSoFar) {
      for (const TrendPoint& point : series.points) {
        section.below.push_back(fmt::format(
            "best so far, {}: {} {} by {}", to_text(series.key.evidence), day_of(point.unix_ms),
            fixed(point.value, 3), shown(shortened(point.about), kPartCharacters)));
      }
    }
    for (const TrendEvent& event : series.events) {
      std::string text = event_text(series, event);
      if (said.insert(text).second) section.below.push_back(std::move(text));
    }
  }
  return sections;
}

std::string aligned(const Lines& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], characters(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row = " ";
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string space(widths[i] - characters(line[i]), ' ');
      const bool is_number = i == 1 || i == 4 || i == 5 || i == 7;
      row += ' ' + (is_number ? space + line[i] : line[i] + space) + ' ';
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

std::string heading_of(const TrendRows& rows) {
  const Metric* metric = find_metric(rows.metric);
  if (metric == nullptr) return rows.metric;
  return metric->better == Better::kNeither
             ? rows.metric
             : fmt::format("{}, {} is better", rows.metric, to_text(metric->better));
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json or_null(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string_view name_of(TrendOf of) {
  switch (of) {
    case TrendOf::kSplit:
      return "split";
    case TrendOf::kAllSplits:
      return "all splits";
    case TrendOf::kBestSoFar:
      return "best so far";
  }
  FUSESWEEP_UNREACHABLE();
}

Json to_json(const TrendPoint& point) {
  return {{"unix_ms", point.unix_ms ? Json(*point.unix_ms) : Json(nullptr)},
          {"value", point.value},
          {"interval", or_null(point.interval)},
          {"control", or_null(point.control)},
          {"control_split", text_or_null(point.control_split)},
          {"ratio", or_null(point.ratio)},
          {"ratio_interval", or_null(point.ratio_interval)},
          {"trial", text_or_null(point.trial)},
          {"run", text_or_null(point.run)},
          {"toolchain", text_or_null(point.toolchain)},
          {"os", text_or_null(point.os)},
          {"program", text_or_null(point.program)},
          {"about", text_or_null(point.about)}};
}

Json to_json(const TrendSeries& series) {
  const TrendKey& key = series.key;
  Json json = {{"evidence", to_text(key.evidence)},
               {"source", key.source},
               {"host", text_or_null(key.host)},
               {"runner", text_or_null(key.runner)},
               {"model", text_or_null(key.model)},
               {"model_hash", text_or_null(key.model_hash)},
               {"contract_hash", text_or_null(key.contract_hash)},
               {"workload", key.workload},
               {"options_hash", text_or_null(key.options_hash)},
               {"metric", key.metric},
               {"group", text_or_null(key.group)},
               {"of", name_of(key.of)},
               {"split", key.split}};
  Json& points = json["points"] = Json::array();
  for (const TrendPoint& point : series.points) points.push_back(to_json(point));
  Json& changes = json["changes"] = Json::array();
  for (const TrendChange& change : series.changes) {
    changes.push_back({{"point", change.point},
                       {"in_ratio", change.in_ratio},
                       {"before", change.before},
                       {"after", change.after},
                       {"size_rel", change.size_rel},
                       {"owner", to_text(change.owner)}});
  }
  Json& events = json["events"] = Json::array();
  for (const TrendEvent& event : series.events) {
    events.push_back(
        {{"point", event.point}, {"what", event.what}, {"from", event.from}, {"to", event.to}});
  }
  return json;
}

template <typename T>
const T* at_point(const std::vector<T>& marks, std::size_t point) {
  const auto found =
      std::find_if(marks.begin(), marks.end(), [&](const T& mark) { return mark.point == point; });
  return found == marks.end() ? nullptr : &*found;
}

CsvCell low_of(const std::optional<Interval>& interval) {
  return interval ? CsvCell(interval->low) : CsvCell();
}

CsvCell high_of(const std::optional<Interval>& interval) {
  return interval ? CsvCell(interval->high) : CsvCell();
}

}  // namespace

std::string short_split(std::string_view split) {
  const Result<Split> parsed = parse_split(split);
  if (!parsed) return std::string(split);
  const std::span<const int> lengths = parsed->lengths();
  std::string text;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t next = i;
    while (next < lengths.size() && lengths[next] == lengths[i]) ++next;
    if (i > 0) text += '+';
    if (next - i >= 3) {
      text += fmt::format("{}x{}", next - i, lengths[i]);
    } else {
      text += std::to_string(lengths[i]);
      if (next - i == 2) text += '+' + std::to_string(lengths[i]);
    }
    i = next;
  }
  return text;
}

std::string trend_table(const TrendRows& rows) {
  std::string text = heading_of(rows) + '\n';
  for (const Section& section : sections_of(rows)) {
    text += '\n' + section.title + '\n' + aligned(section.lines);
    for (const std::string& line : section.below) text += "    " + line + '\n';
  }
  return text;
}

std::string trend_csv(const TrendRows& rows) {
  CsvTable table{
      .columns =
          {"evidence",   "source",        "host",          "runner",          "model",
           "model_hash", "contract_hash", "workload",      "options_hash",    "metric",
           "group",      "split",         "unix_ms",       "value",           "low",
           "high",       "control",       "control_split", "ratio",           "ratio_low",
           "ratio_high", "run",           "trial",         "toolchain",       "os",
           "program",    "about",         "change_rel",    "change_in_ratio", "change_owner"},
      .rows = {}};
  for (const TrendSeries& series : rows.series) {
    const TrendKey& key = series.key;
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const TrendPoint& point = series.points[i];
      const TrendChange* change = at_point(series.changes, i);
      std::vector<CsvCell> row = {std::string(to_text(key.evidence)),
                                  key.source,
                                  key.host,
                                  key.runner,
                                  key.model,
                                  key.model_hash,
                                  key.contract_hash,
                                  key.workload,
                                  key.options_hash,
                                  key.metric,
                                  key.group,
                                  key.split,
                                  csv_cell(point.unix_ms),
                                  point.value,
                                  low_of(point.interval),
                                  high_of(point.interval),
                                  csv_cell(point.control),
                                  point.control_split,
                                  csv_cell(point.ratio),
                                  low_of(point.ratio_interval),
                                  high_of(point.ratio_interval),
                                  point.run,
                                  point.trial,
                                  point.toolchain,
                                  point.os,
                                  point.program,
                                  point.about};
      if (change != nullptr) {
        row.insert(row.end(),
                   {CsvCell(change->size_rel), CsvCell(std::int64_t{change->in_ratio ? 1 : 0}),
                    CsvCell(std::string(to_text(change->owner)))});
      }
      row.resize(table.columns.size());
      table.rows.push_back(std::move(row));
    }
  }
  return to_csv(table);
}

Json trend_json(const TrendRows& rows) {
  Json json = json_document(1);
  const Metric* metric = find_metric(rows.metric);
  json["metric"] = rows.metric;
  json["unit"] = metric == nullptr ? Json(nullptr) : Json(metric->unit);
  json["better"] = metric == nullptr ? Json(nullptr) : Json(to_text(metric->better));
  Json& series = json["series"] = Json::array();
  for (const TrendSeries& one : rows.series) series.push_back(to_json(one));
  return json;
}

}  // namespace fusesweep
