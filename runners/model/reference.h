// Reference: the forward pass of a phi3 model in plain fp32, straight from its GGUF file. It is what
// every shard is compared with, so it is written to be read, shares only the file reader and the
// contract with whoever builds shards, and is fast only where that costs no clarity.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"
#include "runners/model/reference_matrix.h"

namespace fusesweep {

struct ReferenceOptions {
  ReferenceWeights weights = ReferenceWeights::kOriginal;  // that the pass runs on
  int context = 512;    // positions there is room for; beyond the original context of a model with
                        // rotary scaling it selects the long factors
  int head_shards = 1;  // slices of the LM head, each of which has its own scale per tensor
  int threads = 1;      // the results do not depend on it
};

// What one call of run() computed for its n positions.
struct ReferenceOutput {
  // At every layer boundary, n_layers + 1 of them: the residual stream [n, d_model]. The first is
  // the embeddings, the last is what the final norm and the head get.
  std::vector<std::vector<float>> hidden;
  std::vector<float> logits;  // [n, vocab_size]
};

class Reference {
 public:
  // The file must outlive the reference. Errors name the tensor that is missing or of another shape
  // or type than the contract wants.
  static Result<Reference> open(const GgufFile& file, const ReferenceOptions& options);

  const Contract& contract() const { return contract_; }

  // Appends the ids to what was run before and computes their positions. Errors: an id outside the
  // vocabulary, no room left in the context, a weight that is not finite (named by its tensor).
  Result<ReferenceOutput> run(std::span<const int> ids);

 private:
  struct Layer {
    std::vector<float> attention_norm;
    ReferenceMatrix qkv;
    ReferenceMatrix attention_output;
    std::vector<float> feed_forward_norm;
    ReferenceMatrix gate_up;
    ReferenceMatrix down;
    std::vector<float> keys;    // [context, n_kv_heads, d_head], rotated
    std::vector<float> values;  // the same
  };

  Reference(const GgufFile& file, const ReferenceOptions& options, Contract contract);
  Result<void> find_tensors();
  void find_rotation();

  Result<std::vector<float>> multiply(const ReferenceMatrix& matrix,
                                      std::span<const float> x) const;
  std::vector<float> normalize(std::span<const float> x, std::span<const float> weight) const;
  void rotate(std::span<float> head, std::size_t position) const;
  std::vector<float> attend(Layer& layer, std::span<float> qkv, std::size_t n) const;
  Result<void> run_layer(Layer& layer, std::vector<float>& x, std::size_t n) const;

  const GgufFile& file_;
  ReferenceOptions options_;
  Contract contract_;
  std::vector<Layer> layers_;
  ReferenceMatrix embedding_;
  ReferenceMatrix head_;
  std::vector<float> output_norm_;
  std::vector<float> cosines_;  // [context, rope_dim / 2], times the attention factor
  std::vector<float> sines_;
  std::size_t position_ = 0;  // of the next id
};

// The id with the largest logit, the first of equals.
int greedy_id(std::span<const float> logits);

}  // namespace fusesweep
