#include "runners/mlprogram/manifest_export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

// The artifacts that may be part of the manifest, and what of it they lack.
class Finder {
 public:
  Finder(const std::vector<Artifact>& artifacts, const ManifestRequest& request,
         const std::filesystem::path& folder)
      : artifacts_(artifacts), request_(request), folder_(folder) {}

  // The one of that kind, or nullptr, which is noted.
  const Artifact* find(const std::string& model_hash, const ShardKind& kind) {
    const auto found =
        std::find_if(artifacts_.begin(), artifacts_.end(), [&](const Artifact& artifact) {
          return artifact.identity.model_hash == model_hash && artifact.identity.kind == kind &&
                 fits(artifact.identity);
        });
    if (found != artifacts_.end()) return &*found;
    missing_.push_back(to_text(kind));
    return nullptr;
  }

  const std::vector<std::string>& missing() const { return missing_; }

  // The models that have a layer shard of the split's form.
  std::set<std::string> models() const {
    std::set<std::string> hashes;
    for (const Artifact& artifact : artifacts_) {
      if (std::holds_alternative<Segment>(artifact.identity.kind) && fits(artifact.identity))
        hashes.insert(artifact.identity.model_hash);
    }
    return hashes;
  }

  // The least number of slices of which all are there.
  int head_shards(const std::string& model_hash, const Contract& contract) const {
    std::set<int> counts;
    for (const Artifact& artifact : artifacts_) {
      if (const auto* slice = std::get_if<HeadSlice>(&artifact.identity.kind))
        counts.insert(slice->of);
    }
    for (const int count : counts) {
      const Result<std::vector<HeadSlice>> slices = head_slices(contract, count);
      if (!slices) continue;
      Finder finder(artifacts_, request_, folder_);
      for (const HeadSlice& slice : *slices) finder.find(model_hash, slice);
      if (finder.missing().empty()) return count;
    }
    return 1;
  }

  ManifestShard shard(const Artifact& artifact) const {
    std::filesystem::path compiled = artifact.path();
    compiled.replace_extension(".mlmodelc");
    return {.kind = artifact.identity.kind,
            .compiled = relative(compiled),
            .package = relative(artifact.path()),
            .artifact = hash_of(artifact.identity),
            .content_hash = artifact.content_hash};
  }

  std::string relative(const std::filesystem::path& path) const {
    return std::filesystem::proximate(path, folder_).generic_string();
  }

 private:
  bool fits(const ShardIdentity& identity) const {
    if (std::holds_alternative<EmbeddingTable>(identity.kind)) return true;
    if (identity.tokens != request_.tokens || identity.encoding != request_.encoding) return false;
    return std::holds_alternative<HeadSlice>(identity.kind) ||
           (identity.context == request_.context && identity.kv_form == request_.kv_form);
  }

  const std::vector<Artifact>& artifacts_;
  const ManifestRequest& request_;
  const std::filesystem::path& folder_;
  std::vector<std::string> missing_;
};

// The text in single quotes, which a POSIX shell takes as it is.
std::string shell_quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

Result<RuntimeManifest> find_stack(const std::vector<Artifact>& artifacts,
                                   const ManifestRequest& request,
                                   const std::filesystem::path& folder, int threads) {
  Finder finder(artifacts, request, folder);
  const std::set<std::string> models = finder.models();
  if (models.empty() || (models.size() > 1 && !request.model_hash)) {
    return invalid_input(fmt::format(
        "found {} models with {} shards of context {}, {} form and {} tokens a call, want {}",
        models.size(), to_text(request.encoding), request.context, to_text(request.kv_form),
        request.tokens,
        models.empty() ? "one: build them with fusesweep model build" : "--model to say which"));
  }
  const std::string model_hash = request.model_hash.value_or(*models.begin());
  const auto of_model = std::find_if(
      artifacts.begin(), artifacts.end(),
      [&](const Artifact& artifact) { return artifact.identity.model_hash == model_hash; });
  if (of_model == artifacts.end())
    return invalid_input("found no artifact of this model, want its shards: fusesweep model build");
  RuntimeManifest manifest{.contract = of_model->contract,
                           .model = of_model->model,
                           .model_hash = model_hash,
                           .context = request.context,
                           .encoding = request.encoding};
  if (request.split.n_layers() != manifest.contract.n_layers) {
    return invalid_input(fmt::format("found {} layers in all, want {} as {} has",
                                     request.split.n_layers(), manifest.contract.n_layers,
                                     quote(manifest.model)));
  }
  const Result<std::vector<HeadSlice>> slices =
      head_slices(manifest.contract,
                  request.head_shards.value_or(finder.head_shards(model_hash, manifest.contract)));
  if (!slices) return fail_with_context(slices.error(), "--head-shards");

  std::vector<ShardKind> kinds;
  for (const Segment& segment : request.split.segments()) kinds.emplace_back(segment);
  kinds.insert(kinds.end(), slices->begin(), slices->end());
  kinds.emplace_back(EmbeddingTable{});
  std::vector<const Artifact*> found;
  for (const ShardKind& kind : kinds) found.push_back(finder.find(model_hash, kind));
  if (!finder.missing().empty()) {
    return invalid_input(
        fmt::format("found no {} as {} with context {}, want them built: "
                    "fusesweep model build",
                    fmt::join(finder.missing(), ", "), to_text(request.encoding), request.context));
  }
  for (const Artifact* artifact : found) {
    if (auto checked = check_content(*artifact, threads); !checked)
      return fail(std::move(checked).error());
    if (std::holds_alternative<EmbeddingTable>(artifact->identity.kind)) {
      manifest.embedding = finder.relative(artifact->path());
    } else {
      const bool is_layers = std::holds_alternative<Segment>(artifact->identity.kind);
      (is_layers ? manifest.layers : manifest.head).push_back(finder.shard(*artifact));
    }
  }
  return manifest;
}

}  // namespace

Result<RuntimeManifest> find_manifest(const std::vector<Artifact>& artifacts,
                                      const ManifestRequest& request,
                                      const std::filesystem::path& folder, int threads) {
  Result<RuntimeManifest> manifest = find_stack(artifacts, request, folder, threads);
  if (!manifest || !request.verifier_tokens) return manifest;
  ManifestRequest of_verifier = request;
  of_verifier.tokens = *request.verifier_tokens;
  of_verifier.model_hash = manifest->model_hash;
  Result<RuntimeManifest> verifier = find_stack(artifacts, of_verifier, folder, threads);
  if (!verifier)
    return fail_with_context(std::move(verifier).error(),
                             fmt::format("verifier of {} tokens a call", of_verifier.tokens));
  manifest->verifier = {.tokens = of_verifier.tokens,
                        .layers = std::move(verifier->layers),
                        .head = std::move(verifier->head)};
  return manifest;
}

std::string compile_script(const RuntimeManifest& manifest) {
  std::string script =
      "#!/bin/sh\n"
      "# Compiles the packages of this split on macOS 15 or newer; run it from this folder.\n"
      "set -e\n";
  for (const ManifestShard* shard : all_shards(manifest)) {
    const std::string to = std::filesystem::path(shard->compiled).parent_path().generic_string();
    script += fmt::format("xcrun coremlcompiler compile {} {}\n", shell_quote(shard->package),
                          shell_quote(to));
  }
  return script;
}

}  // namespace fusesweep
