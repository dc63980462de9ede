#include "harness/core/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "harness/base/text.h"
#include "harness/core/segment.h"

namespace fusesweep {
namespace {

struct KnownModel {
  std::string_view name;
  Contract contract;
};

// phi4-mini: microsoft/Phi-4-mini-instruct's config.json; partial_rotary_factor 0.75 of d_head 128
// gives rope_dim 96. nano: 32 layers as well, so that every split of the one is a split of the
// other; 1.5 MiB of int8 weights a layer.
const std::array<KnownModel, 2>& known_models() {
  static const std::array<KnownModel, 2> kModels = {{
      {"phi4-mini",
       {.architecture = "phi3",
        .n_layers = 32,
        .d_model = 3072,
        .n_heads = 24,
        .n_kv_heads = 8,
        .d_head = 128,
        .rope_dim = 96,
        .d_ff = 8192,
        .vocab_size = 200064,
        .max_seq_len = 131072,
        .rope_freq_base = 10000,
        .rms_norm_eps = 1e-5F,
        .rope_scaling = RopeScaling{.original_max_seq_len = 4096,
                                    .attention_factor = 1.1902380F,
                                    .short_factors = std::vector<float>(48, 1.0F),
                                    .long_factors = {1,
                                                     1.118320672F,
                                                     1.250641126F,
                                                     1.398617824F,
                                                     1.564103225F,
                                                     1.74916897F,
                                                     1.956131817F,
                                                     2.187582649F,
                                                     2.446418898F,
                                                     2.735880826F,
                                                     3.059592084F,
                                                     3.421605075F,
                                                     3.826451687F,
                                                     4.279200023F,
                                                     4.785517845F,
                                                     5.351743533F,
                                                     5.984965424F,
                                                     6.693110555F,
                                                     7.485043894F,
                                                     8.370679318F,
                                                     9.36110372F,
                                                     10.4687158F,
                                                     11.70738129F,
                                                     13.09260651F,
                                                     14.64173252F,
                                                     16.37415215F,
                                                     18.31155283F,
                                                     20.47818807F,
                                                     22.90118105F,
                                                     25.61086418F,
                                                     28.64115884F,
                                                     32.03F,
                                                     32.1F,
                                                     32.13F,
                                                     32.23F,
                                                     32.6F,
                                                     32.61F,
                                                     32.64F,
                                                     32.66F,
                                                     32.7F,
                                                     32.71F,
                                                     32.93F,
                                                     32.97F,
                                                     33.28F,
                                                     33.49F,
                                                     33.5F,
                                                     44.16F,
                                                     47.77F}},
        .tied_embeddings = true}},
      {"nano",
       {.architecture = "phi3",
        .n_layers = 32,
        .d_model = 384,
        .n_heads = 6,
        .n_kv_heads = 2,
        .d_head = 64,
        .rope_dim = 48,
        .d_ff = 1024,
        .vocab_size = 4096,
        .max_seq_len = 512,
        .rope_freq_base = 10000,
        .rms_norm_eps = 1e-5F,
        .tied_embeddings = true}},
  }};
  return kModels;
}

// Bounds above any model that we know of (d_ff of up to 73,728), low enough that not even all segments of kMaxLayers
// layers together, 22.5 million layers' worth, in two forms and as fp16, exceed 64 bits.
constexpr int kMaxDimension = 1 << 17;
constexpr int kMaxVocabulary = 1 << 24;
constexpr int kMaxPositions = 1 << 27;

Result<void> check_rope_scaling(const RopeScaling& scaling, int rope_dim) {
  if (scaling.original_max_seq_len < 1 || scaling.original_max_seq_len > kMaxPositions) {
    return invalid_input(
        fmt::format("rope_scaling.original_max_seq_len: found {}, want an integer from 1 to {}",
                    scaling.original_max_seq_len, kMaxPositions));
  }
  if (!(scaling.attention_factor > 0) || !std::isfinite(scaling.attention_factor)) {
    return invalid_input(
        fmt::format("rope_scaling.attention_factor: found {}, want a positive number",
                    scaling.attention_factor));
  }
  for (const std::vector<float>* factors : {&scaling.short_factors, &scaling.long_factors}) {
    if (factors->size() != static_cast<std::size_t>(rope_dim / 2)) {
      return invalid_input(
          fmt::format("rope_scaling: found {} factors, want rope_dim / 2, which is {}",
                      factors->size(), rope_dim / 2));
    }
    for (const float factor : *factors) {
      if (!(factor > 0) || !std::isfinite(factor)) {
        return invalid_input(
            fmt::format("rope_scaling: found the factor {}, want a positive number", factor));
      }
    }
  }
  return {};
}

struct Field {
  std::string name;
  std::string value;  // the shortest text that means it: two floats have the same if they are equal
};

std::vector<Field> fields_of(const Contract& c) {
  std::vector<Field> fields;
  const auto add = [&](std::string name, const auto& value) {
    fields.push_back({std::move(name), fmt::format("{}", value)});
  };
  add("architecture", quote(c.architecture));
  add("n_layers", c.n_layers);
  add("d_model", c.d_model);
  add("n_heads", c.n_heads);
  add("n_kv_heads", c.n_kv_heads);
  add("d_head", c.d_head);
  add("rope_dim", c.rope_dim);
  add("d_ff", c.d_ff);
  add("vocab_size", c.vocab_size);
  add("max_seq_len", c.max_seq_len);
  add("rope_freq_base", c.rope_freq_base);
  add("rms_norm_eps", c.rms_norm_eps);
  if (c.rope_scaling) {
    add("rope_scaling.original_max_seq_len", c.rope_scaling->original_max_seq_len);
    add("rope_scaling.attention_factor", c.rope_scaling->attention_factor);
    for (std::size_t i = 0; i < c.rope_scaling->short_factors.size(); ++i)
      add(fmt::format("rope_scaling.short_factors[{}]", i), c.rope_scaling->short_factors[i]);
    for (std::size_t i = 0; i < c.rope_scaling->long_factors.size(); ++i)
      add(fmt::format("rope_scaling.long_factors[{}]", i), c.rope_scaling->long_factors[i]);
  }
  add("tied_embeddings", c.tied_embeddings);
  if (c.quantization) add("quantization", quote(*c.quantization));
  if (c.bos_token_id) add("bos_token_id", *c.bos_token_id);
  if (c.eos_token_id) add("eos_token_id", *c.eos_token_id);
  return fields;
}

}  // namespace

Result<void> check_contract(const Contract& contract) {
  struct Bound {
    std::string_view field;
    int value;
    int high;
  };
  const auto bounds = std::to_array<Bound>({
      {"n_layers", contract.n_layers, kMaxLayers},
      {"d_model", contract.d_model, kMaxDimension},
      {"n_heads", contract.n_heads, kMaxDimension},
      {"n_kv_heads", contract.n_kv_heads, kMaxDimension},
      {"d_head", contract.d_head, kMaxDimension},
      {"rope_dim", contract.rope_dim, kMaxDimension},
      {"d_ff", contract.d_ff, kMaxDimension},
      {"vocab_size", contract.vocab_size, kMaxVocabulary},
      {"max_seq_len", contract.max_seq_len, kMaxPositions},
  });
  for (const Bound& bound : bounds) {
    if (bound.value < 1 || bound.value > bound.high) {
      return invalid_input(fmt::format("{}: found {}, want an integer from 1 to {}", bound.field,
                                       bound.value, bound.high));
    }
  }
  if (contract.n_heads % contract.n_kv_heads != 0) {
    return invalid_input(
        fmt::format("n_heads: found {}, want a multiple of n_kv_heads, which is {}",
                    contract.n_heads, contract.n_kv_heads));
  }
  if (contract.n_heads > kMaxDimension / contract.d_head) {
    return invalid_input(fmt::format("n_heads: found {} of d_head {}, want a product of at most {}",
                                     contract.n_heads, contract.d_head, kMaxDimension));
  }
  if (contract.rope_dim % 2 != 0 || contract.rope_dim > contract.d_head) {
    return invalid_input(
        fmt::format("rope_dim: found {}, want an even number of at most d_head, which is {}",
                    contract.rope_dim, contract.d_head));
  }
  // Comparisons that are false for NaN, so that it is refused.
  if (!(contract.rope_freq_base > 0) || !std::isfinite(contract.rope_freq_base)) {
    return invalid_input(
        fmt::format("rope_freq_base: found {}, want a positive number", contract.rope_freq_base));
  }
  if (!(contract.rms_norm_eps >= 0) || !std::isfinite(contract.rms_norm_eps)) {
    return invalid_input(
        fmt::format("rms_norm_eps: found {}, want a number of at least 0", contract.rms_norm_eps));
  }
  for (const std::optional<int>& id : {contract.bos_token_id, contract.eos_token_id}) {
    if (id && (*id < 0 || *id >= contract.vocab_size)) {
      return invalid_input(
          fmt::format("bos_token_id, eos_token_id: found {}, want an integer from 0 to {}", *id,
                      contract.vocab_size - 1));
    }
  }
  if (contract.rope_scaling) return check_rope_scaling(*contract.rope_scaling, contract.rope_dim);
  return {};
}

std::vector<ContractDifference> compare_contracts(const Contract& found, const Contract& wanted) {
  const std::vector<Field> found_fields = fields_of(found);
  const std::vector<Field> wanted_fields = fields_of(wanted);
  std::vector<ContractDifference> differences;
  const auto value_in = [](const std::vector<Field>& fields, const std::string& name) {
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const Field& field) { return field.name == name; });
    return at == fields.end() ? std::string("nothing") : at->value;
  };
  for (const auto& [name, value] : wanted_fields) {
    if (std::string other = value_in(found_fields, name); other != value)
      differences.push_back({name, std::move(other), value});
  }
  for (const auto& [name, value] : found_fields) {
    const bool optional = name == "quantization" || name.ends_with("_token_id");
    if (!optional && value_in(wanted_fields, name) == "nothing")
      differences.push_back({name, value, "nothing"});
  }
  return differences;
}

std::vector<std::string_view> known_model_names() {
  std::vector<std::string_view> names;
  for (const KnownModel& model : known_models()) names.push_back(model.name);
  return names;
}

Result<Contract> known_model(std::string_view name) {
  for (const KnownModel& model : known_models()) {
    if (model.name == name) return model.contract;
  }
  return invalid_input(
      fmt::format("found {}, want one of {}", quote(name), fmt::join(known_model_names(), ", ")));
}

}  // namespace fusesweep
