// Reference: the forward pass of a phi3 model in plain fp32, straight from its GGUF file. It is what
// every shard is compared with, so it is written to be read, shares only the file reader and the
// contract with whoever builds shards, and is fast only where that costs no clarity.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

// The weights that the pass runs on. All but the original ones are rounded as a package with that
// encoding holds them: matrices as named, norms and embeddings to fp16.
enum class ReferenceWeights { kOriginal, kInt8PerTensor, kInt8PerChannel, kFp16 };

// "original", "int8-per-tensor", "int8-per-channel", "fp16". The caller adds where.
Result<ReferenceWeights> parse_reference_weights(std::string_view text);
std::string_view to_text(ReferenceWeights weights);

struct ReferenceOptions {
  ReferenceWeights weights = ReferenceWeights::kOriginal;
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
  // A matrix [rows, columns] and, when it is rounded to int8, one scale for every so many rows.
  struct Matrix {
    const GgufTensor* tensor = nullptr;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t rows_per_scale = 0;
    std::vector<float> scales;
  };
  struct Layer {
    std::vector<float> attention_norm;
    Matrix qkv;
    Matrix attention_output;
    std::vector<float> feed_forward_norm;
    Matrix gate_up;
    Matrix down;
    std::vector<float> keys;    // [context, n_kv_heads, d_head], rotated
    std::vector<float> values;  // the same
  };

  Reference(const GgufFile& file, const ReferenceOptions& options, Contract contract);
  Result<Matrix> find_matrix(std::string_view name, int rows, int columns,
                             int rows_per_scale) const;
  Result<std::vector<float>> find_vector(std::string_view name) const;
  Result<void> find_tensors();
  void find_rotation();

  void load_row(const Matrix& matrix, std::size_t row, std::span<float> out) const;
  Result<std::vector<float>> multiply(const Matrix& matrix, std::span<const float> x) const;
  std::vector<float> normalize(std::span<const float> x, std::span<const float> weight) const;
  void rotate(std::span<float> head, std::size_t position) const;
  std::vector<float> attend(Layer& layer, std::span<float> qkv, std::size_t n) const;
  Result<void> run_layer(Layer& layer, std::vector<float>& x, std::size_t n) const;

  const GgufFile& file_;
  ReferenceOptions options_;
  Contract contract_;
  std::vector<Layer> layers_;
  Matrix embedding_;
  Matrix head_;
  std::vector<float> output_norm_;
  std::vector<float> cosines_;  // [context, rope_dim / 2], times the attention factor
  std::vector<float> sines_;
  std::size_t position_ = 0;  // of the next id
};

// The id with the largest logit, the first of equals.
int greedy_id(std::span<const float> logits);

}  // namespace fusesweep
