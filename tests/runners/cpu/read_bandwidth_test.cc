#include "runners/cpu/read_bandwidth.h"

#include <gtest/gtest.h>

#include "harness/base/clock.h"

namespace fusesweep {
namespace {

TEST(ReadBandwidth, IsAFigureForAnyNumberOfThreads) {
  const SystemClock clock;
  Progress progress({}, clock);
  for (const int threads : {1, 2, 3, 7}) {  // more than there are processors, too
    SCOPED_TRACE(threads);
    const Result<ReadBandwidth> bandwidth =
        measure_read_bandwidth({.threads = threads, .bytes = 1 << 20, .passes = 3}, progress);
    ASSERT_TRUE(bandwidth) << bandwidth.error().message;
    EXPECT_GT(bandwidth->median_gb_per_s, 0);
    EXPECT_GE(bandwidth->best_gb_per_s, bandwidth->median_gb_per_s);
  }
}

TEST(ReadBandwidth, MemoryThatIsNotThereIsAnError) {
  const SystemClock clock;
  Progress progress({}, clock);
  const Result<ReadBandwidth> bandwidth =
      measure_read_bandwidth({.threads = 1, .bytes = std::uint64_t{1} << 60}, progress);
  ASSERT_FALSE(bandwidth);
  EXPECT_EQ(bandwidth.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace fusesweep
