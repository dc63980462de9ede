#include "harness/stats/against_history.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

double mean_of(std::span<const MeasuredRatio> then) {
  FUSESWEEP_CHECK(!then.empty());
  double sum = 0;
  for (const MeasuredRatio& run : then) sum += run.log_ratio;
  return sum / static_cast<double>(then.size());
}

std::optional<double> own_reach(const MeasuredRatio& run, double level) {
  if (!run.standard_error || run.degrees_of_freedom < 1) return std::nullopt;
  return *run.standard_error * t_half_width(level, run.degrees_of_freedom);
}

std::optional<double> stated_reach(const MeasuredRatio& now, std::span<const MeasuredRatio> then,
                                   double level) {
  const std::optional<double> mine = own_reach(now, level);
  if (!mine) return std::nullopt;
  double squares = 0;
  for (const MeasuredRatio& run : then) {
    const std::optional<double> reach = own_reach(run, level);
    if (!reach) return std::nullopt;
    squares += *reach * *reach;
  }
  return std::hypot(*mine, std::sqrt(squares) / static_cast<double>(then.size()));
}

std::optional<double> seen_reach(std::span<const MeasuredRatio> then, double level) {
  if (then.size() < 2) return std::nullopt;
  const double mean = mean_of(then);
  const auto n = static_cast<double>(then.size());
  double squares = 0;
  for (const MeasuredRatio& run : then) squares += (run.log_ratio - mean) * (run.log_ratio - mean);
  return t_half_width(level, static_cast<int>(then.size()) - 1) *
         std::sqrt(squares / (n - 1) * (1 + 1 / n));
}

}  // namespace

double change_against(const MeasuredRatio& now, std::span<const MeasuredRatio> then) {
  return now.log_ratio - mean_of(then);
}

std::optional<Interval> interval_against(const MeasuredRatio& now,
                                         std::span<const MeasuredRatio> then, double level) {
  const std::optional<double> stated = stated_reach(now, then, level);
  const std::optional<double> seen = seen_reach(then, level);
  if (!stated && !seen) return std::nullopt;
  const double middle = change_against(now, then);
  const double reach = std::max(stated.value_or(0), seen.value_or(0));
  return Interval{middle - reach, middle + reach};
}

}  // namespace fusesweep
