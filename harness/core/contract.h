// Contract: the hyper-parameters of a model that every stage (builder, reference, runner, runtime)
// must agree on. Two stages that disagree about one of them, rope_dim above all, can pass every
// shard-local test and still talk garbage together. Reading one from a GGUF file is
// runners/model's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// Rotation for contexts longer than the model was first made for (LongRoPE, arXiv 2402.13753, as
// phi3 has it): the angle of pair i of a head is divided by factor i, from the long list when the
// context that is allocated exceeds original_max_seq_len and from the short one otherwise; cosines
// and sines are multiplied by attention_factor.
struct RopeScaling {
  int original_max_seq_len = 0;
  float attention_factor = 1;
  std::vector<float> short_factors;  // rope_dim / 2 each
  std::vector<float> long_factors;

  bool operator==(const RopeScaling&) const = default;
};

// Field names are those of the runtime manifest. Invariants, which check_contract tests: counts are
// positive and within bounds that keep sums of sizes within 64 bits; n_heads is a multiple of
// n_kv_heads; rope_dim is even and <= d_head; there are rope_dim / 2 rotary factors of each kind;
// every number is finite.
struct Contract {
  std::string architecture;  // GGUF's general.architecture, such as "phi3"
  int n_layers = 0;
  int d_model = 0;
  int n_heads = 0;
  int n_kv_heads = 0;
  int d_head = 0;
  int rope_dim = 0;  // the rotated part of each head: 96 of 128 for Phi-4-mini
  int d_ff = 0;
  int vocab_size = 0;
  int max_seq_len = 0;  // positions that the model was made for
  float rope_freq_base = 0;
  float rms_norm_eps = 0;
  std::optional<RopeScaling> rope_scaling;
  bool tied_embeddings = false;  // the output matrix is the embedding table
  // What a model file says beyond the shape, and a known shape leaves open:
  std::optional<std::string> quantization;  // types of its matrices, most bytes first: "Q8_0"
  std::optional<int> bos_token_id;
  std::optional<int> eos_token_id;

  bool operator==(const Contract&) const = default;
};

// The error names the field, what was found and what is wanted; the caller adds where.
Result<void> check_contract(const Contract& contract);

// A field of which two contracts say different things; factors are compared one by one
// ("rope_scaling.long_factors[3]"). A field that one of them lacks is "nothing" there.
struct ContractDifference {
  std::string field;
  std::string found;
  std::string wanted;

  bool operator==(const ContractDifference&) const = default;
};

// In the order of the fields. What a model file says beyond the shape (quantization, token ids) is
// compared only where `wanted` says something about it.
std::vector<ContractDifference> compare_contracts(const Contract& found, const Contract& wanted);

// A shape that a model claims to have: a known one, or one that somebody wrote down.
struct Profile {
  std::string name;
  Contract contract;
};

// Shapes known by name: "phi4-mini", and "nano", a miniature of it that runs anywhere.
std::vector<std::string_view> known_model_names();
Result<Contract> known_model(std::string_view name);

}  // namespace fusesweep
