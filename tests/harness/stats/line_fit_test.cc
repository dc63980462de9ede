#include "harness/stats/line_fit.h"

#include <gtest/gtest.h>

#include <vector>

namespace fusesweep {
namespace {

// Anscombe, The American Statistician 27 (1973) 17: four sets with one and the same line.
const std::vector<LinePoint> kFirst = {{10, 8.04},  {8, 6.95},  {13, 7.58}, {9, 8.81},
                                       {11, 8.33},  {14, 9.96}, {6, 7.24},  {4, 4.26},
                                       {12, 10.84}, {7, 4.82},  {5, 5.68}};
const std::vector<LinePoint> kThird = {{10, 7.46}, {8, 6.77},  {13, 12.74}, {9, 7.11},
                                       {11, 7.81}, {14, 8.84}, {6, 6.08},   {4, 5.39},
                                       {12, 8.15}, {7, 6.42},  {5, 5.73}};

TEST(LineFit, IsThatOfAPublishedExample) {
  for (const auto& points : {kFirst, kThird}) {
    const std::optional<LineFit> fit = fit_line(points);
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->intercept, 3.0, 0.005);
    EXPECT_NEAR(fit->slope, 0.5, 0.0005);
    EXPECT_NEAR(fit->slope_sd, 0.118, 0.0005);      // as the paper has it
    EXPECT_NEAR(fit->residual_sd, 1.2366, 0.0005);  // root of its 13.75 or so over 9
    EXPECT_EQ(fit->degrees_of_freedom(), 9);
    EXPECT_EQ(fit->mean_x, 9);
    EXPECT_NEAR(fit->squares_x, 110, 1e-12);
  }
}

TEST(LineFit, PredictsWiderFurtherAway) {
  const LineFit fit = *fit_line(kFirst);
  EXPECT_NEAR(value_at(fit, 20), 13.0, 0.01);
  // t of 9 degrees at 95 %: 2.2622; 1.2366 sqrt(1 + 1/11) and, at 20, sqrt(1 + 1/11 + 121/110).
  EXPECT_NEAR(prediction_half_width(fit, 9, 0.95), 2.2622 * 1.2366 * 1.044466, 0.002);
  EXPECT_NEAR(prediction_half_width(fit, 20, 0.95), 2.2622 * 1.2366 * 1.480172, 0.002);
  EXPECT_GT(prediction_half_width(fit, 9, 0.99), prediction_half_width(fit, 9, 0.95));
}

TEST(LineFit, OfTooLittleThereIsNone) {
  const std::vector<LinePoint> rows[] = {{}, {{1, 1}}, {{1, 1}, {2, 2}}, {{2, 1}, {2, 2}, {2, 3}}};
  for (const auto& points : rows) {
    EXPECT_FALSE(fit_line(points)) << points.size();
    EXPECT_FALSE(find_outlier(points, 0.95)) << points.size();
  }
}

TEST(LineFit, PointsOnOneLineHaveNoSpread) {
  const std::vector<LinePoint> points = {{1, 48.1}, {2, 49.4}, {3, 50.7}, {7, 55.9}};
  const LineFit fit = *fit_line(points);
  EXPECT_EQ(fit.residual_sd, 0);
  EXPECT_EQ(prediction_half_width(fit, 5, 0.95), 0);
  EXPECT_NEAR(value_at(fit, 0), 46.8, 1e-9);
  EXPECT_FALSE(find_outlier(points, 0.95));
}

TEST(FindOutlier, IsThePointThatDoesNotBelong) {
  EXPECT_EQ(find_outlier(kThird, 0.95), 2U);  // (13, 12.74), which the paper is about
  EXPECT_FALSE(find_outlier(kFirst, 0.95));
}

TEST(FindOutlier, OfManyPointsAFarOneIsToBeExpected) {
  // A deviation to and fro, and one point that lies three off, then five.
  std::vector<LinePoint> points;
  for (int i = 0; i < 400; ++i) points.push_back({static_cast<double>(i), i % 2 == 0 ? 1.0 : -1.0});
  points.push_back({200, 3});
  EXPECT_FALSE(find_outlier(points, 0.95));
  points.back().y = 5;
  EXPECT_EQ(find_outlier(points, 0.95), 400U);
}

}  // namespace
}  // namespace fusesweep
