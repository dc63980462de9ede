#include "runners/stack/requested_builds.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"

namespace fusesweep {

Result<const ModelFile*> RequestedBuilds::read_model(const std::filesystem::path& path,
                                                     int threads) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (model_ && !error && path == model_path_ && time == model_time_) return &*model_;
  model_.reset();
  Result<ModelFile> model = open_model_file(path, threads);
  if (!model) return fail(std::move(model).error());
  model_ = *std::move(model);
  model_path_ = path;
  model_time_ = time;
  return &*model_;
}

Result<BuiltShard> RequestedBuilds::build(const BuildRequest& request, Progress& progress) {
  const int threads = request.options.threads > 0 ? request.options.threads : available_threads();
  const Result<const ModelFile*> read = read_model(request.model, threads);
  if (!read) return fail(read.error());
  const ModelFile& model = **read;
  const ShardIdentity identity = shard_of(model, request.identity);
  if (identity != request.identity) {
    return invalid_input(
        fmt::format("{}: found the model {} and builder version {}, want {} and {}",
                    one_line(request.model.string()), model.hash, kBuilderVersion,
                    one_line(request.identity.model_hash), request.identity.builder_version));
  }
  std::error_code error;
  const bool was_there = std::filesystem::exists(request.artifacts / hash_of(identity), error);
  const SystemClock clock;
  const auto begin = clock.steady_now();
  const Result<Artifact> artifact =
      build_shard(model, identity, request.artifacts, {.threads = threads}, progress);
  if (!artifact) return fail(artifact.error());
  BuiltShard built{.artifact = artifact->folder,
                   .bytes = artifact->bytes,
                   .build_ns = std::nullopt,
                   .content_hash = artifact->content_hash};
  if (!was_there) {
    built.build_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock.steady_now() - begin).count();
  }
  return built;
}

}  // namespace fusesweep
