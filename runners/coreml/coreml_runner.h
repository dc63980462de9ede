// CoreMlRunner: has packages compiled, placed and run by CoreML. Building is our own, as for every
// runner. All of CoreML is behind CoreMl, so that this runs, and is tested, on any system.
#pragma once

#include <memory>

#include "runners/coreml/core_ml.h"
#include "runners/runner.h"
#include "runners/stack/requested_builds.h"

namespace fusesweep {

// Options of its own, under "coreml": {"units": NAME}, what CoreML may use: "cpu_and_ane" (the default),
// "all", "cpu_and_gpu" or "cpu".
class CoreMlRunner final : public Runner {
 public:
  explicit CoreMlRunner(std::unique_ptr<CoreMl> core_ml) : core_ml_(std::move(core_ml)) {}

  Result<RunnerDescription> describe(const RunnerOptions& options) override;
  // Compiles as well, where this macOS can run what is compiled.
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override;
  Result<Placement> inspect(const InspectRequest& request) override;
  Result<Opened> open(const OpenRequest& request, Progress& progress) override;

 private:
  std::unique_ptr<CoreMl> core_ml_;
  RequestedBuilds builds_;
};

}  // namespace fusesweep
