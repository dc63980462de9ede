#include "harness/core/shard_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

int read_int(const JsonField& field, int low) {
  return static_cast<int>(field.integer(low, kMost));
}

Json kind_json(const ShardKind& kind) {
  if (const auto* segment = std::get_if<Segment>(&kind))
    return {{"layers", {segment->begin, segment->end}}};
  if (std::holds_alternative<EmbeddingTable>(kind)) return "embedding";
  const auto& slice = std::get<HeadSlice>(kind);
  return {{"head", {slice.vocab_begin, slice.vocab_end}}, {"of", slice.of}};
}

// [begin, end) with 0 <= begin < end.
std::pair<int, int> read_range(const JsonField& field) {
  const std::vector<JsonField> items = field.items();
  if (items.size() != 2) {
    field.reject(fmt::format("{} items", items.size()), "two: begin and end");
    return {0, 1};
  }
  const int begin = read_int(items[0], 0);
  return {begin, static_cast<int>(items[1].integer(begin + 1LL, kMost))};
}

ShardKind read_kind(const JsonField& field) {
  if (field.is_text()) {
    if (const std::string text = field.text(); text != "embedding")
      field.reject(quote(text), "'embedding'");
    return EmbeddingTable{};
  }
  field.allow_only({"layers", "head", "of"});
  if (const auto layers = field.find("layers")) {
    const auto [begin, end] = read_range(*layers);
    if (end > kMaxLayers)
      layers->reject(fmt::format("{} layers", end), fmt::format("at most {}", kMaxLayers));
    return Segment{begin, end};
  }
  const auto [begin, end] = read_range(field.at("head"));
  return HeadSlice{begin, end, read_int(field.at("of"), 1)};
}

// A value of an enumeration by its text.
template <typename T>
T read_named(const JsonField& field, Result<T> (*parse)(std::string_view)) {
  const Result<T> value = parse(field.text());
  if (value) return *value;
  field.reject_with(value.error().message);
  return {};
}

std::string read_hash(const JsonField& field) {
  std::string hash = field.text();
  const bool good = hash.size() == 32 && std::all_of(hash.begin(), hash.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) field.reject(quote(hash), "32 hexadecimal digits");
  return hash;
}

}  // namespace

std::string to_text(const ShardKind& kind) {
  if (const auto* segment = std::get_if<Segment>(&kind)) return "layers" + to_text(*segment);
  if (std::holds_alternative<EmbeddingTable>(kind)) return "embedding";
  const auto& slice = std::get<HeadSlice>(kind);
  return fmt::format("head[{},{}) of {}", slice.vocab_begin, slice.vocab_end, slice.of);
}

Result<std::vector<HeadSlice>> head_slices(const Contract& contract, int count) {
  const int rows = count < 1 ? 0 : (contract.vocab_size + count - 1) / count;
  if (count < 1 || rows * (count - 1LL) >= contract.vocab_size) {
    return invalid_input(
        fmt::format("found {} slices, want 1 or more that leave no slice of the "
                    "vocabulary of {} without rows",
                    count, contract.vocab_size));
  }
  std::vector<HeadSlice> slices;
  for (int begin = 0; begin < contract.vocab_size; begin += rows)
    slices.push_back({begin, std::min(begin + rows, contract.vocab_size), count});
  return slices;
}

std::string_view to_text(KvForm form) {
  switch (form) {
    case KvForm::kMask:
      return "mask";
    case KvForm::kSlice:
      return "slice";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<KvForm> parse_kv_form(std::string_view text) {
  if (text == "mask") return KvForm::kMask;
  if (text == "slice") return KvForm::kSlice;
  return invalid_input(fmt::format("found {}, want mask or slice", quote(text)));
}

Json to_json(const ShardIdentity& identity) {
  Json json = {{"model_hash", identity.model_hash},
               {"contract_hash", identity.contract_hash},
               {"kind", kind_json(identity.kind)},
               {"builder_version", identity.builder_version}};
  if (std::holds_alternative<EmbeddingTable>(identity.kind)) return json;
  json["tokens"] = identity.tokens;
  json["encoding"] = to_text(identity.encoding);
  if (std::holds_alternative<HeadSlice>(identity.kind)) return json;
  json["context"] = identity.context;
  json["kv_form"] = to_text(identity.kv_form);
  return json;
}

ShardIdentity read_shard_identity(const JsonField& field) {
  field.allow_only({"model_hash", "contract_hash", "kind", "builder_version", "tokens", "encoding",
                    "context", "kv_form"});
  ShardIdentity identity{.model_hash = read_hash(field.at("model_hash")),
                         .contract_hash = read_hash(field.at("contract_hash")),
                         .kind = read_kind(field.at("kind")),
                         .builder_version = read_int(field.at("builder_version"), 0)};
  if (std::holds_alternative<EmbeddingTable>(identity.kind)) return identity;
  identity.tokens = read_int(field.at("tokens"), 1);
  identity.encoding = read_named(field.at("encoding"), parse_encoding);
  if (std::holds_alternative<HeadSlice>(identity.kind)) return identity;
  identity.context = read_int(field.at("context"), 1);
  identity.kv_form = read_named(field.at("kv_form"), parse_kv_form);
  return identity;
}

std::string hash_of(const ShardIdentity& identity) {
  return to_hex(hash128(to_text(to_json(identity))));
}

std::string hash_of(const Contract& contract) {
  return to_hex(hash128(to_text(to_json(contract))));
}

}  // namespace fusesweep
