// The distributions that intervals and verdicts need, by name. A library computes them; only
// distributions.cc knows which.
#pragma once

#include <optional>

namespace fusesweep {

// The value that the standard normal distribution stays below with this probability.
// REQUIRES: 0 < probability < 1.
double normal_quantile(double probability);

// The value that Student's t with these degrees of freedom stays below with this probability.
// REQUIRES: 0 < probability < 1, degrees_of_freedom >= 1.
double t_quantile(double probability, int degrees_of_freedom);

// How far from 0 the two-sided interval at this level reaches, in standard errors.
// REQUIRES: 0 < level < 1, degrees_of_freedom >= 1.
double t_half_width(double level, int degrees_of_freedom);

// The probability that Student's t lies further from 0 than |t|.  REQUIRES: degrees_of_freedom >= 1.
double t_two_sided_probability(double t, int degrees_of_freedom);

// The same of the beta distribution.  REQUIRES: 0 < probability < 1, a > 0, b > 0.
double beta_quantile(double probability, double a, double b);

// The true difference, in standard errors, at which an estimate divided by its estimated standard error
// is above `critical` with probability `power`: the noncentrality of a noncentral t. Absent where it
// cannot be computed.  REQUIRES: critical > 0, 0.5 <= power < 1, degrees_of_freedom >= 1.
std::optional<double> detectable_standard_errors(double critical, double power,
                                                 int degrees_of_freedom);

}  // namespace fusesweep
