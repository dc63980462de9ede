#include "harness/stats/segment_model.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Standard deviations of the form's parts, in units of an average layer's time.
struct Scales {
  double place = 0;     // of a layer's own effect
  double ends = 0;      // of the first shard's and the last one's
  double step = 0;      // of a step of f about its line
  double residual = 0;  // of a segment, per root of its layers
};

// The line of f is about a layer's time for each layer, and free: with these deviations its constant may be
// several layers' time.
constexpr double kConstantSd = 4;
constexpr double kSlopeSd = 2;

constexpr double kPlaces[] = {0.005, 0.02, 0.08};
constexpr double kEnds[] = {0.03, 0.3};
constexpr double kSteps[] = {0.003, 0.01, 0.03, 0.1, 0.3};
constexpr double kResiduals[] = {0.001, 0.003, 0.008, 0.02, 0.04, 0.08};

constexpr double kLeastWeight = 1e-4;  // of a point of the grid that is still looked at

// A sum of the form's parts: of a segment, of f alone, of a place alone.
struct Part {
  double shards = 0;  // of the line: how many constants
  double layers = 0;  // and how many slopes
  int length = 0;     // of the random walk; 0: none
  int begin = 0;      // layers whose effects are in it, each `share` times
  int end = 0;
  double share = 1;
  bool is_first = false;
  bool is_last = false;
};

double dot(const Part& a, const Part& b, const Scales& scales) {
  const double line =
      kConstantSd * kConstantSd * a.shards * b.shards + kSlopeSd * kSlopeSd * a.layers * b.layers;
  const double walk = scales.step * scales.step * std::max(0, std::min(a.length, b.length) - 1);
  const double overlap = std::max(0, std::min(a.end, b.end) - std::max(a.begin, b.begin));
  const double places = scales.place * scales.place * overlap * a.share * b.share;
  const int ends = (a.is_first && b.is_first ? 1 : 0) + (a.is_last && b.is_last ? 1 : 0);
  return line + walk + places + scales.ends * scales.ends * ends;
}

double residual_variance(const Segment& segment, const Scales& scales) {
  return scales.residual * scales.residual * segment.layers();
}

Eigen::Index index_of(std::size_t number) { return static_cast<Eigen::Index>(number); }

}  // namespace

struct SegmentModel::Parts {
  // A point of the grid, and what follows from it and the observations.
  struct Point {
    Scales scales;
    double log_likelihood = 0;
    double weight = 0;
    Eigen::LLT<MatrixXd> covariance;  // of the observations
    VectorXd solved;                  // covariance^-1 (costs - expected)
  };

  int n_layers = 0;
  double unit = 1;  // an average layer's cost
  std::vector<SegmentObservation> observations;
  VectorXd costs;     // of them, in units
  VectorXd expected;  // of them, before anything is seen
  MatrixXd noise;     // their covariance, in units
  std::vector<Point> points;

  Part part_of(const Segment& segment) const {
    return {.shards = 1,
            .layers = static_cast<double>(segment.layers()),
            .length = segment.layers(),
            .begin = segment.begin,
            .end = segment.end,
            .is_first = segment.begin == 0,
            .is_last = segment.end == n_layers};
  }

  void take(const SegmentModelInput& input) {
    n_layers = input.n_layers;
    observations = input.observations;
    double cost = 0;
    double layers = 0;
    for (const SegmentObservation& each : observations) {
      FUSESWEEP_CHECK(std::isfinite(each.cost) && each.cost > 0 && each.sd_rel > 0);
      cost += each.cost;
      layers += each.segment.layers();
    }
    unit = cost / layers;
    const Eigen::Index count = index_of(observations.size());
    costs.resize(count);
    expected.resize(count);
    noise.setZero(count, count);
    for (Eigen::Index i = 0; i < count; ++i) {
      costs[i] = observations[static_cast<std::size_t>(i)].cost / unit;
      expected[i] = observations[static_cast<std::size_t>(i)].segment.layers();
    }
    for (Eigen::Index i = 0; i < count; ++i) {
      const SegmentObservation& one = observations[static_cast<std::size_t>(i)];
      for (Eigen::Index j = 0; j < count; ++j) {
        const SegmentObservation& other = observations[static_cast<std::size_t>(j)];
        if (one.trial != other.trial) continue;
        const double level = input.trial_sd_rel.at(static_cast<std::size_t>(one.trial));
        noise(i, j) = level * level * costs[i] * costs[j];
      }
      noise(i, i) += one.sd_rel * one.sd_rel * costs[i] * costs[i];
    }
  }

  Point point_of(const Scales& scales) const {
    const Eigen::Index count = costs.size();
    MatrixXd covariance = noise;
    for (Eigen::Index i = 0; i < count; ++i) {
      const Segment& one = observations[static_cast<std::size_t>(i)].segment;
      for (Eigen::Index j = 0; j <= i; ++j) {
        const Segment& other = observations[static_cast<std::size_t>(j)].segment;
        double prior = dot(part_of(one), part_of(other), scales);
        if (one == other) prior += residual_variance(one, scales);
        covariance(i, j) += prior;
      }
    }
    Point point{.scales = scales,
                .covariance = covariance.selfadjointView<Eigen::Lower>().llt(),
                .solved = {}};
    point.solved = point.covariance.solve(costs - expected);
    double log_determinant = 0;
    for (Eigen::Index i = 0; i < count; ++i)
      log_determinant += 2 * std::log(point.covariance.matrixLLT()(i, i));
    point.log_likelihood = -((costs - expected).dot(point.solved) + log_determinant) / 2;
    return point;
  }

  void weigh() {
    for (const double place : kPlaces) {
      for (const double ends : kEnds) {
        for (const double step : kSteps) {
          for (const double residual : kResiduals)
            points.push_back(point_of({place, ends, step, residual}));
        }
      }
    }
    double best = points.front().log_likelihood;
    for (const Point& point : points) best = std::max(best, point.log_likelihood);
    double sum = 0;
    for (Point& point : points) sum += point.weight = std::exp(point.log_likelihood - best);
    for (Point& point : points) point.weight /= sum;
    std::sort(points.begin(), points.end(),
              [](const Point& a, const Point& b) { return a.weight > b.weight; });
    while (points.back().weight < kLeastWeight) points.pop_back();
  }

  // Of each part with each observation, at one point of the grid.
  MatrixXd cross(std::span<const Part> parts, const Scales& scales) const {
    MatrixXd all(index_of(parts.size()), costs.size());
    for (Eigen::Index i = 0; i < all.rows(); ++i) {
      for (Eigen::Index j = 0; j < all.cols(); ++j) {
        const Segment& seen = observations[static_cast<std::size_t>(j)].segment;
        all(i, j) = dot(parts[static_cast<std::size_t>(i)], part_of(seen), scales);
      }
    }
    return all;
  }

  // The same of segments, whose residuals are those of the observations of the same segment.
  MatrixXd cross(std::span<const Segment> segments, const Scales& scales) const {
    std::vector<Part> parts;
    for (const Segment& segment : segments) parts.push_back(part_of(segment));
    MatrixXd all = cross(std::span<const Part>(parts), scales);
    for (Eigen::Index i = 0; i < all.rows(); ++i) {
      const Segment& segment = segments[static_cast<std::size_t>(i)];
      for (Eigen::Index j = 0; j < all.cols(); ++j) {
        if (observations[static_cast<std::size_t>(j)].segment == segment)
          all(i, j) += residual_variance(segment, scales);
      }
    }
    return all;
  }

  // Means and deviations over the whole grid, of what has these covariances and variances at a point.
  template <typename Expected, typename Cross, typename Variance>
  std::vector<Estimate> average(std::size_t count, Expected expected_of, Cross cross_at,
                                Variance variance_at) const {
    std::vector<double> first(count);
    std::vector<double> second(count);
    double weights = 0;
    for (const Point& point : points) {
      const MatrixXd covariance = cross_at(point.scales);
      const VectorXd means = covariance * point.solved;
      const MatrixXd solved = point.covariance.matrixL().solve(covariance.transpose());
      weights += point.weight;
      for (std::size_t i = 0; i < count; ++i) {
        const double mean = expected_of(i) + means[index_of(i)];
        const double variance =
            variance_at(i, point.scales) - solved.col(index_of(i)).squaredNorm();
        first[i] += point.weight * mean;
        second[i] += point.weight * (std::max(0.0, variance) + mean * mean);
      }
    }
    std::vector<Estimate> estimates;
    for (std::size_t i = 0; i < count; ++i) {
      const double mean = first[i] / weights;
      const double variance = std::max(0.0, second[i] / weights - mean * mean);
      estimates.push_back({unit * mean, unit * std::sqrt(variance)});
    }
    return estimates;
  }

  std::vector<Estimate> average(std::span<const Part> parts) const {
    return average(
        parts.size(), [&](std::size_t i) { return parts[i].layers; },
        [&](const Scales& scales) { return cross(parts, scales); },
        [&](std::size_t i, const Scales& scales) { return dot(parts[i], parts[i], scales); });
  }

  // How many of the draws each point of the grid has: by its weight, the largest remainders first.
  std::vector<std::size_t> share(std::size_t draws) const {
    std::vector<std::size_t> shares;
    std::vector<std::pair<double, std::size_t>> remainders;
    double weights = 0;
    for (const Point& point : points) weights += point.weight;
    std::size_t given = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double wanted = points[i].weight / weights * static_cast<double>(draws);
      shares.push_back(static_cast<std::size_t>(wanted));
      remainders.emplace_back(wanted - std::floor(wanted), i);
      given += shares.back();
    }
    std::sort(remainders.begin(), remainders.end(), std::greater<>());
    for (std::size_t i = 0; given < draws; ++i, ++given)
      ++shares[remainders[i % remainders.size()].second];
    return shares;
  }
};

namespace {

constexpr double kNotDrawn = std::numeric_limits<double>::quiet_NaN();

// Draws the form's parts as they may be before anything is seen.
class PriorDraw {
 public:
  PriorDraw(int n_layers, std::uint64_t seed)
      : random_(seed),
        places_(static_cast<std::size_t>(n_layers) + 1),
        walk_(places_.size()),
        residuals_(places_.size() * places_.size()) {}

  double normal() { return normal_(random_); }

  void begin(const Scales& scales) {
    scales_ = scales;
    std::fill(residuals_.begin(), residuals_.end(), kNotDrawn);
    constant_ = kConstantSd * normal();
    slope_ = 1 + kSlopeSd * normal();
    first_ = scales.ends * normal();
    last_ = scales.ends * normal();
    for (std::size_t i = 1; i < places_.size(); ++i) {
      places_[i] = places_[i - 1] + scales.place * normal();  // summed
      walk_[i] = i == 1 ? 0 : walk_[i - 1] + scales.step * normal();
    }
  }

  // The same segment twice has the same cost.
  double cost(const Segment& segment) {
    const auto length = static_cast<std::size_t>(segment.layers());
    double& residual = residuals_[static_cast<std::size_t>(segment.begin) * places_.size() +
                                  static_cast<std::size_t>(segment.end)];
    if (std::isnan(residual)) residual = std::sqrt(residual_variance(segment, scales_)) * normal();
    return constant_ + slope_ * segment.layers() + walk_[length] +
           places_[static_cast<std::size_t>(segment.end)] -
           places_[static_cast<std::size_t>(segment.begin)] + (segment.begin == 0 ? first_ : 0) +
           (static_cast<std::size_t>(segment.end) + 1 == places_.size() ? last_ : 0) + residual;
  }

 private:
  boost::random::mt19937_64 random_;
  boost::random::normal_distribution<double> normal_;
  Scales scales_;
  double constant_ = 0;
  double slope_ = 0;
  double first_ = 0;
  double last_ = 0;
  std::vector<double> places_;
  std::vector<double> walk_;
  std::vector<double> residuals_;  // by begin, then by end
};

}  // namespace

SegmentModel::SegmentModel(const SegmentModelInput& input) : parts_(std::make_unique<Parts>()) {
  FUSESWEEP_CHECK(!input.observations.empty());
  parts_->take(input);
  parts_->weigh();
}

SegmentModel::~SegmentModel() = default;
SegmentModel::SegmentModel(SegmentModel&&) noexcept = default;
SegmentModel& SegmentModel::operator=(SegmentModel&&) noexcept = default;

std::vector<SegmentModel::Estimate> SegmentModel::estimate(
    std::span<const Segment> segments) const {
  return parts_->average(
      segments.size(), [&](std::size_t i) { return static_cast<double>(segments[i].layers()); },
      [&](const Scales& scales) { return parts_->cross(segments, scales); },
      [&](std::size_t i, const Scales& scales) {
        const Part part = parts_->part_of(segments[i]);
        return dot(part, part, scales) + residual_variance(segments[i], scales);
      });
}

std::vector<double> SegmentModel::draw(std::span<const Segment> segments, std::size_t draws,
                                       std::uint64_t seed) const {
  const std::size_t count = parts_->observations.size();
  std::vector<double> all;
  all.reserve(draws * segments.size());
  PriorDraw prior(parts_->n_layers, seed);
  const Eigen::LLT<MatrixXd> noise = parts_->noise.llt();
  const MatrixXd noise_root = noise.matrixL();
  const std::vector<std::size_t> shares = parts_->share(draws);
  for (std::size_t p = 0; p < parts_->points.size(); ++p) {
    if (shares[p] == 0) continue;
    const Parts::Point& point = parts_->points[p];
    const MatrixXd gain =
        point.covariance.solve(parts_->cross(segments, point.scales).transpose()).transpose();
    for (std::size_t d = 0; d < shares[p]; ++d) {
      prior.begin(point.scales);
      VectorXd unit(index_of(count));
      for (double& each : unit) each = prior.normal();
      VectorXd missed = parts_->costs - noise_root * unit;
      for (std::size_t i = 0; i < count; ++i)
        missed[index_of(i)] -= prior.cost(parts_->observations[i].segment);
      const VectorXd correction = gain * missed;
      for (std::size_t i = 0; i < segments.size(); ++i)
        all.push_back(parts_->unit * (prior.cost(segments[i]) + correction[index_of(i)]));
    }
  }
  return all;
}

std::vector<SegmentModel::Estimate> SegmentModel::lengths(int longest) const {
  std::vector<Part> parts;
  for (int length = 1; length <= longest; ++length) {
    parts.push_back({.shards = 1,
                     .layers = static_cast<double>(length),
                     .length = length,
                     .begin = 0,
                     .end = parts_->n_layers,
                     .share = static_cast<double>(length) / parts_->n_layers});
  }
  return parts_->average(parts);
}

std::vector<SegmentModel::Place> SegmentModel::places() const {
  std::vector<Part> parts;
  std::vector<Place> places;
  for (int layer = 0; layer < parts_->n_layers; ++layer) {
    parts.push_back({.begin = layer, .end = layer + 1});
    places.push_back({.layer = layer});
  }
  parts.push_back({.is_first = true});
  places.push_back({.kind = Place::Kind::kFirst});
  parts.push_back({.is_last = true});
  places.push_back({.kind = Place::Kind::kLast});
  const std::vector<Estimate> effects = parts_->average(parts);
  for (std::size_t i = 0; i < places.size(); ++i) places[i].effect = effects[i];
  return places;
}

double SegmentModel::layer_cost() const { return parts_->unit; }

double SegmentModel::residual_sd() const {
  double sum = 0;
  double weights = 0;
  for (const Parts::Point& point : parts_->points) {
    sum += point.weight * point.scales.residual * point.scales.residual;
    weights += point.weight;
  }
  return parts_->unit * std::sqrt(sum / weights);
}

}  // namespace fusesweep
