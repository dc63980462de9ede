#include "runners/coreml/fallback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr std::uint64_t kWeights = 64 << 20;

std::optional<std::string> suspected(std::vector<std::int64_t> calls_ns,
                                     std::vector<std::int64_t> cpu_calls_ns,
                                     std::uint64_t weight_bytes = kWeights) {
  return suspect_fallback({calls_ns, cpu_calls_ns, weight_bytes});
}

TEST(Fallback, IsSuspectedWhereAShardIsAsFastAsOnTheCpuAlone) {
  EXPECT_THAT(suspected({9'000'000, 1'000'000}, {1'000'000, 4'000'000}),
              Optional(HasSubstr(
                  "at 67.1 GB/s, loaded for the CPU alone at 67.1: it may have fallen back")));
  EXPECT_TRUE(suspected({800'000}, {1'000'000}));
  EXPECT_TRUE(suspected({1'200'000}, {1'000'000}));
}

TEST(Fallback, IsNotSuspectedOtherwise) {
  const struct {
    const char* name;
    std::vector<std::int64_t> calls_ns;
    std::vector<std::int64_t> cpu_calls_ns;
    std::uint64_t weight_bytes;
  } kRows[] = {
      {"faster than the CPU", {700'000}, {1'000'000}, kWeights},
      {"slower than the CPU", {1'300'000}, {1'000'000}, kWeights},
      {"too small to tell", {1'000'000}, {1'000'000}, kLeastWeightsToTell - 1},
      {"no time of it", {}, {1'000'000}, kWeights},
      {"no time on the CPU", {1'000'000}, {}, kWeights},
      {"no time at all passed", {0}, {0}, kWeights},
  };
  for (const auto& row : kRows)
    EXPECT_FALSE(suspected(row.calls_ns, row.cpu_calls_ns, row.weight_bytes)) << row.name;
}

}  // namespace
}  // namespace fusesweep
