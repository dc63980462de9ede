// How many bytes of convolution weights a shard has: the one figure that plans, the cliff search
// and residency limits use, for layer shards and LM-head shards alike. Norms, scales and the
// program text are not in it (a few KiB a layer).
#pragma once

#include <cstdint>

#include "harness/core/contract.h"
#include "harness/core/encoding.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

// REQUIRES: check_contract(contract) passes, and the kind lies within the model.
// Per layer four 1x1 convolutions, output rows x input columns:
//   qkv (n_heads + 2 n_kv_heads) d_head x d_model, o d_model x n_heads d_head, gate_up 2 d_ff x
//   d_model, down d_model x d_ff.
// The embedding table is fp16 whatever the encoding.
std::uint64_t shard_weight_bytes(const Contract& contract, const ShardKind& kind,
                                 Encoding encoding);

}  // namespace fusesweep
