// How fast this machine reads memory: the bound of every decode step, which reads each weight once.
#pragma once

#include <cstdint>

#include "harness/base/progress.h"
#include "harness/base/result.h"

namespace fusesweep {

struct ReadBandwidthRequest {
  int threads = 1;
  std::uint64_t bytes = 512 << 20;  // to read; far more than the caches hold
  int passes = 9;
};

struct ReadBandwidth {
  double best_gb_per_s = 0;  // of all passes, in 1e9 bytes
  double median_gb_per_s = 0;
};

// Plain reading, each thread its own part, in huge pages where the system gives them. Each thread
// is pinned to a processor of its own (on Linux), and writes its part first, so that it lies in the
// memory that is near. Progress advances by passes.  Error: there is no such memory.
// REQUIRES: threads, passes >= 1; bytes at least 4 KiB a thread.
Result<ReadBandwidth> measure_read_bandwidth(const ReadBandwidthRequest& request,
                                             Progress& progress);

}  // namespace fusesweep
