// An artifact as far as its folder goes: an index, and a package with a few bytes in it that nobody can run.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "harness/base/check.h"
#include "harness/base/hash.h"
#include "runners/mlprogram/artifact.h"

namespace fusesweep {

// What its index says of its bytes, which nobody compares with them.
inline std::string made_content(const ShardIdentity& identity) {
  return to_hex(hash128("the bytes of " + hash_of(identity)));
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

inline Artifact make_artifact(const std::filesystem::path& artifacts, const ShardIdentity& identity,
                              const Contract& contract) {
  FUSESWEEP_CHECK(hash_of(contract) == identity.contract_hash);
  const Artifact artifact{.folder = artifacts / hash_of(identity),
                          .identity = identity,
                          .contract = contract,
                          .model = "small.gguf",
                          .name = name_of(identity.kind),
                          .bytes = 12,
                          .content_hash = made_content(identity)};
  const bool is_table = std::holds_alternative<EmbeddingTable>(identity.kind);
  write_text(is_table ? artifact.path() : artifact.path() / "Data/weight.bin", "12 bytes, so");
  FUSESWEEP_CHECK(write_artifact(artifact, artifact.folder));
  return artifact;
}

}  // namespace fusesweep
