#include "runners/mlprogram/artifact.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::uint64_t kMaxIndexBytes = 1 << 20;
constexpr std::string_view kIndex = "artifact.json";

}  // namespace

Result<void> write_artifact(const Artifact& artifact, const std::filesystem::path& folder) {
  Json json = json_document(kSchemaVersion);
  json["identity"] = to_json(artifact.identity);
  json["contract"] = to_json(artifact.contract);
  json["model"] = artifact.model;
  json["name"] = artifact.name;
  json["bytes"] = artifact.bytes;
  json["content_hash"] = artifact.content_hash;
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
  const JsonField name = root.at("name");
  Artifact artifact{.folder = folder,
                    .identity = read_shard_identity(root.at("identity")),
                    .contract = read_contract(root.at("contract")),
                    .model = root.at("model").text(),
                    .name = name.text(),
                    .bytes = static_cast<std::uint64_t>(
                        root.at("bytes").integer(0, std::numeric_limits<std::int64_t>::max())),
                    .content_hash = root.at("content_hash").text()};
  if (const std::filesystem::path plain = artifact.name;
      plain.empty() || plain != plain.filename() || plain == "." || plain == "..")
    name.reject(quote(artifact.name), "the name of something in the folder");
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

Result<void> check_content(const Artifact& artifact, int threads) {
  const Result<TreeHash> tree = hash_tree(artifact.path(), threads);
  if (!tree) return fail(tree.error());
  const std::string hash = to_hex(tree->hash);
  if (hash == artifact.content_hash && tree->bytes == artifact.bytes) return {};
  return invalid_input(fmt::format("{}: found {} bytes of hash {}, want {} of {} as it was built",
                                   one_line(artifact.path().string()), tree->bytes, hash,
                                   artifact.bytes, artifact.content_hash));
}

}  // namespace fusesweep
