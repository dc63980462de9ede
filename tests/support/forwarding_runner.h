// A cpu runner of a test's own: what a test does not override goes to the real one.
#pragma once

#include "runners/cpu/cpu_runner.h"

namespace fusesweep {

class ForwardingRunner : public Runner {
 public:
  Result<RunnerDescription> describe(const RunnerOptions& options) override {
    return cpu.describe(options);
  }
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override {
    return cpu.build(request, progress);
  }
  Result<Placement> inspect(const InspectRequest& request) override { return cpu.inspect(request); }
  Result<Opened> open(const OpenRequest& request, Progress& progress) override {
    return cpu.open(request, progress);
  }

  CpuRunner cpu;
};

}  // namespace fusesweep
