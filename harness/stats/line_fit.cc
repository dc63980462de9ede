#include "harness/stats/line_fit.h"

#include <algorithm>
#include <boost/math/statistics/linear_regression.hpp>
#include <cmath>
#include <vector>

#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

constexpr int kFewestPoints = 3;     // two leave nothing to tell a spread by
constexpr double kRounding = 1e-12;  // of the size of y: below it there is no spread

// Standard error of a new observation at x about the line.
double prediction_sd(const LineFit& fit, double x) {
  const double off = x - fit.mean_x;
  return fit.residual_sd * std::sqrt(1 + 1.0 / fit.points + off * off / fit.squares_x);
}

}  // namespace

std::optional<LineFit> fit_line(std::span<const LinePoint> points) {
  if (static_cast<int>(points.size()) < kFewestPoints) return std::nullopt;
  std::vector<double> x;
  std::vector<double> y;
  for (const LinePoint& point : points) {
    x.push_back(point.x);
    y.push_back(point.y);
  }
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  if (*least == *most) return std::nullopt;  // what the library would throw over
  const auto [intercept, slope] = boost::math::statistics::simple_ordinary_least_squares(x, y);
  LineFit fit{.intercept = intercept, .slope = slope, .points = static_cast<int>(points.size())};
  for (const double each : x) fit.mean_x += each / fit.points;
  double squares = 0;
  double size = 0;
  for (const LinePoint& point : points) {
    const double residual = point.y - value_at(fit, point.x);
    squares += residual * residual;
    size = std::max(size, std::abs(point.y));
    fit.squares_x += (point.x - fit.mean_x) * (point.x - fit.mean_x);
  }
  fit.residual_sd = std::sqrt(squares / fit.degrees_of_freedom());
  if (fit.residual_sd <= kRounding * size) fit.residual_sd = 0;
  fit.slope_sd = fit.residual_sd / std::sqrt(fit.squares_x);
  return fit;
}

double value_at(const LineFit& fit, double x) { return fit.intercept + fit.slope * x; }

double prediction_half_width(const LineFit& fit, double x, double level) {
  return t_half_width(level, fit.degrees_of_freedom()) * prediction_sd(fit, x);
}

std::optional<std::size_t> find_outlier(std::span<const LinePoint> points, double level) {
  std::optional<std::size_t> furthest;
  double least_probability = (1 - level) / static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<LinePoint> others(points.begin(), points.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const std::optional<LineFit> fit = fit_line(others);
    if (!fit || fit->residual_sd == 0) continue;
    const double off = points[i].y - value_at(*fit, points[i].x);
    const double probability =
        t_two_sided_probability(off / prediction_sd(*fit, points[i].x), fit->degrees_of_freedom());
    if (probability >= least_probability) continue;
    least_probability = probability;
    furthest = i;
  }
  return furthest;
}

}  // namespace fusesweep
