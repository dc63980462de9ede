// CpuRunner: builds CoreML packages from GGUF and executes them on this machine. It stands in for an
// accelerator where there is none: the residency limit is a rule that it emulates and says so;
// everything else is real.
#pragma once

#include "runners/runner.h"
#include "runners/stack/requested_builds.h"

namespace fusesweep {

// Options of its own, under "cpu": {"isa": NAME}, a table of kernels by name ("avx2", or "ref" for the
// plain loops); without it the best that this machine has.
class CpuRunner final : public Runner {
 public:
  Result<RunnerDescription> describe(const RunnerOptions& options) override;
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override;
  Result<Placement> inspect(const InspectRequest& request) override;
  Result<Opened> open(const OpenRequest& request, Progress& progress) override;

 private:
  RequestedBuilds builds_;
};

}  // namespace fusesweep
