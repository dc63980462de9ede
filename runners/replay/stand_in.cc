#include "runners/replay/stand_in.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/new_folder.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "runners/mlprogram/artifact.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::uint64_t kMaxBytes = 1 << 20;
constexpr std::string_view kFile = "recorded.json";

std::string text_of(const ShardIdentity& identity, const Contract& contract) {
  Json json = json_document(kSchemaVersion);
  json["about"] = fmt::format("stands for {}, which is known from records only: nothing was built",
                              to_text(identity.kind));
  json["identity"] = to_json(identity);
  json["contract"] = to_json(contract);
  return to_text(json) + '\n';
}

Result<StandIn> parse_stand_in(std::string_view text, const std::filesystem::path& folder) {
  const std::string where = one_line((folder / kFile).string());
  const Result<Json> json = parse_json(text, where);
  if (!json) return fail(json.error());
  JsonReader reader(*json, where);
  const JsonField root = reader.root();
  root.allow_only({"schema_version", "about", "identity", "contract"});
  root.at("schema_version").integer(kSchemaVersion, kSchemaVersion);
  StandIn stand_in{.folder = folder,
                   .identity = read_shard_identity(root.at("identity")),
                   .contract = read_contract(root.at("contract")),
                   .bytes = text.size(),
                   .content_hash = to_hex(hash128(text))};
  if (!reader.error() && hash_of(stand_in.identity) != folder.filename().string())
    root.at("identity").reject(hash_of(stand_in.identity), "the folder's name");
  if (!reader.error() && hash_of(stand_in.contract) != stand_in.identity.contract_hash)
    root.at("contract").reject(hash_of(stand_in.contract), "the identity's contract_hash");
  if (reader.error()) return fail(*reader.error());
  return stand_in;
}

}  // namespace

Result<StandIn> make_stand_in(const ShardIdentity& identity, const Contract& contract,
                              const std::filesystem::path& artifacts) {
  const std::filesystem::path folder = artifacts / hash_of(identity);
  if (Result<StandIn> there = read_stand_in(folder)) return there;
  const std::string text = text_of(identity, contract);
  Result<StandIn> stand_in = parse_stand_in(text, folder);  // or it could not be read back
  if (!stand_in) return stand_in;
  Result<NewFolder> making = NewFolder::create(folder);
  if (!making) return fail(std::move(making).error());
  Result<NewFile> file = NewFile::create(making->path() / kFile);
  if (!file) return fail(std::move(file).error());
  file->write(text);
  if (auto written = (*std::move(file)).commit(); !written) return fail(written.error());
  if (auto committed = (*std::move(making)).commit(); !committed) return fail(committed.error());
  return stand_in;
}

Result<StandIn> read_stand_in(const std::filesystem::path& folder) {
  if (Result<Artifact> built = read_artifact(folder)) {
    return StandIn{.folder = folder,
                   .identity = std::move(built->identity),
                   .contract = std::move(built->contract),
                   .bytes = built->bytes,
                   .content_hash = std::move(built->content_hash)};
  }
  const Result<std::string> text = read_file(folder / kFile, kMaxBytes);
  if (!text) return fail(text.error());
  return parse_stand_in(*text, folder);
}

}  // namespace fusesweep
