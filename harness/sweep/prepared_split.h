// Gets a split ready to run: every shard that is missing is built by the runner, and a manifest of
// them is written into the work folder. Used by whoever gates or measures a split.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

// A model whose shards a runner can have.
struct RunnableModel {
  std::filesystem::path path;  // of the GGUF file; empty for a runner that serves a recorded model
  Contract contract;
  std::string name;
  std::string hash;
};

// Without a file, the runner's own model. Errors name the flag --model or the file.
Result<RunnableModel> find_runnable_model(const RunnerDescription& description,
                                          const std::optional<std::string>& file);

struct SplitToPrepare {
  Split split;
  ShardIdentity shape;  // tokens, context, encoding and kv_form of all shards
  int head_shards = 1;
  std::filesystem::path work;
  RunnerOptions options;
};

struct PreparedSplit {
  OpenRequest open;  // what to open it with
  std::vector<BuiltShard> shards;
  std::uint64_t weight_bytes = 0;  // that every token reads
};

// The shards of the split, in the order in which they run: segments, then slices of the head; the
// embedding table last.  Errors: a split that does not fit the model, too many slices.
Result<std::vector<ShardIdentity>> shards_of(const RunnableModel& model, const Split& split,
                                             const ShardIdentity& shape, int head_shards);

// Those of them that the runner builds: all, or the layers alone where head and table are not its to build
// (records, kExportCapability).
std::vector<ShardIdentity> built_by(const RunnerDescription& description,
                                    std::vector<ShardIdentity> shards);

// One of them: the shape with the model and the kind filled in.
ShardIdentity shard_of(const RunnableModel& model, ShardIdentity shape, const ShardKind& kind);

// The manifest of shards that are in `artifacts`, all of one builder, written to the folder `manifests` of the
// work folder that is wanted.  Errors: what is missing; a package whose bytes are not those that were built.
Result<std::filesystem::path> write_manifest(const std::string& model_hash,
                                             const SplitToPrepare& wanted,
                                             const std::filesystem::path& artifacts);

// With a manifest, unless the runner reads a record. One that exports makes it when it first opens it, in the
// folder `exports` of the work folder, under a name that changes with the shards' bytes and the tools.
// Errors: a split that does not fit the model, a build that failed.
Result<PreparedSplit> prepare_split(Runner& runner, const RunnerDescription& description,
                                    const RunnableModel& model, const SplitToPrepare& wanted,
                                    Progress& progress);

}  // namespace fusesweep
