#include "harness/cli/export_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/cli/count_argument.h"
#include "harness/cli/shard_arguments.h"
#include "harness/cli/work_folder.h"
#include "harness/core/speculation.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/manifest_export.h"
#include "topologies/runtime_manifest.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

Result<ManifestRequest> read_request(const ExportArguments& arguments) {
  Result<Split> split = parse_split(*arguments.split);
  if (!split) return fail_with_context(std::move(split).error(), "--split");
  const Result<ShardIdentity> shape =
      read_shard_arguments("1", arguments.context, arguments.encoding, arguments.kv_form);
  if (!shape) return fail(shape.error());
  if (shape->kv_form != KvForm::kMask) {
    return invalid_input("--kv: found slice, want mask: the existing runtime feeds kv_write_mask");
  }
  ManifestRequest request{
      .split = *std::move(split), .context = shape->context, .encoding = shape->encoding};
  if (arguments.head_shards) {
    const Result<std::int64_t> count =
        parse_integer(*arguments.head_shards, 1, std::numeric_limits<int>::max());
    if (!count) return fail_with_context(count.error(), "--head-shards");
    request.head_shards = static_cast<int>(*count);
  }
  if (arguments.verifier_tokens) {
    const Result<int> tokens = read_count(*arguments.verifier_tokens, "--verifier-tokens",
                                          kLeastVerifiedTokens, kMostVerifiedTokens);
    if (!tokens) return fail(tokens.error());
    request.verifier_tokens = *tokens;
  }
  if (arguments.model) {
    const Result<Hash128> hash = hash_file(*arguments.model, available_threads());
    if (!hash) return fail_with_context(hash.error(), "--model");
    request.model_hash = to_hex(*hash);
  }
  return request;
}

// What names of files may begin with.
std::string plain(const std::string& text) {
  std::string name;
  for (const char c : text)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ? c : '_';
  return name.empty() ? "model" : name;
}

Json describe(const RuntimeManifest& manifest, const std::filesystem::path& path) {
  Json document = json_document(kSchemaVersion);
  document["manifest"] = path.string();
  document["model"] = manifest.model;
  document["encoding"] = to_text(manifest.encoding);
  document["context"] = manifest.context;
  document["verifier_tokens"] = manifest.verifier ? Json(manifest.verifier->tokens) : Json(nullptr);
  Json& shards = document["shards"] = Json::array();
  for (const ManifestShard* shard : all_shards(manifest))
    shards.push_back({{"kind", to_text(shard->kind)},
                      {"package", shard->package},
                      {"compiled", shard->compiled}});
  document["embedding"] = manifest.embedding;
  return document;
}

Result<std::string> check_manifest(const ExportArguments& arguments) {
  const std::filesystem::path path = *arguments.check;
  const Result<RuntimeManifest> manifest = read_runtime_manifest(
      path, arguments.follow_outside ? OutsidePaths::kFollow : OutsidePaths::kRefuse);
  if (!manifest) return fail(manifest.error());
  if (arguments.json) return to_text(describe(*manifest, path)) + '\n';
  const std::string verifier =
      manifest->verifier
          ? fmt::format(", and a verifier of {} tokens a call", manifest->verifier->tokens)
          : "";
  return fmt::format("{}: {} layer shards and {} head shards of {}{}, complete\n",
                     one_line(path.string()), manifest->layers.size(), manifest->head.size(),
                     one_line(manifest->model), verifier);
}

}  // namespace

Result<std::string> run_export(const ExportArguments& arguments) {
  if (arguments.split.has_value() == arguments.check.has_value())
    return invalid_input("found both or neither of --split and --check, want one of them");
  if (arguments.check) return check_manifest(arguments);
  const Result<ManifestRequest> request = read_request(arguments);
  if (!request) return fail(request.error());
  const Result<std::optional<FolderLock>> at_work =
      enter_existing_work_folder(work_folder(arguments.work));
  if (!at_work) return fail(at_work.error());
  const std::filesystem::path folder =
      arguments.output ? std::filesystem::path(*arguments.output) : work_folder(arguments.work);
  const Result<RuntimeManifest> manifest = find_manifest(
      list_artifacts(artifacts_folder(arguments.work)), *request, folder, available_threads());
  if (!manifest) return fail(manifest.error());

  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
  const std::string prefix =
      plain(arguments.prefix.value_or(std::filesystem::path(manifest->model).stem().string()));
  const std::filesystem::path path =
      folder / fmt::format("{}_runtime_meta_{}.json", prefix, lengths_of(*manifest));
  const std::filesystem::path script =
      folder / fmt::format("{}_compile_{}.sh", prefix, lengths_of(*manifest));
  if (auto written = write_new_file(path, to_json(*manifest).dump(2) + '\n'); !written)
    return fail(std::move(written).error());
  if (auto written = write_new_file(script, compile_script(*manifest)); !written)
    return fail(std::move(written).error());

  if (arguments.json) {
    Json document = describe(*manifest, path);
    document["compile_script"] = script.string();
    return to_text(document) + '\n';
  }
  std::string text = fmt::format("{}\n{}\n", one_line(path.string()), one_line(script.string()));
  for (const ManifestShard* shard : all_shards(*manifest))
    text += fmt::format("{:<24}  {}\n", to_text(shard->kind), one_line(shard->compiled));
  text += "The .mlmodelc files are made on a Mac, by the script; the packages exist.\n";
  return text;
}

}  // namespace fusesweep
