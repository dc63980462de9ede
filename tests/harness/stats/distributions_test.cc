#include "harness/stats/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fusesweep {
namespace {

TEST(Distributions, QuantilesOfStudentsTAreThoseOfThePrintedTable) {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, critical values of Student's t.
  const struct {
    double probability;
    int degrees_of_freedom;
    double want;
  } rows[] = {{0.975, 1, 12.706}, {0.975, 5, 2.571},  {0.975, 10, 2.228}, {0.975, 30, 2.042},
              {0.99, 15, 2.602},  {0.995, 30, 2.750}, {0.999, 2, 22.327}, {0.999, 10, 4.144},
              {0.999, 60, 3.232}, {0.90, 20, 1.325}};
  for (const auto& row : rows) {
    const int freedom = row.degrees_of_freedom;
    EXPECT_NEAR(t_quantile(row.probability, freedom), row.want, 6e-4)
        << row.probability << ' ' << freedom;
    EXPECT_NEAR(t_half_width(2 * row.probability - 1, freedom),
                t_quantile(row.probability, freedom), 1e-9 * row.want);
    EXPECT_NEAR(t_two_sided_probability(row.want, freedom), 2 * (1 - row.probability), 2e-4);
  }
}

TEST(Distributions, QuantileOfTheBetaDistributionWhereItHasAClosedForm) {
  EXPECT_NEAR(beta_quantile(0.3, 1, 1), 0.3, 1e-12);
  EXPECT_NEAR(beta_quantile(0.025, 5, 1), std::pow(0.025, 1.0 / 5), 1e-12);
  EXPECT_NEAR(beta_quantile(0.975, 1, 20), 1 - std::pow(0.025, 1.0 / 20), 1e-12);
}

// The example of R's documentation: power.t.test(n = 20, delta = 1, sd = 1) has power 0.8689528.
TEST(Distributions, DetectableDifferenceIsThatOfAPublishedPower) {
  const auto errors = detectable_standard_errors(t_half_width(0.95, 38), 0.8689528, 38);
  ASSERT_TRUE(errors);
  EXPECT_NEAR(*errors, 1 / std::sqrt(2.0 / 20), 1e-6);
}

TEST(Distributions, DetectableDifferenceTendsToTheSumOfTwoNormalQuantiles) {
  const auto errors = detectable_standard_errors(t_half_width(0.95, 100000), 0.9, 100000);
  ASSERT_TRUE(errors);
  EXPECT_NEAR(*errors, 1.959964 + 1.281552, 1e-4);
  EXPECT_GT(detectable_standard_errors(t_half_width(0.999, 1), 0.95, 1), 1000);
}

}  // namespace
}  // namespace fusesweep
