#include "harness/core/contract_json.h"

#include <fmt/format.h>

#include <limits>
#include <vector>

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();
constexpr double kMostFloat = std::numeric_limits<float>::max();

// A float as the shortest decimal that reads back as it: 1e-05, not 9.999999747378752e-06.
Json shortest(float value) { return Json::parse(fmt::format("{}", value)); }

Json to_json(const std::vector<float>& values) {
  Json array = Json::array();
  for (const float value : values) array.push_back(shortest(value));
  return array;
}

int read_int(const JsonField& field) { return static_cast<int>(field.integer(0, kMost)); }

float read_float(const JsonField& field) { return static_cast<float>(field.number(0, kMostFloat)); }

std::vector<float> read_floats(const JsonField& field) {
  std::vector<float> values;
  for (const JsonField& item : field.items()) values.push_back(read_float(item));
  return values;
}

RopeScaling read_rope_scaling(const JsonField& field) {
  field.allow_only({"original_max_seq_len", "attention_factor", "short_factors", "long_factors"});
  return {.original_max_seq_len = read_int(field.at("original_max_seq_len")),
          .attention_factor = read_float(field.at("attention_factor")),
          .short_factors = read_floats(field.at("short_factors")),
          .long_factors = read_floats(field.at("long_factors"))};
}

}  // namespace

Json to_json(const Contract& contract) {
  Json json = {{"architecture", contract.architecture},
               {"n_layers", contract.n_layers},
               {"d_model", contract.d_model},
               {"n_heads", contract.n_heads},
               {"n_kv_heads", contract.n_kv_heads},
               {"d_head", contract.d_head},
               {"rope_dim", contract.rope_dim},
               {"d_ff", contract.d_ff},
               {"vocab_size", contract.vocab_size},
               {"max_seq_len", contract.max_seq_len},
               {"rope_freq_base", shortest(contract.rope_freq_base)},
               {"rms_norm_eps", shortest(contract.rms_norm_eps)}};
  if (contract.rope_scaling) {
    const RopeScaling& scaling = *contract.rope_scaling;
    json["rope_scaling"] = {{"original_max_seq_len", scaling.original_max_seq_len},
                            {"attention_factor", shortest(scaling.attention_factor)},
                            {"short_factors", to_json(scaling.short_factors)},
                            {"long_factors", to_json(scaling.long_factors)}};
  }
  json["tied_embeddings"] = contract.tied_embeddings;
  if (contract.quantization) json["quantization"] = *contract.quantization;
  if (contract.bos_token_id) json["bos_token_id"] = *contract.bos_token_id;
  if (contract.eos_token_id) json["eos_token_id"] = *contract.eos_token_id;
  return json;
}

Contract read_contract(const JsonField& field) {
  field.allow_only({"architecture", "n_layers", "d_model", "n_heads", "n_kv_heads", "d_head",
                    "rope_dim", "d_ff", "vocab_size", "max_seq_len", "rope_freq_base",
                    "rms_norm_eps", "rope_scaling", "tied_embeddings", "quantization",
                    "bos_token_id", "eos_token_id"});
  Contract contract{.architecture = field.at("architecture").text(),
                    .n_layers = read_int(field.at("n_layers")),
                    .d_model = read_int(field.at("d_model")),
                    .n_heads = read_int(field.at("n_heads")),
                    .n_kv_heads = read_int(field.at("n_kv_heads")),
                    .d_head = read_int(field.at("d_head")),
                    .rope_dim = read_int(field.at("rope_dim")),
                    .d_ff = read_int(field.at("d_ff")),
                    .vocab_size = read_int(field.at("vocab_size")),
                    .max_seq_len = read_int(field.at("max_seq_len")),
                    .rope_freq_base = read_float(field.at("rope_freq_base")),
                    .rms_norm_eps = read_float(field.at("rms_norm_eps")),
                    .tied_embeddings = field.at("tied_embeddings").boolean()};
  if (const auto scaling = field.find("rope_scaling"))
    contract.rope_scaling = read_rope_scaling(*scaling);
  if (const auto quantization = field.find("quantization"))
    contract.quantization = quantization->text();
  if (const auto id = field.find("bos_token_id")) contract.bos_token_id = read_int(*id);
  if (const auto id = field.find("eos_token_id")) contract.eos_token_id = read_int(*id);
  if (const Result<void> checked = check_contract(contract); !checked)
    field.reject_with(checked.error().message);
  return contract;
}

}  // namespace fusesweep
