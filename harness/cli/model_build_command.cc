#include "harness/cli/model_build_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/work_folder.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/model_file.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Built {
  Artifact artifact;
  std::chrono::nanoseconds wall{0};
};

// What was asked for, in the order of the model.
Result<std::vector<ShardIdentity>> asked_shards(const ModelBuildArguments& arguments,
                                                const ModelFile& model) {
  const Result<ShardIdentity> shape = read_shard_arguments(arguments.tokens, arguments.context,
                                                           arguments.encoding, arguments.kv_form);
  if (!shape) return fail(shape.error());
  std::vector<ShardIdentity> shards;
  const auto add = [&](const ShardKind& kind) {
    ShardIdentity shard = *shape;
    shard.kind = kind;
    shards.push_back(shard_of(model, shard));
  };
  for (const std::string& text : arguments.segments) {
    const Result<Segment> segment = read_segment(text, model.contract);
    if (!segment) return fail(segment.error());
    add(*segment);
  }
  if (arguments.head) {
    const Result<std::vector<HeadSlice>> slices =
        read_head_slices(arguments.head_shards, model.contract);
    if (!slices) return fail(slices.error());
    for (const HeadSlice& slice : *slices) add(slice);
  }
  if (arguments.embedding) add(EmbeddingTable{});
  if (shards.empty())
    return invalid_input("found nothing to build, want --segment A:B, --head or --embedding");
  return shards;
}

Json to_json(const Built& built) {
  const Artifact& artifact = built.artifact;
  return {
      {"kind", to_text(artifact.identity.kind)}, {"artifact", artifact.folder.filename().string()},
      {"path", artifact.path().string()},        {"bytes", artifact.bytes},
      {"content_hash", artifact.content_hash},   {"build_ns", built.wall.count()}};
}

}  // namespace

Result<std::string> run_model_build(const ModelBuildArguments& arguments) {
  const int threads = available_threads();
  const Result<ModelFile> model = open_model_file(arguments.file, threads);
  if (!model) return fail(model.error());
  const Result<std::vector<ShardIdentity>> shards = asked_shards(arguments, *model);
  if (!shards) return fail(shards.error());
  const std::filesystem::path folder = arguments.output ? std::filesystem::path(*arguments.output)
                                                        : artifacts_folder(arguments.work);

  const Result<std::optional<FolderLock>> at_work =
      enter_existing_work_folder(work_folder(arguments.work));
  if (!at_work) return fail(at_work.error());
  const SystemClock clock;
  std::vector<Built> built;
  {
    Progress progress(Progress::on_terminal(stderr), clock);
    for (const ShardIdentity& shard : *shards) {
      const auto begun = clock.steady_now();
      Result<Artifact> artifact =
          build_shard(*model, shard, folder, {.threads = threads}, progress);
      if (!artifact) return fail(std::move(artifact).error());
      built.push_back({*std::move(artifact), clock.steady_now() - begun});
    }
  }
  if (!arguments.json) {
    std::string text;
    for (const auto& [artifact, wall] : built) {
      text += fmt::format("{}  {}  {:.2f} s  {}\n", to_text(artifact.identity.kind),
                          format_bytes(artifact.bytes), std::chrono::duration<double>(wall).count(),
                          one_line(artifact.path().string()));
    }
    return text;
  }
  Json document = json_document(kSchemaVersion);
  document["model"] = arguments.file;
  document["model_hash"] = model->hash;
  Json& list = document["artifacts"] = Json::array();
  for (const Built& one : built) list.push_back(to_json(one));
  return to_text(document) + '\n';
}

}  // namespace fusesweep
