#include "reports/trend_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "harness/core/metric.h"
#include "harness/stats/quantile.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/shown_text.h"
#include "reports/trend_text.h"

namespace fusesweep {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr std::size_t kMostSeries = 6;
constexpr std::size_t kMostEvents = 12;
constexpr std::size_t kFewForBand = 5;
constexpr double kBandShare = 0.9;  // of the points before the first change

struct Ink {
  std::string_view colour;
  int mark;
  char letter;
};
constexpr std::array<Ink, kMostSeries> kInks = {{{colour::kBlue, 7, 'a'},
                                                 {colour::kVermillion, 5, 'b'},
                                                 {colour::kGreen, 13, 'c'},
                                                 {colour::kPurple, 11, 'd'},
                                                 {colour::kText, 6, 'e'},
                                                 {colour::kSky, 4, 'f'}}};

std::size_t dated(const TrendSeries& series) {
  return static_cast<std::size_t>(
      std::count_if(series.points.begin(), series.points.end(),
                    [](const TrendPoint& point) { return point.unix_ms.has_value(); }));
}

double seconds(const TrendPoint& point) { return static_cast<double>(*point.unix_ms) / 1000; }

// Those with most points first.
std::vector<const TrendSeries*> drawn_series(const TrendRows& rows) {
  std::vector<const TrendSeries*> series;
  for (const TrendSeries& one : rows.series) {
    if (dated(one) > 0) series.push_back(&one);
  }
  std::stable_sort(series.begin(), series.end(),
                   [](const auto* a, const auto* b) { return dated(*a) > dated(*b); });
  if (series.size() > kMostSeries) series.resize(kMostSeries);
  return series;
}

bool is_one_host(const std::vector<const TrendSeries*>& series) {
  return std::all_of(series.begin(), series.end(), [&](const TrendSeries* one) {
    return one->key.host == series.front()->key.host;
  });
}

enum class Host { kSay, kLeaveOut };

std::string name_of(const TrendSeries& series, Host host) {
  std::string name = shown(series.key.split, 24);
  if (!series.key.group.empty()) name += " " + shown(series.key.group, 12);
  if (host == Host::kSay && !series.key.host.empty()) name += " on " + shown(series.key.host, 16);
  if (series.key.evidence == TrendEvidence::kRecorded) name += ", recorded";
  return name;
}

std::string title_of(const TrendRows& rows) {
  const TrendChange* last = nullptr;
  const TrendSeries* of = nullptr;
  std::size_t changes = 0;
  std::size_t points = 0;
  for (const TrendSeries& series : rows.series) {
    points += series.points.size();
    changes += series.changes.size();
    for (const TrendChange& change : series.changes) {
      if (last == nullptr || std::abs(change.size_rel) > std::abs(last->size_rel)) {
        last = &change;
        of = &series;
      }
    }
  }
  if (points == 0) return "Nothing was measured yet";
  if (last == nullptr)
    return fmt::format("No change in {} of {} series", count_text(points, "point"),
                       rows.series.size());
  const std::string whose = last->owner == ChangeOwner::kUnknown
                                ? std::string("whose is not told")
                                : fmt::format("that of {}", to_text(last->owner));
  return fmt::format("{}: the largest is {:+.1f} % of {}, {}", count_text(changes, "change"),
                     100 * last->size_rel, shown(of->key.split, 24), whose);
}

// What the points before the first change span: nine tenths of them.
std::string band(const TrendSeries& series, int object) {
  const std::size_t until = series.changes.empty() ? dated(series) : series.changes.front().point;
  std::vector<double> values;
  for (std::size_t i = 0; i < std::min(until, series.points.size()); ++i) {
    if (series.points[i].unix_ms) values.push_back(series.points[i].value);
  }
  if (values.size() < kFewForBand) return {};
  const double low = *quantile(values, (1 - kBandShare) / 2);
  const double high = *quantile(values, (1 + kBandShare) / 2);
  return fmt::format(
      "  set object {} rectangle from graph 0, first {} to graph 1, first {} behind fillcolor rgb "
      "'{}' fillstyle solid 1 noborder\n",
      object, figure(low), figure(high), colour::kTieBand);
}

std::string events(const TrendSeries& series, int& tag) {
  std::string text;
  for (const TrendEvent& event : series.events) {
    if (event.what != "toolchain" && event.what != "OS") continue;
    if (event.point >= series.points.size() || !series.points[event.point].unix_ms) continue;
    if (tag >= 200 + static_cast<int>(kMostEvents)) break;
    text += fmt::format(
        "  set arrow {0} from first {1:.10g}, graph 0 to first {1:.10g}, graph 1 nohead back "
        "dashtype 3 "
        "linecolor rgb '{2}'\n"
        "  set label {0} {3} at first {1:.10g}, graph 1 offset character 0, 0.5 left noenhanced "
        "font ',9' textcolor rgb '{2}'\n",
        tag, seconds(series.points[event.point]), colour::kMuted,
        single_quoted(fmt::format("{}: {}", event.what, shown(event.to, 20))));
    ++tag;
  }
  return text;
}

std::string subtitle_of(const TrendRows& rows, const std::vector<const TrendSeries*>& series) {
  if (series.empty()) return {};
  std::string text;
  if (is_one_host(series) && !series.front()->key.host.empty())
    text = shown(series.front()->key.host, 40) + " · ";
  if (std::any_of(series.begin(), series.end(), [](const TrendSeries* one) {
        return one->key.evidence == TrendEvidence::kRecorded;
      }))
    text += "RECORDED: hollow triangles, others measured them · ";
  if (series.size() < rows.series.size())
    text +=
        fmt::format("the {} series with most points of {} · ", series.size(), rows.series.size());
  return text +
         "large squares: changes; dotted: another toolchain or OS; band: before the first change";
}

}  // namespace

Plot trend_plot(const TrendRows& rows) {
  Plot plot{.name = "trend", .title = title_of(rows), .csv = trend_csv(rows)};
  const Metric* metric = find_metric(rows.metric);
  const std::string unit = metric != nullptr ? std::string(metric->unit) : rows.metric;
  plot.about = fmt::format("{} over time, with intervals, changes and their owners: {}.",
                           shown(rows.metric, 30), plot.title);
  const std::vector<const TrendSeries*> series = drawn_series(rows);
  Frame frame{.title = plot.title,
              .subtitle = subtitle_of(rows, series),
              .size = {960, 480},
              .left = 11,
              .right = 5,
              .above = 2,
              .x_label = "date, UTC",
              .y_label = unit};
  plot.size = frame.size;
  plot.text_size = {80, 28};
  if (series.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No point has a date.");
    return plot;
  }
  const Host host = is_one_host(series) ? Host::kLeaveOut : Host::kSay;
  std::string blocks;
  std::string marks;
  Rows changes;
  std::vector<Layer> layers;
  double first = std::numeric_limits<double>::max();
  double last = 0;
  int tag = 200;
  for (std::size_t i = 0; i < series.size(); ++i) {
    Rows points;
    for (const TrendPoint& point : series[i]->points) {
      if (!point.unix_ms) continue;
      const Interval interval = point.interval.value_or(Interval{point.value, point.value});
      points.push_back({seconds(point), point.value, interval.low, interval.high});
      first = std::min(first, seconds(point));
      last = std::max(last, seconds(point));
    }
    for (const TrendChange& change : series[i]->changes) {
      const TrendPoint& point = series[i]->points[change.point];
      if (point.unix_ms) changes.push_back({seconds(point), point.value});
    }
    const std::string name = fmt::format("series{}", i);
    blocks += datablock(name, points);
    const bool is_recorded = series[i]->key.evidence == TrendEvidence::kRecorded;
    layers.push_back({fmt::format("${} using 1:2", name), "lines", kInks[i].colour, 0, 0, 1, "",
                      is_recorded ? "dashtype 2" : ""});
    layers.push_back({fmt::format("${} using 1:2:3:4", name), "yerrorbars", kInks[i].colour,
                      is_recorded ? 8 : kInks[i].mark, is_recorded ? 'R' : kInks[i].letter, 1.1,
                      name_of(*series[i], host), ""});
    if (series.size() == 1) marks += band(*series[i], 1);
    marks += events(*series[i], tag);
  }
  blocks += datablock("changes", changes);
  if (!changes.empty())
    layers.push_back({"$changes using 1:2", "points", colour::kVermillion, 4, '!', 2.4, "a change",
                      "linewidth 2"});
  frame.key = key_of(layers);
  const double pad = std::max(3600.0, (last - first) * 0.03);
  plot.script =
      frame_commands(frame) + blocks +
      fmt::format(
          "set xdata time\nset timefmt '%s'\nset format x '{}'\n"
          "set xrange [{:.10g}:{:.10g}]\n",
          last - first > 3 * 86400.0 ? "%Y-%m-%d" : "%m-%d %H:%M", first - pad, last + pad) +
      (marks.empty() ? "" : fmt::format("if (!is_text) {{\n{}}}\n", marks)) + plot_command(layers);
  return plot;
}

}  // namespace fusesweep
