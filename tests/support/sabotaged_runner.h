// The cpu runner with somebody at its artifacts: for tests of whatever must notice.
#pragma once

#include <filesystem>
#include <functional>
#include <utility>
#include <variant>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "runners/mlprogram/artifact.h"
#include "tests/support/altered_package.h"
#include "tests/support/forwarding_runner.h"

namespace fusesweep {

// What is done to an artifact after it was built, once.
using Sabotage = std::function<void(const BuildRequest& request, BuiltShard& built)>;

// The cpu runner, with somebody at its artifacts.
class SabotagedRunner final : public ForwardingRunner {
 public:
  explicit SabotagedRunner(Sabotage sabotage) : sabotage_(std::move(sabotage)) {}

  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override {
    Result<BuiltShard> built = cpu.build(request, progress);
    if (built && sabotage_) sabotage_(request, *built);
    return built;
  }

 private:
  Sabotage sabotage_;
};

// Writes artifact.json again, as if the package had been built as it is now.
inline void vouch_for(const BuiltShard& built) {
  Artifact artifact = *read_artifact(built.artifact);
  const TreeHash tree = *hash_tree(artifact.path(), 1);
  artifact.content_hash = to_hex(tree.hash);
  artifact.bytes = tree.bytes;
  FUSESWEEP_CHECK(write_artifact(artifact, built.artifact));
}

inline Sabotage altering(std::function<void(AlteredPackage& package)> alter) {
  return [alter = std::move(alter)](const BuildRequest& request, BuiltShard& built) {
    if (!std::holds_alternative<Segment>(request.identity.kind)) return;
    const std::filesystem::path package = read_artifact(built.artifact)->path();
    AlteredPackage altered(package);
    alter(altered);
    altered.write(package);
    vouch_for(built);
  };
}

}  // namespace fusesweep
