// What runs are made with and make: runners, models, shards and artifacts.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

// The columns of a shard that not every kind has.
struct ShardColumns {
  std::string_view kind;
  std::optional<int> layer_begin;
  std::optional<int> layer_end;
  std::optional<int> vocab_begin;
  std::optional<int> vocab_end;
  std::optional<int> head_slices;
  std::optional<int> tokens;
  std::optional<std::string_view> encoding;
  std::optional<int> context;
  std::optional<std::string_view> kv_form;
};

ShardColumns columns_of(const ShardIdentity& shard) {
  if (std::holds_alternative<EmbeddingTable>(shard.kind)) return {.kind = "embedding"};
  ShardColumns columns{.tokens = shard.tokens, .encoding = to_text(shard.encoding)};
  if (const auto* slice = std::get_if<HeadSlice>(&shard.kind)) {
    columns.kind = "head";
    columns.vocab_begin = slice->vocab_begin;
    columns.vocab_end = slice->vocab_end;
    columns.head_slices = slice->of;
    return columns;
  }
  const auto& segment = std::get<Segment>(shard.kind);
  columns.kind = "segment";
  columns.layer_begin = segment.begin;
  columns.layer_end = segment.end;
  columns.context = shard.context;
  columns.kv_form = to_text(shard.kv_form);
  return columns;
}

ShardKind read_kind(Row& row) {
  const std::string kind = row.text("kind");
  if (kind == "embedding") return EmbeddingTable{};
  if (kind == "segment") {
    const auto begin = static_cast<int>(row.integer("layer_begin", 0, kMaxLayers - 1));
    return Segment{begin, static_cast<int>(row.integer("layer_end", begin + 1, kMaxLayers))};
  }
  if (kind != "head")
    row.reject("kind", fmt::format("found {}, want segment, head or embedding", quote(kind)));
  return HeadSlice{row.small_integer("vocab_begin", 0), row.small_integer("vocab_end", 1),
                   row.small_integer("head_slices", 1)};
}

ArtifactRow read_artifact(Row& row) {
  ArtifactRow artifact{.content_hash = row.text("content_hash"),
                       .path = row.text("path"),
                       .bytes = row.count("bytes"),
                       .weight_bytes = row.count("weight_bytes"),
                       .build_ns = row.optional<std::int64_t>("build_ns", &Row::integer)};
  artifact.shard = read_shard(row);
  return artifact;
}

// Never to be changed: it is stored.
std::string artifact_hash(const std::string& shard_hash, const std::string& content_hash,
                          const std::string& path, std::uint64_t bytes, std::uint64_t weight_bytes,
                          const std::optional<std::int64_t>& build_ns) {
  const Json json = {{"shard", shard_hash},
                     {"content_hash", content_hash},
                     {"path", path},
                     {"bytes", bytes},
                     {"weight_bytes", weight_bytes},
                     {"build_ns", build_ns ? Json(*build_ns) : Json(nullptr)}};
  return to_hex(hash128(to_text(json)));
}

std::string hash_of(const ArtifactRow& artifact) {
  return artifact_hash(hash_of(artifact.shard), artifact.content_hash, artifact.path,
                       artifact.bytes, artifact.weight_bytes, artifact.build_ns);
}

}  // namespace

RunnerRow read_runner(Row& row) {
  return {.name = row.text("name"),
          .version = row.text("version"),
          .device = row.text("device"),
          .device_kind = row.text("device_kind"),
          .evidence = row.text("evidence"),
          .emulated = row.texts("emulated_json"),
          .toolchain = row.text("toolchain")};
}

ModelRow read_model(Row& row) {
  ModelRow model{.hash = row.text("hash"), .name = row.text("name")};
  const Json document = row.json("contract_json");
  JsonReader reader(document, "contract");
  model.contract = read_contract(reader.root());
  if (reader.error()) row.reject("contract_json", reader.error()->message);
  return model;
}

std::string read_artifact_hash(Row& row) {
  return artifact_hash(row.text("shard_hash"), row.text("content_hash"), row.text("path"),
                       row.count("bytes"), row.count("weight_bytes"),
                       row.optional<std::int64_t>("build_ns", &Row::integer));
}

void Store::Connection::put_shard(const ShardIdentity& shard) {
  const ShardColumns columns = columns_of(shard);
  execute(
      sqlite(),
      "INSERT INTO shards (hash, model_hash, contract_hash, kind, layer_begin, layer_end, "
      "vocab_begin, vocab_end, head_slices, builder_version, tokens, encoding, context, kv_form) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
      fusesweep::hash_of(shard), shard.model_hash, shard.contract_hash, columns.kind,
      columns.layer_begin, columns.layer_end, columns.vocab_begin, columns.vocab_end,
      columns.head_slices, shard.builder_version, columns.tokens, columns.encoding, columns.context,
      columns.kv_form);
}

ShardIdentity read_shard(Row& row) {
  row.enter("shards");
  ShardIdentity shard{.model_hash = row.text("model_hash"),
                      .contract_hash = row.text("contract_hash"),
                      .kind = read_kind(row),
                      .builder_version = row.small_integer("builder_version", 0)};
  if (!std::holds_alternative<EmbeddingTable>(shard.kind)) {
    shard.tokens = row.small_integer("tokens", 0);
    shard.encoding = row.parsed("encoding", parse_encoding);
  }
  if (std::holds_alternative<Segment>(shard.kind)) {
    shard.context = row.small_integer("context", 0);
    shard.kv_form = row.parsed("kv_form", parse_kv_form);
  }
  if (!row.error() && row.text("shard_hash") != hash_of(shard))
    row.reject("hash", "found the hash of another shard");
  return shard;
}

Result<void> Store::put_runner(const RunnerRow& runner) {
  FUSESWEEP_CHECK(is_one_of(runner.evidence, {"measured", "recorded"}));
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    execute(store.sqlite(),
            "INSERT INTO runners (fingerprint, name, version, device, device_kind, evidence, "
            "emulated_json, toolchain) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (fingerprint) DO NOTHING",
            fingerprint_of(runner), runner.name, runner.version, runner.device, runner.device_kind,
            runner.evidence, to_text(Json(runner.emulated)), runner.toolchain);
    return {};
  });
}

Result<std::optional<RunnerRow>> Store::find_runner(const std::string& fingerprint) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_first(
        store.database,
        prepared(store.sqlite(),
                 "SELECT name, version, device, device_kind, evidence, emulated_json, "
                 "toolchain FROM runners WHERE fingerprint = ?",
                 fingerprint),
        "runners", read_runner);
  });
}

Result<void> Store::put_model(const ModelRow& model) {
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    execute(store.sqlite(),
            "INSERT INTO models (hash, contract_hash, name, contract_json) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (hash, contract_hash) DO NOTHING",
            model.hash, fusesweep::hash_of(model.contract), model.name,
            to_text(to_json(model.contract)));
    return {};
  });
}

Result<std::vector<ModelRow>> Store::models() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(
        store.database,
        prepared(store.sqlite(),
                 "SELECT hash, name, contract_json FROM models ORDER BY hash, contract_hash"),
        "models", read_model);
  });
}

Result<void> Store::put_artifact(const Uuid& run, const ArtifactRow& artifact) {
  Connection& store = *connection_;
  for (const auto& [what, bytes] : {std::pair{"bytes of an artifact", artifact.bytes},
                                    {"weight bytes of an artifact", artifact.weight_bytes}}) {
    if (auto checked = check_storable(what, bytes); !checked) return checked;
  }
  return store.database.write([&]() -> Result<void> {
    store.put_shard(artifact.shard);
    execute(store.sqlite(),
            "INSERT INTO artifacts (hash, run_id, shard_hash, content_hash, path, bytes, "
            "weight_bytes, build_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            hash_of(artifact), run, fusesweep::hash_of(artifact.shard), artifact.content_hash,
            artifact.path, artifact.bytes, artifact.weight_bytes, artifact.build_ns);
    return {};
  });
}

Result<std::vector<ArtifactRow>> Store::artifacts_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(
        store.database,
        prepared(store.sqlite(),
                 "SELECT artifacts.*, shards.* FROM artifacts JOIN shards ON shards.hash "
                 "= shard_hash WHERE run_id = ? ORDER BY artifacts.rowid",
                 run),
        "artifacts", read_artifact);
  });
}

}  // namespace fusesweep
