#include "harness/plan/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <span>
#include <utility>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"
#include "harness/stats/quantile.h"

namespace fusesweep {
namespace {

constexpr double kLeastMs = 1e-12;  // of a token, to divide by
constexpr double kStandsOut = 2;    // standard deviations of a place's effect

// A way with as many shards as are allowed, of the most equal lengths: squares add up to least there.
std::optional<Split> most_equal(SegmentTable table, const PathLimits& limits) {
  table.reprice([](const Segment& segment) { return std::pow(segment.layers(), 2); });
  std::vector<Path> best = best_paths(table, limits, 1);
  if (best.empty()) return std::nullopt;
  return std::move(best.front().split);
}

std::optional<int> fewest_shards(SegmentTable table, const PathLimits& limits) {
  table.reprice([](const Segment&) { return 1; });
  const std::vector<Path> best = best_paths(table, limits, 1);
  if (best.empty()) return std::nullopt;
  return best.front().split.shards();
}

}  // namespace

// What every decision looks at: costs of all usable segments, drawn together, and the best split of each.
struct Optimizer::Draws {
  std::vector<Segment> segments;
  std::vector<double> costs;  // draw after draw, boundaries in them
  std::vector<Split> best;    // by draw
  std::vector<double> best_ms;

  std::span<const double> of(std::size_t draw) const {
    return {costs.data() + draw * segments.size(), segments.size()};
  }
  std::size_t place(const Segment& segment) const {
    const auto found = std::lower_bound(segments.begin(), segments.end(), segment);
    return static_cast<std::size_t>(found - segments.begin());
  }
  double ms(const Split& split, std::size_t draw) const {
    double sum = 0;
    for (const Segment& segment : split.segments()) sum += of(draw)[place(segment)];
    return sum;
  }
};

Optimizer::Optimizer(OptimizeQuestion question)
    : question_(std::move(question)), usable_(question_.usable) {
  FUSESWEEP_CHECK(question_.regret_rel > 0 && question_.max_builds > 0 && question_.batch > 0);
  FUSESWEEP_CHECK(question_.confidence > 0 && question_.confidence < 1 && question_.draws > 0);
  input_.n_layers = usable_.n_layers();
  learn();
  plan();
}

void Optimizer::know(const std::vector<Segment>& built, const std::vector<SegmentFailure>& failed) {
  FUSESWEEP_CHECK(trials() == 0);
  built_.insert(built.begin(), built.end());
  observe({.failures = failed, .costs = {}});
}

void Optimizer::observe(const SegmentAnswers& answers) {
  for (const SegmentFailure& failure : answers.failures) {
    failures_.push_back(failure);
    built_.erase(failure.segment);
    for (const Segment& segment : usable_.usable()) {
      if (segment == failure.segment || (failure.is_residency && holds(segment, failure.segment)))
        usable_.forbid(segment);
    }
  }
  const int trial = trials();
  for (const SegmentAnswers::Cost& cost : answers.costs) {
    built_.insert(cost.segment);
    measured_.insert(cost.segment);
    input_.observations.push_back({cost.segment, cost.ms, cost.sd_rel, trial});
  }
  if (!answers.costs.empty()) {
    input_.trial_sd_rel.push_back(answers.trial_sd_rel);
    model_.emplace(input_);
  }
  learn();
  plan();
}

void Optimizer::learn() {
  considered_ = usable_.usable();
  if (model_) known_ = model_->estimate(considered_);
}

void Optimizer::set_boundary(double shard_ms, double shard_sd_ms, double rest_ms) {
  shard_ms_ = shard_ms;
  shard_sd_ms_ = shard_sd_ms;
  rest_ms_ = rest_ms;
  plan();
}

void Optimizer::stop(SearchEnd why) {
  is_stopped_ = true;
  finish(why);
}

void Optimizer::finish(SearchEnd why) {
  next_.clear();
  end_ = why;
}

void Optimizer::plan() {
  if (is_stopped_) return;
  next_.clear();
  end_ = SearchEnd::kInterrupted;
  if (best_paths(usable_, question_.limits, 1).empty()) {
    bound_rel_.reset();
    return finish(SearchEnd::kNoPath);
  }
  if (!model_) return begin();

  const std::vector<Path> incumbent = best_paths(means(true), question_.limits, 1);
  const Draws draws = draw();
  if (incumbent.empty()) {  // then the best of what is expected is worth building first
    bound_rel_.reset();
    const std::vector<Path> expected = best_paths(means(false), question_.limits, 1);
    return ask(draws, expected.front().split);
  }
  bound_rel_ = *quantile(regrets(draws, incumbent.front().split), question_.confidence);
  if (*bound_rel_ <= question_.regret_rel) return finish(SearchEnd::kProven);
  ask(draws, incumbent.front().split);
}

// By how much each draw's best beats the split, of a token's time.
std::vector<double> Optimizer::regrets(const Draws& draws, const Split& split) const {
  std::vector<double> regrets;
  for (std::size_t d = 0; d < draws.best.size(); ++d) {
    regrets.push_back((draws.ms(split, d) - draws.best_ms[d]) /
                      std::max(draws.best_ms[d] + rest_ms_, kLeastMs));
  }
  return regrets;
}

// Splits of equal shards, with the fewest that are allowed, one more, and twice as many as that: lengths that
// lie apart, and splits that can be measured whole.
std::vector<Segment> Optimizer::equal_splits() const {
  std::set<Segment> wanted;
  const int fewest = fewest_shards(usable_, question_.limits).value();
  for (const int shards : {fewest, fewest + 1, 2 * (fewest + 1)}) {
    PathLimits limits = question_.limits;
    limits.shards = std::min(shards, limits.shards.value_or(shards));
    if (const std::optional<Split> split = most_equal(usable_, limits)) {
      for (const Segment& segment : split->segments()) wanted.insert(segment);
    }
  }
  return {wanted.begin(), wanted.end()};
}

void Optimizer::begin() {
  std::set<Segment> wanted;
  for (const Segment& segment : built_) {
    if (usable_.cost(segment)) wanted.insert(segment);
  }
  for (const Segment& segment : equal_splits()) wanted.insert(segment);
  next_.assign(wanted.begin(), wanted.end());
}

// One for all shards of a draw. The draws go through its distribution in equal steps, in an order that has
// nothing to do with theirs.
double Optimizer::boundary_of(std::size_t draw) const {
  const double level = std::fmod((static_cast<double>(draw) + 0.5) * std::numbers::phi, 1.0);
  return shard_ms_ + shard_sd_ms_ * normal_quantile(level);
}

Optimizer::Draws Optimizer::draw() const {
  Draws draws{.segments = considered_, .costs = {}, .best = {}, .best_ms = {}};
  const auto seed = question_.seed + input_.observations.size();
  draws.costs = model_->draw(draws.segments, question_.draws, seed);
  SegmentTable table = usable_;
  for (std::size_t d = 0; d < question_.draws; ++d) {
    const double boundary = boundary_of(d);
    for (std::size_t s = 0; s < draws.segments.size(); ++s) {
      double& cost = draws.costs[d * draws.segments.size() + s];
      cost = std::max(0.0, cost + boundary);  // far from what was seen the form knows no better
      table.set(draws.segments[s], cost, table.bytes(draws.segments[s]));
    }
    std::vector<Path> best = best_paths(table, question_.limits, 1);
    draws.best_ms.push_back(best.front().cost);
    draws.best.push_back(std::move(best.front().split));
  }
  return draws;
}

// What most narrows the answer. Where a draw's best beats the incumbent, the difference is one of the segments
// that only one of the two has; each of those is credited with the gain by its share of what is uncertain.
void Optimizer::ask(const Draws& draws, const Split& incumbent) {
  std::vector<double> scores(draws.segments.size());
  const std::vector<Segment> held = incumbent.segments();
  for (std::size_t d = 0; d < draws.best.size(); ++d) {
    const double gain = draws.ms(incumbent, d) - draws.best_ms[d];
    std::vector<Segment> apart;
    const std::vector<Segment> best = draws.best[d].segments();
    std::set_symmetric_difference(best.begin(), best.end(), held.begin(), held.end(),
                                  std::back_inserter(apart));
    double uncertain = 0;
    for (const Segment& segment : apart) uncertain += std::pow(known_[draws.place(segment)].sd, 2);
    if (gain <= 0 || uncertain <= 0) continue;
    for (const Segment& segment : apart) {
      const std::size_t place = draws.place(segment);
      scores[place] += gain * std::pow(known_[place].sd, 2) / uncertain;
    }
  }
  // A split that is to be the first that is measured whole needs all of its segments.
  for (const Segment& segment : held) {
    if (!is_measured(segment)) scores[draws.place(segment)] = HUGE_VAL;
  }
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  if (scores[order.front()] <= 0) return finish(SearchEnd::kNothingLeft);
  if (trials() >= question_.max_trials) return finish(SearchEnd::kNothingLeft);

  int left = question_.max_builds - builds();
  const bool wants_builds = !built_.contains(draws.segments[order.front()]);
  if (wants_builds && left <= 0) return finish(SearchEnd::kBuildsSpent);
  for (const std::size_t place : order) {
    if (next_.size() == question_.batch || scores[place] <= 0) break;
    const Segment& segment = draws.segments[place];
    if (!built_.contains(segment) && left-- <= 0) continue;
    next_.push_back(segment);
  }
  std::sort(next_.begin(), next_.end());
}

// What every usable segment costs by what is known, its boundary in it.
SegmentTable Optimizer::means(bool measured_only) const {
  SegmentTable table = usable_;
  for (std::size_t i = 0; i < considered_.size(); ++i) {
    const Segment& segment = considered_[i];
    if (measured_only && !is_measured(segment)) {
      table.forbid(segment);
    } else {
      table.set(segment, known_[i].cost + shard_ms_, table.bytes(segment));
    }
  }
  return table;
}

std::vector<Split> Optimizer::best_splits(std::size_t count, bool measured_only) const {
  std::vector<Split> splits;
  if (!model_) return splits;
  for (Path& path : best_paths(means(measured_only), question_.limits, count))
    splits.push_back(std::move(path.split));
  return splits;
}

std::vector<PathFinding> Optimizer::best_measured(std::size_t count) const {
  return of(best_splits(count, true));
}

std::vector<PathFinding> Optimizer::best(std::size_t count) const {
  return of(best_splits(count, false));
}

std::vector<PathFinding> Optimizer::of(const std::vector<Split>& splits) const {
  if (!model_ || splits.empty()) return {};
  const SegmentTable known = means(false);
  const Draws draws = draw();
  const double tail = (1 - question_.confidence) / 2;
  std::vector<PathFinding> findings;
  for (const Split& split : splits) {
    const std::vector<Segment> segments = split.segments();
    double ms = 0;
    for (const Segment& segment : segments) ms += known.cost(segment).value();
    std::vector<double> sums;
    for (std::size_t d = 0; d < question_.draws; ++d) sums.push_back(draws.ms(split, d));
    findings.push_back(
        {.split = to_text(split),
         .ms = ms,
         .low_ms = *quantile(sums, tail),
         .high_ms = *quantile(sums, 1 - tail),
         .is_measured = std::all_of(segments.begin(), segments.end(),
                                    [&](const Segment& segment) { return is_measured(segment); }),
         .bound_rel = std::max(0.0, *quantile(regrets(draws, split), question_.confidence))});
  }
  return findings;
}

std::vector<SegmentFinding> Optimizer::segments() const {
  std::vector<SegmentFinding> all;
  std::size_t next = 0;
  for (int begin = 0; begin < usable_.n_layers(); ++begin) {
    for (int end = begin + 1; end <= usable_.n_layers(); ++end) {
      const Segment segment{begin, end};
      SegmentFinding& finding = all.emplace_back(SegmentFinding{.segment = segment});
      if (!usable_.cost(segment)) {
        finding.standing = SegmentStanding::kExcluded;
        finding.reason = "ruled out beforehand";
        for (const SegmentFailure& failure : failures_) {
          if (failure.segment == segment) {
            finding.reason = failure.reason;
            break;
          }
          if (failure.is_residency && holds(segment, failure.segment))
            finding.reason =
                fmt::format("holds {}, which is not resident", to_text(failure.segment));
        }
        continue;
      }
      if (is_measured(segment)) finding.standing = SegmentStanding::kMeasured;
      if (model_) {
        finding.ms = known_[next].cost;
        finding.sd_ms = known_[next].sd;
      }
      ++next;
    }
  }
  return all;
}

std::optional<CostForm> Optimizer::form() const {
  if (!model_) return std::nullopt;
  int longest = 0;
  for (const Segment& segment : considered_) longest = std::max(longest, segment.layers());
  CostForm form{.boundary_ms = shard_ms_,
                .boundary_sd_ms = shard_sd_ms_,
                .length_ms = {},
                .length_sd_ms = {},
                .places = {},
                .residual_rel = model_->residual_sd() / model_->layer_cost()};
  for (const SegmentModel::Estimate& length : model_->lengths(longest)) {
    form.length_ms.push_back(length.cost);
    form.length_sd_ms.push_back(length.sd);
  }
  for (const SegmentModel::Place& place : model_->places()) {
    if (std::abs(place.effect.cost) <= kStandsOut * place.effect.sd) continue;
    using Kind = SegmentModel::Place::Kind;
    form.places.push_back({.what = place.kind == Kind::kFirst ? "first shard"
                                   : place.kind == Kind::kLast
                                       ? "last shard"
                                       : fmt::format("layer {}", place.layer),
                           .ms = place.effect.cost,
                           .sd_ms = place.effect.sd});
  }
  return form;
}

}  // namespace fusesweep
