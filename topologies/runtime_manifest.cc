#include "topologies/runtime_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 4 << 20;
constexpr int kMost = std::numeric_limits<int>::max();
constexpr double kMostFloat = std::numeric_limits<float>::max();
constexpr std::string_view kCompiled = ".mlmodelc";
constexpr std::string_view kPackage = ".mlpackage";

Json or_null(const std::optional<int>& value) { return value ? Json(*value) : Json(nullptr); }

int quant_bits(Encoding encoding) { return static_cast<int>(8 * bytes_per_weight(encoding)); }

Json to_json(const ManifestShard& shard) {
  return {{"kind", to_text(shard.kind)},
          {"package", shard.package},
          {"artifact", shard.artifact},
          {"content_hash", shard.content_hash}};
}

int read_int(const JsonField& field) { return static_cast<int>(field.integer(0, kMost)); }

float read_float(const JsonField& field) { return static_cast<float>(field.number(0, kMostFloat)); }

std::optional<int> read_optional_int(const JsonField& object, std::string_view key) {
  const std::optional<JsonField> field = object.find(key);
  if (!field) return std::nullopt;
  return read_int(*field);
}

// The contract as the fields state it that every runtime reads. Rotary scaling is not among them.
Contract read_stated_contract(const JsonField& root, const std::optional<Contract>& whole) {
  Contract contract = whole.value_or(Contract{});
  if (!whole) contract.architecture = root.at("model_family").text();
  contract.n_layers = read_int(root.at("n_layers"));
  contract.d_model = read_int(root.at("d_model"));
  contract.n_heads = read_int(root.at("n_heads"));
  contract.n_kv_heads = read_int(root.at("n_kv_heads"));
  contract.d_head = read_int(root.at("d_head"));
  contract.rope_dim = read_int(root.at("rope_dim"));
  contract.d_ff = read_int(root.at("d_ff"));
  contract.vocab_size = read_int(root.at("vocab_size"));
  contract.rope_freq_base = read_float(root.at("rope_freq_base"));
  contract.rms_norm_eps = read_float(root.at("rms_norm_eps"));
  contract.tied_embeddings = root.at("tie_word_embeddings").boolean();
  contract.bos_token_id = read_optional_int(root, "bos_token_id");
  contract.eos_token_id = read_optional_int(root, "eos_token_id");
  if (!whole) contract.max_seq_len = read_int(root.at("max_seq_len"));
  return contract;
}

// Both forms lie side by side under the same name.
ManifestShard read_shard(const JsonField& path, ShardKind kind) {
  ManifestShard shard{
      .kind = kind, .compiled = path.text(), .package = {}, .artifact = {}, .content_hash = {}};
  if (!shard.compiled.ends_with(kCompiled)) {
    path.reject(quote(shard.compiled), fmt::format("the name of a {}", kCompiled));
    return shard;
  }
  shard.package = shard.compiled.substr(0, shard.compiled.size() - kCompiled.size());
  shard.package += kPackage;
  return shard;
}

// [start, end) fields that begin where the last ended.
std::pair<int, int> read_range(const JsonField& item, std::string_view start, std::string_view end,
                               int expected) {
  const int begin = read_int(item.at(start));
  const int after = read_int(item.at(end));
  if (begin != expected || after <= begin) {
    item.reject(fmt::format("{} to {}", begin, after),
                fmt::format("a range that begins at {}", expected));
  }
  return {begin, after};
}

void read_shards(const JsonField& root, RuntimeManifest& manifest) {
  const JsonField layers = root.at("layers");
  int next = 0;
  for (const JsonField& item : layers.items()) {
    const auto [begin, end] = read_range(item, "start", "end", next);
    manifest.layers.push_back(read_shard(item.at("path"), Segment{begin, end}));
    next = end;
  }
  if (next != manifest.contract.n_layers)
    layers.reject(fmt::format("{} layers", next), fmt::format("{}", manifest.contract.n_layers));

  const JsonField head = root.at("lm_head_shards");
  const std::vector<JsonField> slices = head.items();
  next = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto [begin, end] = read_range(slices[i], "vocab_start", "vocab_end", next);
    slices[i].at("shard_idx").integer(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i));
    manifest.head.push_back(read_shard(slices[i].at("mlmodelc"),
                                       HeadSlice{begin, end, static_cast<int>(slices.size())}));
    next = end;
  }
  if (next != manifest.contract.vocab_size)
    head.reject(fmt::format("{} rows", next), fmt::format("{}", manifest.contract.vocab_size));
}

// What we write beside the runtime's fields, if it is there: it names the same shards.
void read_own_shards(const JsonField& own, RuntimeManifest& manifest) {
  const JsonField list = own.at("shards");
  const std::vector<JsonField> items = list.items();
  std::vector<ManifestShard*> shards;
  for (ManifestShard& shard : manifest.layers) shards.push_back(&shard);
  for (ManifestShard& shard : manifest.head) shards.push_back(&shard);
  if (items.size() != shards.size()) {
    list.reject(fmt::format("{} shards", items.size()), fmt::format("{}", shards.size()));
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const JsonField kind = items[i].at("kind");
    const JsonField package = items[i].at("package");
    if (kind.text() != to_text(shards[i]->kind))
      kind.reject(quote(kind.text()), to_text(shards[i]->kind));
    if (package.text() != shards[i]->package)
      package.reject(quote(package.text()), quote(shards[i]->package));
    shards[i]->artifact = items[i].at("artifact").text();
    shards[i]->content_hash = items[i].at("content_hash").text();
  }
}

RuntimeManifest read_manifest(const JsonField& root) {
  root.at("artifacts_version").integer(1, 1);
  RuntimeManifest manifest;
  const std::optional<JsonField> own = root.find("fusesweep");
  std::optional<Contract> whole;
  if (own) whole = read_contract(own->at("contract"));
  manifest.contract = read_stated_contract(root, whole);
  if (whole) {
    for (const auto& [field, found, wanted] : compare_contracts(manifest.contract, *whole))
      root.reject_with(
          fmt::format("{}: found {}, want {} as fusesweep.contract has", field, found, wanted));
  } else if (const Result<void> checked = check_contract(manifest.contract); !checked) {
    root.reject_with(checked.error().message);
  }
  manifest.model = root.at("gguf").text();
  const JsonField positions = root.at("max_seq_len");
  manifest.context = static_cast<int>(positions.integer(1, kMost));
  if (whole && manifest.context > whole->max_seq_len) {
    positions.reject(fmt::format("{}", manifest.context),
                     fmt::format("at most the {} of fusesweep.contract", whole->max_seq_len));
  }
  const JsonField bits = root.at("quant_bits");
  const std::int64_t stated_bits = bits.integer(1, 16);
  manifest.encoding = stated_bits == 16 ? Encoding::kFp16 : Encoding::kInt8;
  if (own) {
    const JsonField encoding = own->at("encoding");
    if (const Result<Encoding> parsed = parse_encoding(encoding.text())) {
      manifest.encoding = *parsed;
    } else {
      encoding.reject_with(parsed.error().message);
    }
    manifest.model_hash = own->at("model_hash").text();
  }
  if (stated_bits != quant_bits(manifest.encoding))
    bits.reject(
        fmt::format("{}", stated_bits),
        fmt::format("{} for {}", quant_bits(manifest.encoding), to_text(manifest.encoding)));
  manifest.embedding = root.at("embed_bin").text();
  read_shards(root, manifest);
  if (own) read_own_shards(*own, manifest);
  return manifest;
}

// Whether the path, followed through links, stays in the folder.
bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::weakly_canonical(folder, error);
  if (error) return false;
  const std::filesystem::path full = std::filesystem::weakly_canonical(folder / path, error);
  if (error || path.is_absolute()) return false;
  const auto [end, unused] = std::mismatch(base.begin(), base.end(), full.begin(), full.end());
  return end == base.end();
}

// The raw fp16 table; a size tells whether it is another model's.
Result<void> check_table(const std::filesystem::path& path, const Contract& contract) {
  const std::uintmax_t wanted = std::uintmax_t{2} *
                                static_cast<std::uintmax_t>(contract.vocab_size) *
                                static_cast<std::uintmax_t>(contract.d_model);
  std::error_code error;
  const std::uintmax_t found = std::filesystem::file_size(path, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
  if (found == wanted) return {};
  return invalid_input(
      fmt::format("{}: found {} bytes, want {}", one_line(path.string()), found, wanted));
}

}  // namespace

std::string lengths_of(const RuntimeManifest& manifest) {
  std::string text;
  for (const ManifestShard& shard : manifest.layers) {
    text += fmt::format("{}{}", text.empty() ? "" : "_", std::get<Segment>(shard.kind).layers());
  }
  return text;
}

Json to_json(const RuntimeManifest& manifest) {
  const Contract& c = manifest.contract;
  const Json contract = to_json(c);
  Json json = {{"artifacts_version", 1},
               {"model_family", c.architecture},
               {"gguf", manifest.model},
               {"d_model", c.d_model},
               {"n_heads", c.n_heads},
               {"n_kv_heads", c.n_kv_heads},
               {"d_head", c.d_head},
               {"rope_dim", c.rope_dim},
               {"d_ff", c.d_ff},
               {"vocab_size", c.vocab_size},
               {"n_layers", c.n_layers},
               {"max_seq_len", manifest.context},
               {"rms_norm_eps", contract["rms_norm_eps"]},
               {"rope_freq_base", contract["rope_freq_base"]},
               {"eos_token_id", or_null(c.eos_token_id)},
               {"bos_token_id", or_null(c.bos_token_id)},
               {"tie_word_embeddings", c.tied_embeddings},
               {"quant_bits", quant_bits(manifest.encoding)},
               {"embed_bin", manifest.embedding}};
  Json shards = Json::array();
  Json& layers = json["layers"] = Json::array();
  for (const ManifestShard& shard : manifest.layers) {
    const auto& segment = std::get<Segment>(shard.kind);
    layers.push_back({{"start", segment.begin}, {"end", segment.end}, {"path", shard.compiled}});
    shards.push_back(to_json(shard));
  }
  Json& head = json["lm_head_shards"] = Json::array();
  for (const ManifestShard& shard : manifest.head) {
    const auto& slice = std::get<HeadSlice>(shard.kind);
    head.push_back({{"shard_idx", head.size()},
                    {"vocab_start", slice.vocab_begin},
                    {"vocab_end", slice.vocab_end},
                    {"mlmodelc", shard.compiled}});
    shards.push_back(to_json(shard));
  }
  json["fusesweep"] = {{"model_hash", manifest.model_hash},
                       {"encoding", to_text(manifest.encoding)},
                       {"contract", contract},
                       {"shards", std::move(shards)}};
  return json;
}

Result<RuntimeManifest> parse_runtime_manifest(std::string_view text, std::string_view where) {
  const Result<Json> json = parse_json(text, where);
  if (!json) return fail(json.error());
  JsonReader reader(*json, std::string(where));
  RuntimeManifest manifest = read_manifest(reader.root());
  if (reader.error()) return fail(*reader.error());
  return manifest;
}

Result<RuntimeManifest> read_runtime_manifest(const std::filesystem::path& path,
                                              OutsidePaths outside) {
  const Result<std::string> text = read_file(path, kMaxManifestBytes);
  if (!text) return fail(text.error());
  const std::string where = one_line(path.string());
  Result<RuntimeManifest> manifest = parse_runtime_manifest(*text, where);
  if (!manifest) return manifest;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;  // what cannot be looked at is not there
  const auto there = [&](const std::string& name) {
    return std::filesystem::exists(folder / name, ignored);
  };
  const auto check = [&](const std::string& name, const std::string& other) -> Result<void> {
    if (outside == OutsidePaths::kRefuse && (!is_inside(folder, name) || !is_inside(folder, other)))
      return invalid_input(
          fmt::format("{}: {}: found a path that leaves the manifest's folder, want one inside",
                      where, quote(name)));
    if (there(name) || there(other)) return {};
    return invalid_input(fmt::format("{}: {}: found no such file, want it{}", where, quote(name),
                                     name == other ? "" : " or its compiled form"));
  };
  if (auto found = check(manifest->embedding, manifest->embedding); !found)
    return fail(found.error());
  if (auto sized = check_table(folder / manifest->embedding, manifest->contract); !sized)
    return fail_with_context(sized.error(), where);
  for (const auto* shards : {&manifest->layers, &manifest->head}) {
    for (const ManifestShard& shard : *shards) {
      if (auto found = check(shard.package, shard.compiled); !found) return fail(found.error());
    }
  }
  return manifest;
}

}  // namespace fusesweep
