#include "harness/sweep/prepared_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/hash.h"
#include "harness/base/new_file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/core/shard_weight.h"
#include "runners/mlprogram/manifest_export.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/model_file.h"

namespace fusesweep {
namespace {

constexpr std::size_t kHashDigits = 32;

// Where a runner that exports is to make its manifest. Those of one model and one toolchain share a folder, for
// what they have in common (the embedding table above all) is large.
std::filesystem::path manifest_to_export(const RunnerDescription& description,
                                         const RunnableModel& model, const SplitToPrepare& wanted,
                                         const std::vector<BuiltShard>& shards) {
  std::string contents;
  for (const BuiltShard& shard : shards) contents += shard.content_hash;
  std::string lengths = to_text(wanted.split);
  std::replace(lengths.begin(), lengths.end(), '+', '_');
  return wanted.work / "exports" / to_hex(hash128(description.toolchain + model.hash)) /
         fmt::format("{}_runtime_meta_{}.json", to_hex(hash128(contents)).substr(0, 8), lengths);
}

}  // namespace

std::vector<ShardIdentity> built_by(const RunnerDescription& description,
                                    std::vector<ShardIdentity> shards) {
  if (description.evidence == Evidence::kRecorded || can(description, kExportCapability)) {
    std::erase_if(shards, [](const ShardIdentity& shard) {
      return !std::holds_alternative<Segment>(shard.kind);
    });
  }
  return shards;
}

Result<RunnableModel> find_runnable_model(const RunnerDescription& description,
                                          const std::optional<std::string>& file) {
  if (!file && description.own_model.empty())
    return invalid_input("--model: found nothing, want a GGUF file");
  if (!file) {
    Result<Contract> contract = known_model(description.own_model);
    if (!contract) return fail_with_context(std::move(contract).error(), description.name);
    return RunnableModel{
        {}, *std::move(contract), description.own_model, std::string(kHashDigits, '0')};
  }
  Result<ModelFile> model = open_model_file(*file, available_threads());
  if (!model) return fail(std::move(model).error());
  return RunnableModel{std::filesystem::absolute(*file), std::move(model->contract),
                       std::move(model->name), std::move(model->hash)};
}

ShardIdentity shard_of(const RunnableModel& model, ShardIdentity shape, const ShardKind& kind) {
  shape.model_hash = model.hash;
  shape.contract_hash = hash_of(model.contract);
  shape.builder_version = kBuilderVersion;
  shape.kind = kind;
  return shape;
}

Result<std::vector<ShardIdentity>> shards_of(const RunnableModel& model, const Split& split,
                                             const ShardIdentity& shape, int head_shards) {
  if (split.n_layers() != model.contract.n_layers) {
    return invalid_input(fmt::format("--split: found {} layers in all, want {} as {} has",
                                     split.n_layers(), model.contract.n_layers, quote(model.name)));
  }
  const Result<std::vector<HeadSlice>> slices = head_slices(model.contract, head_shards);
  if (!slices) return fail_with_context(slices.error(), "--head-shards");
  std::vector<ShardIdentity> shards;
  for (const Segment& segment : split.segments()) shards.push_back(shard_of(model, shape, segment));
  for (const HeadSlice& slice : *slices) shards.push_back(shard_of(model, shape, slice));
  shards.push_back(shard_of(model, shape, EmbeddingTable{}));
  return shards;
}

Result<std::filesystem::path> write_manifest(const std::string& model_hash,
                                             const SplitToPrepare& wanted,
                                             const std::filesystem::path& artifacts) {
  const std::filesystem::path folder = wanted.work / "manifests";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
  const ShardIdentity& shape = wanted.shape;
  const int head_shards = wanted.head_shards;
  const Result<RuntimeManifest> manifest = find_manifest(list_artifacts(artifacts),
                                                         {.split = wanted.split,
                                                          .model_hash = model_hash,
                                                          .context = shape.context,
                                                          .tokens = shape.tokens,
                                                          .kv_form = shape.kv_form,
                                                          .encoding = shape.encoding,
                                                          .head_shards = head_shards},
                                                         folder, available_threads());
  if (!manifest) return fail(manifest.error());
  const std::filesystem::path path =
      folder / fmt::format("{}_{}_head{}_T{}_S{}_{}_{}.json", model_hash.substr(0, 8),
                           lengths_of(*manifest), head_shards, shape.tokens, shape.context,
                           to_text(shape.encoding), to_text(shape.kv_form));
  Result<NewFile> file = NewFile::create(path);
  if (!file) return fail(std::move(file).error());
  file->write(to_json(*manifest).dump(2) + '\n');
  if (auto done = (*std::move(file)).commit(); !done) return fail(std::move(done).error());
  return path;
}

Result<PreparedSplit> prepare_split(Runner& runner, const RunnerDescription& description,
                                    const RunnableModel& model, const SplitToPrepare& wanted,
                                    Progress& progress) {
  const Result<std::vector<ShardIdentity>> shards =
      shards_of(model, wanted.split, wanted.shape, wanted.head_shards);
  if (!shards) return fail(shards.error());

  PreparedSplit prepared;
  prepared.open.options = wanted.options;
  for (const ShardIdentity& shard : built_by(description, *shards)) {
    const bool is_table = std::holds_alternative<EmbeddingTable>(shard.kind);
    Result<BuiltShard> built = runner.build({.identity = shard,
                                             .model = model.path,
                                             .artifacts = wanted.work / "artifacts",
                                             .options = wanted.options},
                                            progress);
    if (!built) return fail_with_context(std::move(built).error(), to_text(shard.kind));
    if (!is_table) {
      prepared.weight_bytes += shard_weight_bytes(model.contract, shard.kind, shard.encoding);
      prepared.open.artifacts.push_back(built->artifact);
    }
    prepared.shards.push_back(*std::move(built));
  }
  if (description.evidence == Evidence::kRecorded) return prepared;
  if (can(description, kExportCapability)) {
    prepared.open.manifest = manifest_to_export(description, model, wanted, prepared.shards);
    return prepared;
  }
  const Result<std::filesystem::path> manifest =
      write_manifest(model.hash, wanted, wanted.work / "artifacts");
  if (!manifest) return fail(manifest.error());
  prepared.open.artifacts.clear();
  prepared.open.manifest = *manifest;
  return prepared;
}

}  // namespace fusesweep
