#include "runners/mlprogram/artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/new_folder.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::uint64_t kMaxIndexBytes = 1 << 20;
constexpr std::string_view kIndex = "artifact.json";
constexpr std::string_view kCompiledEnding = ".mlmodelc";

Failure system_failure(const std::filesystem::path& path, const std::error_code& error) {
  return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
}

Failure not_plain(const std::filesystem::path& path) {
  return invalid_input(
      fmt::format("{}: found a link or device, want files and folders", one_line(path.string())));
}

// A hard link to the file, or a copy of it where there can be none.
Result<void> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::create_hard_link(from, to, error);
  if (error) {
    error.clear();
    std::filesystem::copy_file(from, to, error);
  }
  if (error) return system_failure(from, error);
  return {};
}

// Everything in a folder to another that is not there yet.
Result<void> take_in(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::create_directory(to, error);
  if (error) return system_failure(to, error);
  std::filesystem::recursive_directory_iterator at(from, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    const std::filesystem::path place = to / at->path().lexically_relative(from);
    const std::filesystem::file_type type = at->symlink_status(error).type();
    if (type == std::filesystem::file_type::directory) {
      std::filesystem::create_directory(place, error);
    } else if (type != std::filesystem::file_type::regular) {
      return not_plain(at->path());
    } else if (auto taken = link_or_copy(at->path(), place); !taken) {
      return taken;
    }
    if (error) return system_failure(place, error);
  }
  if (error) return system_failure(from, error);
  return {};
}

std::uint64_t read_bytes(const JsonField& field) {
  return static_cast<std::uint64_t>(field.integer(0, std::numeric_limits<std::int64_t>::max()));
}

std::string read_name(const JsonField& field) {
  std::string name = field.text();
  if (const std::filesystem::path plain = name;
      plain.empty() || plain != plain.filename() || plain == "." || plain == "..")
    field.reject(quote(name), "the name of something in the folder");
  return name;
}

CompiledForm read_compiled(const JsonField& field) {
  CompiledForm compiled{.name = read_name(field.at("name")),
                        .bytes = read_bytes(field.at("bytes")),
                        .content_hash = field.at("content_hash").text()};
  if (!compiled.name.ends_with(kCompiledEnding))
    field.at("name").reject(quote(compiled.name), "a name that ends with .mlmodelc");
  return compiled;
}

Result<void> check_tree(const std::filesystem::path& path, std::uint64_t bytes,
                        const std::string& content_hash, int threads) {
  const Result<TreeHash> tree = hash_tree(path, threads);
  if (!tree) return fail(tree.error());
  const std::string hash = to_hex(tree->hash);
  if (hash == content_hash && tree->bytes == bytes) return {};
  return invalid_input(fmt::format("{}: found {} bytes of hash {}, want {} of {} as it was built",
                                   one_line(path.string()), tree->bytes, hash, bytes,
                                   content_hash));
}

}  // namespace

std::string name_of(const ShardKind& kind) {
  if (const auto* segment = std::get_if<Segment>(&kind))
    return fmt::format("layers_{}_{}.mlpackage", segment->begin, segment->end);
  if (const auto* slice = std::get_if<HeadSlice>(&kind))
    return fmt::format("head_{}_{}.mlpackage", slice->vocab_begin, slice->vocab_end);
  return "embedding_fp16.bin";
}

Result<void> write_artifact(const Artifact& artifact, const std::filesystem::path& folder) {
  Json json = json_document(kSchemaVersion);
  json["identity"] = to_json(artifact.identity);
  json["contract"] = to_json(artifact.contract);
  json["model"] = artifact.model;
  json["name"] = artifact.name;
  json["bytes"] = artifact.bytes;
  json["content_hash"] = artifact.content_hash;
  if (const auto& compiled = artifact.compiled) {
    json["compiled"] = {{"name", compiled->name},
                        {"bytes", compiled->bytes},
                        {"content_hash", compiled->content_hash}};
  }
  if (!artifact.has_package) json["package_removed"] = true;
  Result<NewFile> file = NewFile::create(folder / kIndex);
  if (!file) return fail(std::move(file).error());
  file->write(to_text(json) + '\n');
  return (*std::move(file)).commit();
}

Result<Artifact> read_artifact(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kIndex;
  const Result<std::string> text = read_file(path, kMaxIndexBytes);
  if (!text) return fail(text.error());
  const std::string where = one_line(path.string());
  const Result<Json> json = parse_json(*text, where);
  if (!json) return fail(json.error());
  JsonReader reader(*json, where);
  const JsonField root = reader.root();
  root.at("schema_version").integer(kSchemaVersion, kSchemaVersion);
  Artifact artifact{.folder = folder,
                    .identity = read_shard_identity(root.at("identity")),
                    .contract = read_contract(root.at("contract")),
                    .model = root.at("model").text(),
                    .name = read_name(root.at("name")),
                    .bytes = read_bytes(root.at("bytes")),
                    .content_hash = root.at("content_hash").text()};
  if (const auto compiled = root.find("compiled")) artifact.compiled = read_compiled(*compiled);
  if (const auto removed = root.find("package_removed")) {
    artifact.has_package = !removed->boolean();
    if (!artifact.has_package && !artifact.compiled) removed->reject("true", "a compiled form");
  }
  if (!reader.error() && hash_of(artifact.identity) != folder.filename().string())
    root.at("identity").reject(hash_of(artifact.identity), "the folder's name");
  if (!reader.error() && hash_of(artifact.contract) != artifact.identity.contract_hash)
    root.at("contract").reject(hash_of(artifact.contract), "the identity's contract_hash");
  if (reader.error()) return fail(*reader.error());
  return artifact;
}

std::vector<Artifact> list_artifacts(const std::filesystem::path& artifacts) {
  std::vector<Artifact> found;
  std::error_code error;
  std::filesystem::directory_iterator at(artifacts, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (Result<Artifact> artifact = read_artifact(at->path()))
      found.push_back(*std::move(artifact));
  }
  std::sort(found.begin(), found.end(),
            [](const Artifact& a, const Artifact& b) { return a.folder < b.folder; });
  return found;
}

Result<Artifact> adopt_package(const std::filesystem::path& package, const ShardIdentity& identity,
                               const Contract& contract, const std::string& model_name,
                               const std::filesystem::path& artifacts, int threads) {
  FUSESWEEP_CHECK(!std::holds_alternative<EmbeddingTable>(identity.kind));
  FUSESWEEP_CHECK(hash_of(contract) == identity.contract_hash);
  Artifact artifact{.identity = identity,
                    .contract = contract,
                    .model = model_name,
                    .name = name_of(identity.kind)};
  artifact.identity.builder_version = kAdoptedVersion;
  artifact.folder = artifacts / hash_of(artifact.identity);
  std::error_code error;
  const std::filesystem::file_type type = std::filesystem::symlink_status(package, error).type();
  if (type == std::filesystem::file_type::symlink) return not_plain(package);
  if (type != std::filesystem::file_type::directory) {
    return invalid_input(
        fmt::format("{}: found no folder, want a package", one_line(package.string())));
  }

  Result<NewFolder> making = NewFolder::create(artifact.folder);
  if (!making) return fail(std::move(making).error());
  const std::filesystem::path path = making->path() / artifact.name;
  if (auto taken = take_in(package, path); !taken) return fail(std::move(taken).error());
  // Links and devices that came meanwhile are found here.
  const Result<TreeHash> tree = hash_tree(path, threads);
  if (!tree) return fail(tree.error());
  artifact.bytes = tree->bytes;
  artifact.content_hash = to_hex(tree->hash);
  if (auto written = write_artifact(artifact, making->path()); !written)
    return fail(std::move(written).error());
  if (auto committed = (*std::move(making)).commit(); !committed)
    return fail(std::move(committed).error());
  return artifact;
}

Result<void> link_artifact(const Artifact& artifact, const std::filesystem::path& artifacts) {
  return take_in(artifact.folder, artifacts / artifact.folder.filename());
}

Result<void> check_content(const Artifact& artifact, int threads) {
  if (!artifact.has_package) return check_compiled(artifact, threads);
  return check_tree(artifact.path(), artifact.bytes, artifact.content_hash, threads);
}

Result<void> check_compiled(const Artifact& artifact, int threads) {
  FUSESWEEP_CHECK(artifact.compiled);
  const CompiledForm& compiled = *artifact.compiled;
  return check_tree(artifact.folder / compiled.name, compiled.bytes, compiled.content_hash,
                    threads);
}

Result<void> note_compiled(Artifact artifact, const std::string& name, int threads) {
  const Result<TreeHash> tree = hash_tree(artifact.folder / name, threads);
  if (!tree) return fail(tree.error());
  artifact.compiled = {.name = name, .bytes = tree->bytes, .content_hash = to_hex(tree->hash)};
  return write_artifact(artifact, artifact.folder);
}

Result<void> note_package_removed(Artifact artifact) {
  FUSESWEEP_CHECK(artifact.compiled);
  artifact.has_package = false;
  return write_artifact(artifact, artifact.folder);
}

}  // namespace fusesweep
