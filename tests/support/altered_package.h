// Packages that are nearly right: takes one that was built, changes its program or the bytes of its
// weights, and writes it as another. For tests of whatever must notice. Names of operations are those
// of our builder (runners/mlprogram/shard_graph.h): "layers_0_qkv_weight", "layers_1_attention_norm_weight",
// "logits_weight". Anything that does not fit is a bug of the test and aborts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "runners/mlprogram/package.h"
#include "runners/mlprogram/shard_builder.h"

namespace fusesweep {

class AlteredPackage {
 public:
  // Reads all of it into memory.
  explicit AlteredPackage(const std::filesystem::path& package);

  Program& program() { return program_; }
  Operation& operation(std::string_view name);  // the first of that name
  std::size_t index_of(std::string_view name) const;

  // The elements of a constant, wherever they stand, to be changed.  REQUIRES: fp16, int8 or uint8.
  std::span<char> elements(Value& value);
  // A constant in the weight file.
  Value stored(TensorType type, std::string elements);

  // Writes it as a package, without notes: somebody else's converter has none of ours. What was there
  // is removed before.
  void write(const std::filesystem::path& package) const;

 private:
  Program program_;
  std::map<std::uint64_t, std::string> blobs_;  // elements in the weight file, by their offset
};

// ---- weights that are wrong ----

// The scale of a quantized weight, or the elements of one of fp16, times a factor.
void scale_weight(AlteredPackage& package, std::string_view weight, float factor);

// The first element of a weight of fp16, or the first scale of a quantized one, becomes NaN.
void put_nan(AlteredPackage& package, std::string_view weight);

// All weights of two layers of the shard, norms too, change places.
void swap_layers(AlteredPackage& package, int a, int b);

// ---- programs that are wrong ----

// The attention's output goes to its projection as [heads, T, d_head] taken for [heads, d_head, T]: with
// one token a call that is the same, with more it mixes tokens with channels. In every layer.
void mix_tokens_and_channels(AlteredPackage& package);

// One more operation in a layer, a cast from fp16 to fp16, which changes no value. CoreML has it; the
// cpu runner has no kernel for it.
void add_needless_cast(AlteredPackage& package, int layer);

// ---- packages that say the same in another way ----

// Convolutions for q, k and v instead of qkv, and for gate and up instead of gate_up, each with a scale
// of its own, in every layer.  REQUIRES: int8 per tensor.
void split_projections(AlteredPackage& package, const ModelFile& model, const Segment& segment);

// ---- shards of something else ----

// A shard of the model in `file` with another rope_dim, built into `artifacts`; gives its package.
std::filesystem::path build_with_rope_dim(const std::filesystem::path& file,
                                          const ShardIdentity& asked, int rope_dim,
                                          const std::filesystem::path& artifacts);

// Rows [v0+1, v1+1) of the head, to be offered as the [v0, v1) that was asked for, built into
// `artifacts`; gives the package.  REQUIRES: v1 < vocab_size.
std::filesystem::path build_shifted_head(const ModelFile& model, const ShardIdentity& asked,
                                         const std::filesystem::path& artifacts);

}  // namespace fusesweep
