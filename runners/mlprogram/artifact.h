// What was built: the folder <artifacts>/<identity hash>, which holds a package or the embedding
// table, and artifact.json, the index of what is there. A folder of that name is always whole
// (NewFolder), and whether its bytes are still those that were built, check_content tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

struct Artifact {
  std::filesystem::path folder;
  ShardIdentity identity;
  Contract contract;
  std::string model;         // name of the file that it was built from
  std::string name;          // of the package or file inside the folder
  std::uint64_t bytes = 0;   // of all files in the package
  std::string content_hash;  // hash_tree of the package: 32 hexadecimal digits

  std::filesystem::path path() const { return folder / name; }
};

// Writes artifact.json into a folder that is being made.
Result<void> write_artifact(const Artifact& artifact, const std::filesystem::path& folder);

// Reads artifact.json, taken for hostile. The folder's name must be the identity's hash and the
// contract's hash the identity's; what lies beside it is not looked at.
Result<Artifact> read_artifact(const std::filesystem::path& folder);

// The artifacts in a folder, by folder name; those that are damaged are left out. A folder that is
// not there has none.
std::vector<Artifact> list_artifacts(const std::filesystem::path& artifacts);

// Whether the package's bytes are those that were built; the error says what was found.
Result<void> check_content(const Artifact& artifact, int threads);

}  // namespace fusesweep
