#include "runners/mlprogram/shard_builder.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "harness/base/new_folder.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "runners/mlprogram/ml_model.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/shard_graph.h"
#include "runners/mlprogram/weight_encoder.h"
#include "runners/mlprogram/weight_file.h"

namespace fusesweep {
namespace {

constexpr std::string_view kEmbeddingTensor = "token_embd.weight";
constexpr int kMaxTokens = 64;  // per call; verifiers have up to 16

std::size_t size_of(int count) { return static_cast<std::size_t>(count); }

// The first of several results that is an error stops those after it.
template <typename T>
bool keep(T& to, Result<T> result, Result<void>& status) {
  if (result) {
    to = *std::move(result);
  } else if (status) {
    status = fail(std::move(result).error());
  }
  return status.has_value();
}

Result<LayerWeights> encode_layer(WeightEncoder& encoder, const Contract& c, int layer,
                                  Encoding encoding) {
  const std::string blk = fmt::format("blk.{}.", layer);
  const auto matrix = [&](std::string_view name, int rows, int columns) {
    const std::string tensor = fmt::format("{}{}.weight", blk, name);
    return encoder.matrix({.tensor = tensor,
                           .rows = size_of(rows),
                           .columns = size_of(columns),
                           .begin = 0,
                           .end = size_of(rows)},
                          encoding);
  };
  const auto norm = [&](std::string_view name) {
    return encoder.channels(fmt::format("{}{}.weight", blk, name), size_of(c.d_model));
  };
  const int d_attention = c.n_heads * c.d_head;
  const int d_qkv = d_attention + 2 * c.n_kv_heads * c.d_head;
  LayerWeights weights;
  Result<void> status;
  if (keep(weights.attention_norm, norm("attn_norm"), status) &&
      keep(weights.qkv, matrix("attn_qkv", d_qkv, c.d_model), status) &&
      keep(weights.attention_output, matrix("attn_output", c.d_model, d_attention), status) &&
      keep(weights.feed_forward_norm, norm("ffn_norm"), status) &&
      keep(weights.gate_up, matrix("ffn_up", 2 * c.d_ff, c.d_model), status) &&
      keep(weights.down, matrix("ffn_down", c.d_model, c.d_ff), status)) {
    return weights;
  }
  return fail(std::move(status).error());
}

Result<Program> build_layers(WeightEncoder& encoder, const Contract& contract,
                             const ShardIdentity& identity, const Segment& segment) {
  DecoderGraph graph(contract, segment.layers(), identity.tokens, identity.context,
                     identity.kv_form);
  for (int layer = segment.begin; layer < segment.end; ++layer) {
    const Result<LayerWeights> weights = encode_layer(encoder, contract, layer, identity.encoding);
    if (!weights) return fail(weights.error());
    graph.add_layer(*weights);
  }
  return std::move(graph).finish();
}

Result<Program> build_head(WeightEncoder& encoder, const Contract& contract,
                           const ShardIdentity& identity, const HeadSlice& slice) {
  const Result<Value> norm = encoder.channels("output_norm.weight", size_of(contract.d_model));
  if (!norm) return fail(norm.error());
  const Result<EncodedMatrix> rows =
      encoder.matrix({.tensor = contract.tied_embeddings ? kEmbeddingTensor : "output.weight",
                      .rows = size_of(contract.vocab_size),
                      .columns = size_of(contract.d_model),
                      .begin = size_of(slice.vocab_begin),
                      .end = size_of(slice.vocab_end)},
                     identity.encoding);
  if (!rows) return fail(rows.error());
  return head_graph(contract, identity.tokens, *norm, *rows);
}

Result<void> check_request(const Contract& contract, const ShardIdentity& identity) {
  if (auto has = check_kind(contract, identity.kind); !has) return has;
  if (std::holds_alternative<EmbeddingTable>(identity.kind)) return {};
  if (identity.tokens < 1 || identity.tokens > kMaxTokens)
    return invalid_input(fmt::format("{}: tokens: found {}, want 1 to {}", to_text(identity.kind),
                                     identity.tokens, kMaxTokens));
  if (std::holds_alternative<HeadSlice>(identity.kind)) return {};
  if (identity.context < identity.tokens || identity.context > contract.max_seq_len) {
    return invalid_input(fmt::format("{}: context: found {}, want {} to {}", to_text(identity.kind),
                                     identity.context, identity.tokens, contract.max_seq_len));
  }
  return {};
}

Result<void> build_package(const ModelFile& model, const ShardIdentity& identity,
                           const std::filesystem::path& package, const BuildOptions& options,
                           Progress& progress) {
  const Result<std::filesystem::path> weight_path = make_weight_folder(package);
  if (!weight_path) return fail(weight_path.error());
  Result<WeightFileWriter> writer = WeightFileWriter::create(*weight_path);
  if (!writer) return fail(std::move(writer).error());
  WeightEncoder encoder(model.file, *writer, progress, options.threads);
  const auto* segment = std::get_if<Segment>(&identity.kind);
  Result<Program> program =
      segment != nullptr
          ? build_layers(encoder, model.contract, identity, *segment)
          : build_head(encoder, model.contract, identity, std::get<HeadSlice>(identity.kind));
  if (!program) return fail(std::move(program).error());
  if (auto committed = (*std::move(writer)).commit(); !committed) return committed;
  return write_package(package, {.description = fmt::format("{} of {}, {}", to_text(identity.kind),
                                                            model.name, to_text(identity.encoding)),
                                 .notes = {{"fusesweep.contract", to_text(to_json(model.contract))},
                                           {"fusesweep.identity", to_text(to_json(identity))}},
                                 .program = *std::move(program)});
}

}  // namespace

Result<void> check_kind(const Contract& contract, const ShardKind& kind) {
  const auto out_of_range = [&](std::string_view what, std::int64_t found, std::int64_t most) {
    return invalid_input(fmt::format("{}: {}: found {}, want 1 to {} as the model has it",
                                     to_text(kind), what, found, most));
  };
  const auto* segment = std::get_if<Segment>(&kind);
  const auto* slice = std::get_if<HeadSlice>(&kind);
  if (segment != nullptr && segment->end > contract.n_layers)
    return out_of_range("layers", segment->end, contract.n_layers);
  if (slice != nullptr && slice->vocab_end > contract.vocab_size)
    return out_of_range("vocabulary", slice->vocab_end, contract.vocab_size);
  return {};
}

ShardIdentity shard_of(const ModelFile& model, ShardIdentity asked) {
  asked.model_hash = model.hash;
  asked.contract_hash = hash_of(model.contract);
  asked.builder_version = kBuilderVersion;
  return asked;
}

Result<Artifact> build_shard(const ModelFile& model, const ShardIdentity& identity,
                             const std::filesystem::path& artifacts, const BuildOptions& options,
                             Progress& progress) {
  FUSESWEEP_CHECK(identity == shard_of(model, identity));
  if (auto checked = check_request(model.contract, identity); !checked)
    return fail(std::move(checked).error());
  const std::filesystem::path folder = artifacts / hash_of(identity);
  if (Result<Artifact> there = read_artifact(folder);
      there && there->has_package && check_content(*there, options.threads))
    return there;

  Result<NewFolder> making = NewFolder::create(folder, WhenBusy::kWait);
  if (!making) return fail(std::move(making).error());
  // Whoever was waited for has made it.
  if (Result<Artifact> there = read_artifact(folder);
      there && there->has_package && check_content(*there, options.threads))
    return there;
  Artifact artifact{.folder = folder,
                    .identity = identity,
                    .contract = model.contract,
                    .model = model.name,
                    .name = name_of(identity.kind)};
  const std::filesystem::path path = making->path() / artifact.name;
  const Contract& c = model.contract;
  const Result<void> built = std::holds_alternative<EmbeddingTable>(identity.kind)
                                 ? write_embedding_table(model.file,
                                                         {.tensor = kEmbeddingTensor,
                                                          .rows = size_of(c.vocab_size),
                                                          .columns = size_of(c.d_model),
                                                          .begin = 0,
                                                          .end = size_of(c.vocab_size)},
                                                         path, progress, options.threads)
                                 : build_package(model, identity, path, options, progress);
  if (!built) return fail(built.error());
  const Result<TreeHash> tree = hash_tree(path, options.threads);
  if (!tree) return fail(tree.error());
  artifact.bytes = tree->bytes;
  artifact.content_hash = to_hex(tree->hash);
  if (auto written = write_artifact(artifact, making->path()); !written)
    return fail(std::move(written).error());
  if (auto committed = (*std::move(making)).commit(); !committed)
    return fail(std::move(committed).error());
  return artifact;
}

}  // namespace fusesweep
