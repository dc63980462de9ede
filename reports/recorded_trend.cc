#include "reports/recorded_trend.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "harness/core/contract.h"
#include "results/recorded_rows.h"

namespace fusesweep {
namespace {

constexpr const char* kAllSplits = "all splits";
constexpr const char* kBestSoFar = "best so far";

TrendKey key_of(const RecordedRunRow& row, const TrendQuery& query) {
  return {.evidence = TrendEvidence::kRecorded,
          .source = row.facts,
          .host = row.device,
          .runner = row.accelerator,
          .model = row.model,
          .workload = std::string(to_text(row.encoding)),
          .metric = query.metric};
}

std::string about(const RecordedRunRow& row) {
  std::string text = fmt::format("{}, rope_dim {}", row.split, row.rope_dim);
  const auto model = known_model(row.model);
  if (model && model->rope_dim != row.rope_dim) text += " (old contract)";
  if (row.decode_tokens) text += fmt::format(", {} tokens", *row.decode_tokens);
  if (!row.note.empty()) text += ", " + row.note;
  return text;
}

TrendPoint point_of(const RecordedRunRow& row, double value) {
  return {.unix_ms = row.date_unix_ms,
          .value = value,
          .run = row.source,
          .os = row.os,
          .about = about(row)};
}

class Collector {
 public:
  explicit Collector(const TrendQuery& query) : query_(query) {}

  void add(const RecordedRunRow& row) {
    if (query_.model && *query_.model != row.model) return;
    if (query_.host && *query_.host != row.device) return;
    if (query_.metric == "group_ms") {
      for (const RecordedGroupRow& group : row.groups)
        add_of_split(row, group.ms_per_token, group.group);
      return;
    }
    if (!(row.tok_per_s > 0)) return;
    if (query_.metric == "tok_per_s") add_all(row, row.tok_per_s);
    if (query_.metric == "ms_per_token") add_all(row, 1e3 / row.tok_per_s);
  }

  std::vector<TrendSeries> take() {
    std::vector<TrendSeries> series;
    for (auto& [key, points] : points_) {
      if (key.of == TrendOf::kBestSoFar) keep_best(points);
      if (query_.since_unix_ms) {
        std::erase_if(points, [&](const TrendPoint& point) {
          return !point.unix_ms || *point.unix_ms < *query_.since_unix_ms;
        });
      }
      if (!points.empty()) series.push_back({.key = key, .points = std::move(points)});
    }
    return series;
  }

 private:
  void add_all(const RecordedRunRow& row, double value) {
    add_of_split(row, value, "");
    if (query_.split) return;
    TrendKey key = key_of(row, query_);
    key.of = TrendOf::kAllSplits;
    key.split = kAllSplits;
    points_[key].push_back(point_of(row, value));
    if (!row.date_unix_ms) return;
    key.of = TrendOf::kBestSoFar;
    key.split = kBestSoFar;
    points_[key].push_back(point_of(row, value));
  }

  void add_of_split(const RecordedRunRow& row, double value, const std::string& group) {
    if (query_.split && *query_.split != row.split) return;
    if (!(value > 0)) return;
    TrendKey key = key_of(row, query_);
    key.split = row.split;
    key.group = group;
    // Shards of another rope_dim are those of another model.
    key.workload += fmt::format(" rope_dim={}", row.rope_dim);
    points_[key].push_back(point_of(row, value));
  }

  void keep_best(std::vector<TrendPoint>& points) const {
    std::stable_sort(points.begin(), points.end(), [](const TrendPoint& a, const TrendPoint& b) {
      return *a.unix_ms < *b.unix_ms;
    });
    std::vector<TrendPoint> best;
    for (TrendPoint& point : points) {
      const bool is_better =
          best.empty() || (query_.metric == "tok_per_s" ? point.value > best.back().value
                                                        : point.value < best.back().value);
      if (is_better) best.push_back(std::move(point));
    }
    points = std::move(best);
  }

  const TrendQuery& query_;
  std::map<TrendKey, std::vector<TrendPoint>> points_;
};

}  // namespace

std::vector<TrendSeries> recorded_series(const std::vector<RecordedRunRow>& rows,
                                         const TrendQuery& query) {
  Collector collector(query);
  for (const RecordedRunRow& row : rows) collector.add(row);
  return collector.take();
}

Result<TrendRows> recorded_trend(const RecordedFacts& facts, const TrendQuery& query) {
  if (auto checked = check_trend_query(query); !checked) return fail(std::move(checked).error());
  TrendRows rows{.metric = query.metric, .series = recorded_series(recorded_rows(facts), query)};
  judge_trend(rows);
  return rows;
}

}  // namespace fusesweep
