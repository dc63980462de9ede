#include "harness/measure/trial_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace fusesweep {
namespace {

using testing::HasSubstr;

TEST(LayOutTrial, PutsTogetherWhatFits) {
  const struct {
    const char* name;
    std::vector<std::uint64_t> arm_bytes;
    std::uint64_t limit_bytes;
    TrialLayout want;
  } rows[] = {
      {"no candidate", {3, 3}, 6, {{{0, 1}}, {}}},
      {"all of them, to the last byte", {3, 3, 2, 2}, 10, {{{0, 1, 2, 3}}, {}}},
      {"one byte too few", {3, 3, 2, 2}, 9, {{{0, 1, 2}, {0, 1, 3}}, {}}},
      {"large ones first, small ones where there is room",
       {1, 1, 1, 4, 2, 3},
       7,
       {{{0, 1, 2, 3}, {0, 1, 4, 5}}, {}}},
      {"one that never fits", {1, 1, 6, 1}, 7, {{{0, 1, 3}}, {2}}},
      {"none that fits", {1, 1, 6, 7}, 7, {{{0, 1}}, {2, 3}}},
      {"sums beyond 64 bits",
       {1, 1, std::numeric_limits<std::uint64_t>::max() - 2,
        std::numeric_limits<std::uint64_t>::max() - 2},
       std::numeric_limits<std::uint64_t>::max(),
       {{{0, 1, 2}, {0, 1, 3}}, {}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(lay_out_trial(row.arm_bytes, row.limit_bytes), row.want);
  }
}

TEST(LayOutTrial, NeedsRoomForControlAndTwin) {
  const struct {
    const char* name;
    std::vector<std::uint64_t> arm_bytes;
  } rows[] = {{"twin", {4, 4, 1}},
              {"control", {8, 1, 1}},
              {"together beyond 64 bits", {2, std::numeric_limits<std::uint64_t>::max()}}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<TrialLayout> layout = lay_out_trial(row.arm_bytes, 7);
    ASSERT_FALSE(layout);
    EXPECT_EQ(layout.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(layout.error().message, HasSubstr("found a limit of 7"));
  }
}

}  // namespace
}  // namespace fusesweep
