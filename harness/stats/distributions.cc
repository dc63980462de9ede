#include "harness/stats/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

// Nothing throws: what cannot be computed comes out as not finite, and arguments are checked here.
using Quiet = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::rounding_error<boost::math::policies::ignore_error>>;
using Normal = boost::math::normal_distribution<double, Quiet>;
using StudentsT = boost::math::students_t_distribution<double, Quiet>;
using Beta = boost::math::beta_distribution<double, Quiet>;
using NoncentralT = boost::math::non_central_t_distribution<double, Quiet>;

constexpr int kRootBits = 30;              // nine digits
constexpr std::uintmax_t kMostSteps = 60;  // it takes about ten
constexpr double kFarthest = 1e6;  // standard errors; one degree of freedom at 99.9 % needs 1248

bool is_inside(double probability) { return 0 < probability && probability < 1; }

}  // namespace

double normal_quantile(double probability) {
  FUSESWEEP_CHECK(is_inside(probability));
  return boost::math::quantile(Normal(), probability);
}

double t_quantile(double probability, int degrees_of_freedom) {
  FUSESWEEP_CHECK(is_inside(probability) && degrees_of_freedom >= 1);
  return boost::math::quantile(StudentsT(degrees_of_freedom), probability);
}

double t_half_width(double level, int degrees_of_freedom) {
  FUSESWEEP_CHECK(is_inside(level) && degrees_of_freedom >= 1);
  // From the upper tail: 1 - (1 - level) / 2 would lose digits of a level near 1.
  return boost::math::quantile(
      boost::math::complement(StudentsT(degrees_of_freedom), (1 - level) / 2));
}

double t_two_sided_probability(double t, int degrees_of_freedom) {
  FUSESWEEP_CHECK(degrees_of_freedom >= 1);
  if (std::isinf(t)) return 0;
  return 2 * boost::math::cdf(boost::math::complement(StudentsT(degrees_of_freedom), std::abs(t)));
}

double beta_quantile(double probability, double a, double b) {
  FUSESWEEP_CHECK(is_inside(probability) && a > 0 && b > 0);
  return boost::math::quantile(Beta(a, b), probability);
}

std::optional<double> detectable_standard_errors(double critical, double power,
                                                 int degrees_of_freedom) {
  FUSESWEEP_CHECK(critical > 0 && 0.5 <= power && power < 1 && degrees_of_freedom >= 1);
  const auto missed = [&](double errors) {
    return boost::math::cdf(NoncentralT(degrees_of_freedom, errors), critical) - (1 - power);
  };
  double low = 0;
  double high = 2 * critical;
  while (missed(high) > 0) {
    low = high;
    high *= 2;
    if (high > kFarthest) return std::nullopt;
  }
  std::uintmax_t steps = kMostSteps;
  if (!std::isfinite(missed(high))) return std::nullopt;
  const auto [below, above] = boost::math::tools::toms748_solve(
      missed, low, high, boost::math::tools::eps_tolerance<double>(kRootBits), steps, Quiet());
  const double found = below + (above - below) / 2;
  if (!std::isfinite(found)) return std::nullopt;
  return found;
}

}  // namespace fusesweep
