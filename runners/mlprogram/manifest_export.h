// From artifacts to a runtime manifest: finds the shards of a split among what was built.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/encoding.h"
#include "runners/mlprogram/artifact.h"
#include "topologies/runtime_manifest.h"
#include "topologies/split.h"

namespace fusesweep {

// Which of the artifacts are meant. The existing runtime feeds one token a call, in the mask form.
struct ManifestRequest {
  Split split;
  std::optional<std::string> model_hash;  // without it there must be one model only
  int context = 512;
  int tokens = 1;
  KvForm kv_form = KvForm::kMask;
  Encoding encoding = Encoding::kInt8;
  std::optional<int> head_shards;  // without it the fewest that are complete
  // The same split once more as the manifest's speculative_verifier; absent: without one.
  std::optional<int> verifier_tokens = std::nullopt;
};

// Paths in the manifest are relative to `folder`. Errors name everything that is missing, or the
// first package whose bytes are no longer those that were built.
Result<RuntimeManifest> find_manifest(const std::vector<Artifact>& artifacts,
                                      const ManifestRequest& request,
                                      const std::filesystem::path& folder, int threads);

// The lines of a POSIX shell script that compiles the manifest's packages on a Mac, to be run from
// the manifest's folder.
std::string compile_script(const RuntimeManifest& manifest);

}  // namespace fusesweep
