#include "harness/core/contract.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

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
