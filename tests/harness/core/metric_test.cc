#include "harness/core/metric.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace fusesweep {
namespace {

TEST(Metric, EveryIdIsThereOnceAndIsFound) {
  std::set<std::string_view> ids;
  for (const Metric& metric : all_metrics()) {
    SCOPED_TRACE(metric.id);
    EXPECT_TRUE(ids.insert(metric.id).second);
    EXPECT_EQ(find_metric(metric.id), &metric);
    EXPECT_EQ(metric.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
  }
  EXPECT_EQ(find_metric(""), nullptr);
  EXPECT_EQ(find_metric("COSINE"), nullptr);
}

TEST(Metric, EveryOneHasASentence) {
  for (const Metric& metric : all_metrics()) {
    SCOPED_TRACE(metric.id);
    EXPECT_GT(metric.about.size(), 10U);
    EXPECT_TRUE(metric.about.ends_with('.'));
    EXPECT_EQ(metric.about.find('\n'), std::string_view::npos);
  }
}

std::string_view unit_in_name(std::string_view id) {
  const struct {
    bool is_meant;
    std::string_view unit;
  } rows[] = {
      {id.ends_with("_ms") || id.starts_with("ms_per_"), "ms"},
      {id == "bytes" || id.ends_with("_bytes"), "bytes"},
      {id.ends_with("tok_per_s"), "tok/s"},
      {id.ends_with("gb_per_s"), "GB/s"},
  };
  for (const auto& row : rows) {
    if (row.is_meant) return row.unit;
  }
  return "";
}

TEST(Metric, TheUnitIsTheOneInTheName) {
  for (const Metric& metric : all_metrics())
    EXPECT_EQ(metric.unit, unit_in_name(metric.id)) << metric.id;
}

// What gates, benches and reports call their figures; they are stored.
TEST(Metric, KeepsWhatIsStored) {
  const struct {
    const char* id;
    Better better;
  } rows[] = {{"tok_per_s", Better::kHigher},
              {"ms_per_token", Better::kLower},
              {"relative_l2", Better::kLower},
              {"worst_token_cosine", Better::kHigher},
              {"compute_resident_plan", Better::kHigher},
              {"conv_resident_run", Better::kHigher},
              {"differing_weights", Better::kLower},
              {"top1_agreement", Better::kHigher},
              {"operations", Better::kNeither}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.id);
    const Metric* metric = find_metric(row.id);
    ASSERT_NE(metric, nullptr);
    EXPECT_EQ(metric->better, row.better);
  }
}

TEST(Metric, SaysWhichWayIsBetter) {
  EXPECT_EQ(to_text(Better::kLower), "lower");
  EXPECT_EQ(to_text(Better::kHigher), "higher");
  EXPECT_EQ(to_text(Better::kNeither), "neither");
}

}  // namespace
}  // namespace fusesweep
