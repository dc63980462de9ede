#include "harness/sweep/optimize_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <variant>

#include "harness/base/check.h"
#include "topologies/family.h"

namespace fusesweep {
namespace {

constexpr double kGap =
    2 * kMaxLayers;  // of a layer that no segment covers: more than any number of those
constexpr double kLeastSdRel = 1e-6;  // figures without a spread still have a weight

// The same segments, each of that cost.
SegmentTable with_cost(SegmentTable table, double cost) {
  table.reprice([cost](const Segment&) { return cost; });
  return table;
}

// The split of most shards, of at most so many.
std::optional<Split> most_shards(const SegmentTable& table, PathLimits limits,
                                 std::optional<int> most) {
  if (most) limits.shards = std::min(*most, limits.shards.value_or(*most));
  std::vector<Path> best = best_paths(with_cost(table, -1), limits, 1);
  if (best.empty()) return std::nullopt;
  return std::move(best.front().split);
}

std::vector<Split> front_fused(const std::string& tail, int n_layers) {
  const Result<Family> family = parse_family("front-fused:tail=" + tail, n_layers);
  if (!family || !std::holds_alternative<std::vector<Split>>(*family)) return {};
  return std::get<std::vector<Split>>(*family);
}

double variance_of(const WholeSplit& split) {
  const double least = kLeastSdRel * split.token_ms;
  return split.token_sd_ms * split.token_sd_ms + split.sum_sd_ms * split.sum_sd_ms + least * least;
}

double layers_ms(const WholeSplit& split) { return split.token_ms - split.rest_ms; }

}  // namespace

std::vector<Segment> choose_control(std::span<const Segment> segments, int n_layers) {
  SegmentTable table(n_layers);
  for (int layer = 0; layer < n_layers; ++layer) table.set({layer, layer + 1}, kGap);
  for (const Segment& segment : segments) table.set(segment, 1);
  const std::vector<Path> best = best_paths(table, {}, 1);
  FUSESWEEP_CHECK(!best.empty());
  std::vector<Segment> control;
  for (const Segment& segment : best.front().split.segments()) {
    if (std::find(segments.begin(), segments.end(), segment) != segments.end())
      control.push_back(segment);
  }
  return control;
}

std::vector<Split> splits_apart(const SegmentTable& table, const PathLimits& limits) {
  std::vector<Path> fewest = best_paths(with_cost(table, 1), limits, 1);
  if (fewest.empty()) return {};
  std::vector<Split> apart = {std::move(fewest.front().split)};
  const std::optional<Split> most = most_shards(table, limits, std::nullopt);
  FUSESWEEP_CHECK(most.has_value());
  const int low = apart.front().shards();
  const int high = most->shards();
  const std::optional<Split> between = most_shards(table, limits, (low + high) / 2);
  for (const std::optional<Split>& split : {between, most}) {
    if (split && split->shards() > apart.back().shards()) apart.push_back(*split);
  }
  return apart;
}

std::optional<BoundaryFit> fit_boundary(std::span<const WholeSplit> splits) {
  const bool has_several = std::any_of(splits.begin(), splits.end(), [&](const WholeSplit& split) {
    return split.shards != splits.front().shards;
  });
  if (!has_several) return std::nullopt;
  // Of the normal equations for scale and scale * shard_ms.
  double sum_sum = 0;
  double sum_shards = 0;
  double shards_shards = 0;
  double sum_layers = 0;
  double shards_layers = 0;
  double rest_ms = 0;
  for (const WholeSplit& split : splits) {
    const double weight = 1 / variance_of(split);
    sum_sum += weight * split.sum_ms * split.sum_ms;
    sum_shards += weight * split.sum_ms * split.shards;
    shards_shards += weight * split.shards * split.shards;
    sum_layers += weight * split.sum_ms * layers_ms(split);
    shards_layers += weight * split.shards * layers_ms(split);
    rest_ms += split.rest_ms / static_cast<double>(splits.size());
  }
  const double determinant = sum_sum * shards_shards - sum_shards * sum_shards;
  const double scale = (sum_layers * shards_shards - shards_layers * sum_shards) / determinant;
  const double slope = (sum_sum * shards_layers - sum_shards * sum_layers) / determinant;
  if (!std::isfinite(scale) || !std::isfinite(slope) || scale <= 0) return std::nullopt;
  double misfit = 0;
  for (const WholeSplit& split : splits) {
    const double off = layers_ms(split) - scale * split.sum_ms - slope * split.shards;
    misfit += off * off / variance_of(split);
  }
  const double freedom = static_cast<double>(splits.size()) - 2;
  const double widened = freedom > 0 ? std::max(1.0, misfit / freedom) : 1.0;
  return BoundaryFit{.shard_ms = slope / scale,
                     .shard_sd_ms = std::sqrt(widened * sum_sum / determinant) / scale,
                     .rest_ms = rest_ms / scale};
}

std::optional<Additivity> additivity_of(std::span<const WholeSplit> splits, std::size_t control,
                                        const BoundaryFit& fit) {
  const auto over_sum = [&](const WholeSplit& split) {
    return split.token_ms / (fit.rest_ms + split.sum_ms + fit.shard_ms * split.shards);
  };
  Additivity all;
  std::vector<double> errors;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (i == control) continue;
    errors.push_back(over_sum(splits[i]) / over_sum(splits[control]) - 1);
    if (all.worst.empty() || std::abs(errors.back()) > std::abs(all.largest_rel)) {
      all.largest_rel = errors.back();
      all.worst = splits[i].split;
    }
  }
  if (errors.empty()) return std::nullopt;
  all.splits = static_cast<int>(errors.size());
  for (const double error : errors) all.mean_rel += error / static_cast<double>(errors.size());
  if (errors.size() < 2) return all;
  double squares = 0;
  for (const double error : errors) squares += (error - all.mean_rel) * (error - all.mean_rel);
  all.sd_rel = std::sqrt(squares / static_cast<double>(errors.size() - 1));
  return all;
}

std::optional<Split> best_front_fused(const std::string& tail, const SegmentTable& costs,
                                      const PathLimits& limits) {
  std::optional<Split> best;
  double best_cost = HUGE_VAL;
  for (const Split& split : front_fused(tail, costs.n_layers())) {
    const std::optional<double> cost = cost_of(costs, split);
    if (!cost || *cost >= best_cost || split.shards() > limits.shards.value_or(kMaxLayers))
      continue;
    best = split;
    best_cost = *cost;
  }
  return best;
}

int builds_by_hand(const std::string& tail, int n_layers) {
  std::set<Segment> shards;
  for (const Split& split : front_fused(tail, n_layers)) {
    for (const Segment& segment : split.segments()) shards.insert(segment);
  }
  return static_cast<int>(shards.size());
}

}  // namespace fusesweep
