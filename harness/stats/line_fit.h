// A straight line through points by ordinary least squares, what it predicts for a new observation, and
// whether one of the points does not belong to it. Points are taken for independent, with one variance.
// Draper, Smith: Applied Regression Analysis, 3rd edition, 1998, chapter 1.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace fusesweep {

struct LinePoint {
  double x = 0;
  double y = 0;
};

struct LineFit {
  double intercept = 0;
  double slope = 0;
  double residual_sd = 0;  // of a point about the line
  double slope_sd = 0;     // of that figure
  int points = 0;
  double mean_x = 0;
  double squares_x = 0;  // sum of squared deviations from it

  int degrees_of_freedom() const { return points - 2; }
};

// Absent: fewer than three points, or all at one place.  REQUIRES: finite points.
std::optional<LineFit> fit_line(std::span<const LinePoint> points);

// What lies on the line at x.
double value_at(const LineFit& fit, double x);

// How far from that one new observation at x may lie, at this level: Student's t.  REQUIRES: 0 < level < 1.
double prediction_half_width(const LineFit& fit, double x, double level);

// The point that lies furthest from the line through the others, in its own standard errors (externally
// studentized residual), where at this level such a one is not to be expected of any of them: Bonferroni over
// all points. Cook, Weisberg: Residuals and Influence in Regression, 1982, 2.2.2. Absent: no such point, or
// others that lie on one line exactly and say nothing of a spread.  REQUIRES: 0 < level < 1.
std::optional<std::size_t> find_outlier(std::span<const LinePoint> points, double level);

}  // namespace fusesweep
