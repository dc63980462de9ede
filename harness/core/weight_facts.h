// What a comparison of a package's weights with the model's says, tensor by tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fusesweep {

// The difference is to the reference's own rounding of the model's weights; a step is that rounding's
// scale (for fp16 weights, the distance between neighbouring fp16 values).
struct TensorWeights {
  std::string tensor;  // of the model: "blk.3.attn_qkv.weight"
  std::uint64_t elements = 0;
  std::uint64_t differing = 0;  // not the same bits
  std::uint64_t non_finite = 0;
  double worst_steps = 0;  // the largest difference, of finite ones

  bool operator==(const TensorWeights&) const = default;
};

struct WeightFacts {
  std::vector<TensorWeights> tensors;  // those that were found in the package, in the model's order
  std::vector<std::string> missing;    // tensors of the shard that the package has nothing of
  std::vector<std::string> unexpected;  // weights of the package that are no tensor of the shard

  bool operator==(const WeightFacts&) const = default;
};

}  // namespace fusesweep
