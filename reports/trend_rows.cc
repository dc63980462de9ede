#include "reports/trend_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "harness/stats/change_points.h"
#include "harness/stats/quantile.h"

namespace fusesweep {
namespace {

constexpr std::array<std::string_view, 4> kMetrics = {"tok_per_s", "ms_per_token", "ttft_ms",
                                                      "group_ms"};

// Two series changed together when their changes are found at most so many points apart: noise moves
// the place where one is found.
constexpr std::size_t kSamePlace = 3;

bool is_near(std::size_t a, std::size_t b) { return (a > b ? a - b : b - a) <= kSamePlace; }

bool has_near(const std::vector<std::size_t>& places, std::size_t place) {
  return std::any_of(places.begin(), places.end(),
                     [&](std::size_t p) { return is_near(p, place); });
}

// Some of a series' points, and one figure of each.
struct Figures {
  std::vector<std::size_t> points;
  std::vector<double> values;
};

// The changes of such figures, by their place in the series. In logarithms, so that a change is a
// factor.
struct Changes {
  std::vector<TrendChange> changes;
  std::vector<std::size_t> places;
};

Changes changes_of(const Figures& figures) {
  std::vector<double> logs;
  logs.reserve(figures.values.size());
  for (const double value : figures.values) logs.push_back(std::log(value));
  Changes found;
  for (const ChangePoint& change : find_change_points(logs)) {
    const double before = std::exp(change.before);
    const double after = std::exp(change.after);
    const std::size_t place = figures.points[change.first];
    found.changes.push_back(
        {.point = place, .before = before, .after = after, .size_rel = after / before - 1});
    found.places.push_back(place);
  }
  return found;
}

void append(Changes& to, const Changes& from) {
  to.changes.insert(to.changes.end(), from.changes.begin(), from.changes.end());
  to.places.insert(to.places.end(), from.places.begin(), from.places.end());
}

// Ratios to different controls are different figures: each control's are looked at for themselves.
struct ByControl {
  Figures ratio;
  Figures control;
};

ChangeOwner owner_of(std::size_t place, const Changes& ratio, const Changes& control) {
  if (has_near(ratio.places, place)) return ChangeOwner::kSplit;
  if (has_near(control.places, place)) return ChangeOwner::kMachine;
  return ChangeOwner::kUnknown;
}

void find_changes(TrendSeries& series) {
  Figures values;
  std::map<std::string, ByControl> by_control;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const TrendPoint& point = series.points[i];
    if (!point.unix_ms) continue;
    values.points.push_back(i);
    values.values.push_back(point.value);
    if (!point.ratio || !point.control) continue;
    ByControl& same = by_control[point.control_split];
    same.ratio.points.push_back(i);
    same.ratio.values.push_back(*point.ratio);
    same.control.points.push_back(i);
    same.control.values.push_back(*point.control);
  }
  const Changes value = changes_of(values);
  Changes ratio;
  Changes control;
  for (const auto& [name, figures] : by_control) {
    append(ratio, changes_of(figures.ratio));
    append(control, changes_of(figures.control));
  }
  series.changes = value.changes;
  for (TrendChange& change : series.changes) change.owner = owner_of(change.point, ratio, control);
  for (TrendChange change : ratio.changes) {
    if (has_near(value.places, change.point)) continue;
    change.in_ratio = true;
    change.owner =
        has_near(control.places, change.point) ? ChangeOwner::kControl : ChangeOwner::kSplit;
    series.changes.push_back(change);
  }
  std::stable_sort(series.changes.begin(), series.changes.end(),
                   [](const TrendChange& a, const TrendChange& b) { return a.point < b.point; });
}

void find_events(TrendSeries& series) {
  for (std::size_t i = 1; i < series.points.size(); ++i) {
    const TrendPoint& before = series.points[i - 1];
    const TrendPoint& after = series.points[i];
    const auto compare = [&](const char* what, const std::string& from, const std::string& to) {
      if (!from.empty() && !to.empty() && from != to) series.events.push_back({i, what, from, to});
    };
    compare("toolchain", before.toolchain, after.toolchain);
    compare("OS", before.os, after.os);
    compare("program", before.program, after.program);
    compare("control", before.control_split, after.control_split);
  }
}

// Which trials lie about changes of one owner.
std::set<std::string> trials_about(const std::vector<TrendSeries>& all, ChangeOwner owner) {
  std::set<std::string> trials;
  for (const TrendSeries& series : all) {
    for (const TrendChange& change : series.changes) {
      if (change.owner != owner) continue;
      const std::size_t end = std::min(change.point + kSamePlace + 1, series.points.size());
      for (std::size_t i = change.point - std::min(change.point, kSamePlace); i < end; ++i) {
        if (!series.points[i].trial.empty()) trials.insert(series.points[i].trial);
      }
    }
  }
  return trials;
}

// A control has no control of its own: those that it was the control of tell whose change it was.
void judge_controls(std::vector<TrendSeries>& all) {
  const std::set<std::string> machine = trials_about(all, ChangeOwner::kMachine);
  const std::set<std::string> control = trials_about(all, ChangeOwner::kControl);
  for (TrendSeries& series : all) {
    for (TrendChange& change : series.changes) {
      const TrendPoint& point = series.points[change.point];
      if (change.owner != ChangeOwner::kUnknown || point.ratio) continue;
      if (control.contains(point.trial)) {
        change.owner = ChangeOwner::kSplit;
      } else if (machine.contains(point.trial)) {
        change.owner = ChangeOwner::kMachine;
      }
    }
  }
}

}  // namespace

std::string_view to_text(TrendEvidence evidence) {
  switch (evidence) {
    case TrendEvidence::kMeasured:
      return "measured";
    case TrendEvidence::kRecorded:
      return "recorded";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(ChangeOwner owner) {
  switch (owner) {
    case ChangeOwner::kSplit:
      return "the split";
    case ChangeOwner::kMachine:
      return "the machine";
    case ChangeOwner::kControl:
      return "the control";
    case ChangeOwner::kUnknown:
      return "not told";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<void> check_trend_query(const TrendQuery& query) {
  if (std::find(kMetrics.begin(), kMetrics.end(), query.metric) != kMetrics.end()) return {};
  return invalid_input(fmt::format("metric: found {}, want one of {}", quote(query.metric),
                                   fmt::join(kMetrics, ", ")));
}

void judge_trend(TrendRows& rows) {
  for (TrendSeries& series : rows.series) {
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const TrendPoint& a, const TrendPoint& b) {
                       if (!a.unix_ms || !b.unix_ms) return a.unix_ms.has_value() && !b.unix_ms;
                       return *a.unix_ms < *b.unix_ms;
                     });
    series.changes.clear();
    series.events.clear();
    if (series.key.of != TrendOf::kBestSoFar) find_changes(series);
    find_events(series);
  }
  judge_controls(rows.series);
}

}  // namespace fusesweep
