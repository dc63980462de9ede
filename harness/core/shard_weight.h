// How many bytes of convolution weights a shard has: the one figure that plans, the cliff search
// and residency limits use, for layer shards and LM-head shards alike. Norms, scales and the
// program text are not in it (a few KiB a layer).
#pragma once

#include <cstdint>
#include <variant>

#include "harness/core/contract.h"
#include "harness/core/encoding.h"
#include "harness/core/segment.h"

namespace fusesweep {

// Rows [vocab_begin, vocab_end) of the output matrix: one slice of the LM head.
struct HeadSlice {
  int vocab_begin = 0;
  int vocab_end = 0;
};

using ShardKind = std::variant<Segment, HeadSlice>;

// REQUIRES: check_contract(contract) passes, and the kind lies within the model.
// Per layer four 1x1 convolutions, output rows x input columns:
//   qkv (n_heads + 2 n_kv_heads) d_head x d_model, o d_model x n_heads d_head, gate_up 2 d_ff x
//   d_model, down d_model x d_ff.
std::uint64_t shard_weight_bytes(const Contract& contract, const ShardKind& kind,
                                 Encoding encoding);

// The embedding table, which the host looks rows up in: vocab_size x d_model of fp16, whatever the
// encoding.
std::uint64_t embedding_bytes(const Contract& contract);

}  // namespace fusesweep
