// Builds shards from a model file: decoder layers, slices of the LM head, the embedding table.
#pragma once

#include <filesystem>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/shard_identity.h"
#include "runners/mlprogram/artifact.h"
#include "runners/model/model_file.h"

namespace fusesweep {

// Changes whenever the same request would give other bytes.
inline constexpr int kBuilderVersion = 1;

// The shard of a model; model_hash, contract_hash and builder_version are filled in.
ShardIdentity shard_of(const ModelFile& model, ShardIdentity asked);

// Whether the model has these layers or rows; the error says what it has.
Result<void> check_kind(const Contract& contract, const ShardKind& kind);

struct BuildOptions {
  int threads = 1;  // does not change what is built
};

// The artifact of that identity in the folder `artifacts`: the one that is there if its bytes are
// those that were built, else a new one. Memory does not grow with the model (about 10 MiB a thread
// beside the mapped file). Progress advances by bytes read of the file.
// Errors: layers or slices that the model does not have, a context beyond its own, a tensor that is
// missing, of another shape, or not finite, a full disk. Nothing half is left behind.
// REQUIRES: the identity is shard_of the model.
Result<Artifact> build_shard(const ModelFile& model, const ShardIdentity& identity,
                             const std::filesystem::path& artifacts, const BuildOptions& options,
                             Progress& progress);

}  // namespace fusesweep
