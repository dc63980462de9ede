#include "reports/trend_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "harness/base/utc_time.h"
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
constexpr double kDay = 86400;      // s
constexpr double kDayShare = 0.8;   // of a day, that its recorded runs stand in
constexpr double kStepToName = 0.04;

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

bool is_recorded(const TrendSeries& series) {
  return series.key.evidence == TrendEvidence::kRecorded;
}

// Where points stand: a record tells days, and its runs of a day stand beside one another.
std::vector<double> places_of(const TrendSeries& series) {
  std::vector<double> places;
  for (std::size_t i = 0; i < series.points.size() && series.points[i].unix_ms;) {
    std::size_t end = i + 1;
    while (is_recorded(series) && end < series.points.size() &&
           series.points[end].unix_ms == series.points[i].unix_ms)
      ++end;
    const auto together = static_cast<double>(end - i);
    for (std::size_t k = 0; i < end; ++i, ++k)
      places.push_back(seconds(series.points[i]) +
                       kDayShare * kDay * static_cast<double>(k) / together);
  }
  return places;
}

// Those with most points first. A recorded run is drawn once: among all of its record where that series is
// there, and the best so far is a line above them.
std::vector<const TrendSeries*> drawn_series(const TrendRows& rows) {
  std::vector<const TrendSeries*> series;
  const auto has_all = [&](const std::string& source) {
    return std::any_of(rows.series.begin(), rows.series.end(), [&](const TrendSeries& other) {
      return other.key.of == TrendOf::kAllSplits && other.key.source == source;
    });
  };
  for (const TrendSeries& one : rows.series) {
    const bool is_drawn_elsewhere =
        one.key.of == TrendOf::kBestSoFar ||
        (one.key.of == TrendOf::kSplit && is_recorded(one) && has_all(one.key.source));
    if (dated(one) > 0 && !is_drawn_elsewhere) series.push_back(&one);
  }
  std::stable_sort(series.begin(), series.end(),
                   [](const auto* a, const auto* b) { return dated(*a) > dated(*b); });
  return series;
}

bool is_one_host(const std::vector<const TrendSeries*>& series) {
  return std::all_of(series.begin(), series.end(), [&](const TrendSeries* one) {
    return one->key.host == series.front()->key.host;
  });
}

std::string unit_of(const TrendRows& rows) {
  const Metric* metric = find_metric(rows.metric);
  return metric != nullptr ? std::string(metric->unit) : rows.metric;
}

enum class Host { kSay, kLeaveOut };

std::string name_of(const TrendSeries& series, Host host) {
  if (series.key.of == TrendOf::kAllSplits) return "a run of any split, recorded";
  std::string name = shown(short_split(series.key.split), 24);
  if (!series.key.group.empty()) name += " " + shown(series.key.group, 12);
  if (host == Host::kSay && !series.key.host.empty()) name += " on " + shown(series.key.host, 16);
  if (is_recorded(series)) name += ", recorded";
  return name;
}

// "Recorded: from 8.140 to 17.203 tok/s, the best so far from 2026-04-27 to 2026-04-28".
std::string record_words(const TrendRows& rows) {
  for (const TrendSeries& series : rows.series) {
    if (series.key.of != TrendOf::kBestSoFar || series.points.size() < 2) continue;
    const TrendPoint& first = series.points.front();
    const TrendPoint& last = series.points.back();
    return fmt::format("Recorded: from {} to {} {}, the best so far from {} to {}",
                       fixed(first.value, 1), fixed(last.value, 1), unit_of(rows),
                       utc_day(*first.unix_ms), utc_day(*last.unix_ms));
  }
  return {};
}

std::string title_of(const TrendRows& rows) {
  const TrendChange* last = nullptr;
  const TrendSeries* of = nullptr;
  std::size_t changes = 0;
  std::size_t points = 0;
  for (const TrendSeries& series : rows.series) {
    points += series.points.size();
    if (series.key.of == TrendOf::kAllSplits) continue;  // not of one thing
    changes += series.changes.size();
    for (const TrendChange& change : series.changes) {
      if (last == nullptr || std::abs(change.size_rel) > std::abs(last->size_rel)) {
        last = &change;
        of = &series;
      }
    }
  }
  if (points == 0) return "Nothing was measured yet";
  if (last == nullptr && std::all_of(rows.series.begin(), rows.series.end(), is_recorded)) {
    if (const std::string record = record_words(rows); !record.empty()) return record;
  }
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

// Of a record, its best so far: the line, and the splits that it rose by.
struct BestSoFar {
  Rows line;
  std::string labels;
};

BestSoFar best_so_far(const TrendSeries& series, const std::vector<double>& places, int tag) {
  const Metric* metric = find_metric(series.key.metric);
  const bool is_lower_better = metric != nullptr && metric->better == Better::kLower;
  BestSoFar best;
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double value = series.points[i].value;
    const bool is_better = best.line.empty() || (is_lower_better ? value < best.line.back()[1]
                                                                 : value > best.line.back()[1]);
    if (is_better) {
      best.line.push_back({places[i], value});
      steps.push_back(i);
    }
  }
  if (!places.empty()) best.line.push_back({places.back(), best.line.back()[1]});
  double named = 0;  // the last value that has a name
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const TrendPoint& point = series.points[steps[k]];
    const bool is_last = k + 1 == steps.size();
    const double rest = std::abs(series.points[steps.back()].value / point.value - 1);
    const bool is_far = named == 0 || std::abs(point.value / named - 1) > kStepToName;
    if (!is_last && (!is_far || rest < kStepToName / 2)) continue;
    named = point.value;
    const std::string split = point.about.substr(0, point.about.find(','));
    // At the side of the line where no run can be.
    best.labels += fmt::format(
        "  set label {} {} at first {:.10g}, first {} right offset character -0.6, 0.7 noenhanced "
        "font ',10' textcolor rgb '{}' front\n",
        tag++,
        single_quoted(fmt::format("{} {}", fixed(point.value, 1), shown(short_split(split), 20))),
        places[steps[k]], figure(point.value), colour::kText);
  }
  return best;
}

std::string subtitle_of(std::size_t all, const std::vector<const TrendSeries*>& series) {
  if (series.empty()) return {};
  std::string text;
  if (is_one_host(series) && !series.front()->key.host.empty())
    text = shown(series.front()->key.host, 40) + " · ";
  const auto recorded = std::count_if(series.begin(), series.end(),
                                      [](const TrendSeries* one) { return is_recorded(*one); });
  if (recorded > 0)
    text +=
        "RECORDED: hollow triangles, others measured them; those of a day stand in the record's "
        "order";
  if (static_cast<std::size_t>(recorded) == series.size()) return text;
  if (recorded > 0) text += " · ";
  if (series.size() < all)
    text += fmt::format("the {} series with most points of {} · ", series.size(), all);
  return text +
         "large squares: changes; dotted: another toolchain or OS; band: before the first change";
}

}  // namespace

Plot trend_plot(const TrendRows& rows) {
  Plot plot{.name = "trend", .title = title_of(rows), .csv = trend_csv(rows)};
  plot.about = fmt::format("{} over time, with intervals, changes and their owners: {}.",
                           shown(rows.metric, 30), plot.title);
  std::vector<const TrendSeries*> series = drawn_series(rows);
  const std::size_t all = series.size();
  if (all > kMostSeries) series.resize(kMostSeries);
  Frame frame{.title = plot.title,
              .subtitle = subtitle_of(all, series),
              .size = {960, 480},
              .left = 11,
              .right = 5,
              .above = 2,
              .x_label = "date, UTC",
              .y_label = unit_of(rows)};
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
  std::string labels;
  Rows changes;
  std::vector<Layer> layers;
  double first = std::numeric_limits<double>::max();
  double last = 0;
  int tag = 200;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const TrendSeries& one = *series[i];
    const std::vector<double> places = places_of(one);
    Rows points;
    for (std::size_t k = 0; k < places.size(); ++k) {
      const TrendPoint& point = one.points[k];
      const Interval interval = point.interval.value_or(Interval{point.value, point.value});
      points.push_back({places[k], point.value, interval.low, interval.high});
    }
    first = std::min(first, places.front());
    last = std::max(last, places.back());
    const bool is_of_all = one.key.of == TrendOf::kAllSplits;
    for (const TrendChange& change : one.changes) {
      if (change.point < places.size() && !is_of_all)
        changes.push_back({places[change.point], one.points[change.point].value});
    }
    const std::string name = fmt::format("series{}", i);
    blocks += datablock(name, points);
    const Ink& ink = kInks[i];
    if (is_of_all) {
      const BestSoFar best = best_so_far(one, places, 300 + 100 * static_cast<int>(i));
      blocks += datablock(fmt::format("best{}", i), best.line);
      labels += best.labels;
      layers.push_back({fmt::format("$best{} using 1:2", i), "steps", ink.colour, 0, 0, 1,
                        "the best so far, recorded", "linewidth 2"});
    } else {
      layers.push_back({fmt::format("${} using 1:2", name), "lines", ink.colour, 0, 0, 1, "",
                        is_recorded(one) ? "dashtype 2" : ""});
    }
    layers.push_back({fmt::format("${} using {}", name, is_recorded(one) ? "1:2" : "1:2:3:4"),
                      is_recorded(one) ? "points" : "yerrorbars", ink.colour,
                      is_recorded(one) ? 8 : ink.mark, is_recorded(one) ? 'R' : ink.letter, 1.1,
                      name_of(one, host), ""});
    if (series.size() == 1 && !is_of_all) marks += band(one, 1);
    marks += events(one, tag);
  }
  blocks += datablock("changes", changes);
  if (!changes.empty())
    layers.push_back({"$changes using 1:2", "points", colour::kVermillion, 4, '!', 2.4, "a change",
                      "linewidth 2"});
  frame.key = key_of(layers);
  const double pad = std::max(3600.0, (last - first) * 0.03);
  const bool has_days = last - first > 3 * kDay ||
                        std::all_of(series.begin(), series.end(),
                                    [](const TrendSeries* one) { return is_recorded(*one); });
  plot.script =
      frame_commands(frame) + blocks +
      fmt::format(
          "set xdata time\nset timefmt '%s'\nset format x '{}'\n"
          "set xrange [{:.10g}:{:.10g}]\n",
          has_days ? "%Y-%m-%d" : "%m-%d %H:%M", labels.empty() ? first - pad : first - 3 * pad,
          last + pad) +
      (has_days && last - first < 8 * kDay ? fmt::format("set xtics {:.0f}\n", kDay) : "");
  if (!marks.empty() || !labels.empty())
    plot.script += fmt::format("if (!is_text) {{\n{}{}}}\n", marks, labels);
  plot.script += plot_command(layers);
  return plot;
}

}  // namespace fusesweep
