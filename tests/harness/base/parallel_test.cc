#include "harness/base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace fusesweep {
namespace {

using testing::Each;

TEST(ParallelFor, TouchesEveryIndexOnce) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
    for (const int threads : {1, 2, 3, 16}) {
      std::vector<std::atomic<int>> touched(count);
      parallel_for(count, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++touched[i];
      });
      std::vector<int> counts(touched.begin(), touched.end());
      EXPECT_THAT(counts, Each(1)) << count << " on " << threads;
    }
  }
}

TEST(AvailableThreads, IsAtLeastOne) { EXPECT_GE(available_threads(), 1); }

}  // namespace
}  // namespace fusesweep
