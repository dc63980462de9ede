#include "runners/stack/stack.h"

#include <fmt/format.h>

#include <string>

#include "harness/base/text.h"
#include "runners/mlprogram/artifact.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

// Paths in a manifest of our own lie outside its folder when the work folder's artifacts are
// elsewhere; who may name what is for whoever handed the path in to decide.
Result<Stack> read_manifest_stack(const std::filesystem::path& path) {
  const Result<RuntimeManifest> manifest = read_runtime_manifest(path, OutsidePaths::kFollow);
  if (!manifest) return fail(manifest.error());
  const std::filesystem::path folder = path.parent_path();
  Stack stack{.contract = manifest->contract, .embedding = folder / manifest->embedding};
  for (const auto* list : {&manifest->layers, &manifest->head}) {
    for (const ManifestShard& shard : *list)
      stack.shards.push_back({.kind = shard.kind,
                              .package = folder / shard.package,
                              .compiled = folder / shard.compiled});
  }
  return stack;
}

Result<Stack> read_artifact_stack(const std::vector<std::filesystem::path>& artifacts) {
  Stack stack;
  for (const std::filesystem::path& folder : artifacts) {
    const Result<Artifact> artifact = read_artifact(folder);
    if (!artifact) return fail(artifact.error());
    const std::string where = one_line(folder.string());
    if (std::holds_alternative<EmbeddingTable>(artifact->identity.kind))
      return invalid_input(fmt::format("{}: found an embedding table, want a shard", where));
    if (stack.shards.empty()) {
      stack.contract = artifact->contract;
    } else if (stack.contract != artifact->contract) {
      return invalid_input(fmt::format("{}: found another model than in the first", where));
    } else {
      const ShardKind& before = stack.shards.back().kind;
      const auto* left = std::get_if<Segment>(&before);
      const auto* right = std::get_if<Segment>(&artifact->identity.kind);
      if (left == nullptr || (right != nullptr && right->begin != left->end)) {
        return invalid_input(fmt::format("{}: found {} after {}, want what follows it", where,
                                         to_text(artifact->identity.kind), to_text(before)));
      }
    }
    StackedShard shard{.kind = artifact->identity.kind, .package = artifact->path()};
    shard.compiled = shard.package;
    shard.compiled.replace_extension(".mlmodelc");
    stack.shards.push_back(std::move(shard));
  }
  return stack;
}

}  // namespace

Result<Stack> read_stack(const OpenRequest& request) {
  return request.manifest.empty() ? read_artifact_stack(request.artifacts)
                                  : read_manifest_stack(request.manifest);
}

}  // namespace fusesweep
