// What a package says of the model that it is a part of, read off its program alone: ours, or one that
// somebody else's converter wrote with the same inputs, outputs and states. Names of operations and
// the notes in the file are not looked at: what they claim is no evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/encoding.h"
#include "harness/core/shard_identity.h"
#include "runners/mlprogram/package.h"

namespace fusesweep {

// Decoder layers: x -> hidden over a cache.
struct LayersShape {
  std::int64_t layers = 0;   // pairs of states
  std::int64_t context = 0;  // positions of the cache
  KvForm kv_form = KvForm::kMask;
  std::int64_t rope_dim = 0;  // twice the columns of rope_cos
  std::int64_t n_kv_heads = 0;
  std::int64_t d_head = 0;
  // Where every layer has its convolutions in one of the orders that harness/docs/MLPROGRAM.md lists.
  std::optional<std::int64_t> n_heads;
  std::optional<std::int64_t> d_ff;

  bool operator==(const LayersShape&) const = default;
};

// A slice of the LM head: hidden -> logits.
struct HeadShape {
  std::int64_t vocab_rows = 0;

  bool operator==(const HeadShape&) const = default;
};

struct PackageShape {
  std::variant<LayersShape, HeadShape> part;
  std::int64_t tokens = 0;  // a call
  std::int64_t d_model = 0;
  std::optional<Encoding> encoding;   // absent where it is none of ours, or not one for all
  std::optional<float> rms_norm_eps;  // absent where no norm was recognized, or they differ

  bool operator==(const PackageShape&) const = default;
};

// The error says which input, output or state is none of a shard's, or contradicts the others.
Result<PackageShape> read_package_shape(const Package& package);

// What is not as the contract and the identity have it. Fields are called as in the contract; of the
// shard, kind, n_layers (its own), tokens, context, kv_form, encoding and vocab_rows. What could not be
// told is not compared, but for the encoding, which then is "none that is known". rms_norm_eps may be
// off by 1 %, for it passes through fp16.
std::vector<ContractDifference> compare_package(const PackageShape& found, const Contract& contract,
                                                const ShardIdentity& identity);

}  // namespace fusesweep
