// ToolchainRunner: builds, inspects, compares and runs shards with a user's existing tools, which a file names
// (toolchain_config.h). It makes nothing itself: packages are the converter's, placements the checker's,
// comparisons the golden tool's, times the runtime's. harness/docs/TOOLCHAIN.md is the page for people.
#pragma once

#include <string>

#include "runners/runner.h"
#include "runners/toolchain/toolchain_config.h"

namespace fusesweep {

class ToolchainRunner final : public Runner {
 public:
  explicit ToolchainRunner(ToolchainConfig config) : config_(std::move(config)) {}

  // Asks the version command, where there is one.
  Result<RunnerDescription> describe(const RunnerOptions& options) override;
  // Layers alone, in the one shape that the file states. The artifact lies in a folder of this toolchain within
  // `artifacts`: the same shard built by others is another one.
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override;
  Result<Placement> inspect(const InspectRequest& request) override;
  // Artifacts alone can be compared, with a manifest they decode; a manifest alone decodes too.
  Result<Opened> open(const OpenRequest& request, Progress& progress) override;

 private:
  const ToolchainConfig config_;
};

}  // namespace fusesweep
