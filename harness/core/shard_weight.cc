#include "harness/core/shard_weight.h"

#include "harness/base/check.h"

namespace fusesweep {
namespace {

std::uint64_t unsigned_of(int value) {
  FUSESWEEP_CHECK(value >= 0);
  return static_cast<std::uint64_t>(value);
}

std::uint64_t weights_per_layer(const Contract& contract) {
  const std::uint64_t d_model = unsigned_of(contract.d_model);
  const std::uint64_t d_attention = unsigned_of(contract.n_heads) * unsigned_of(contract.d_head);
  const std::uint64_t d_kv = unsigned_of(contract.n_kv_heads) * unsigned_of(contract.d_head);
  const std::uint64_t d_ff = unsigned_of(contract.d_ff);
  const std::uint64_t qkv = (d_attention + 2 * d_kv) * d_model;
  const std::uint64_t o = d_model * d_attention;
  const std::uint64_t gate_up = 2 * d_ff * d_model;
  const std::uint64_t down = d_model * d_ff;
  return qkv + o + gate_up + down;
}

}  // namespace

std::uint64_t shard_weight_bytes(const Contract& contract, const ShardKind& kind,
                                 Encoding encoding) {
  std::uint64_t weights = 0;
  if (const auto* segment = std::get_if<Segment>(&kind)) {
    FUSESWEEP_CHECK(0 <= segment->begin && segment->begin < segment->end &&
                    segment->end <= contract.n_layers);
    weights = weights_per_layer(contract) * unsigned_of(segment->layers());
  } else if (std::holds_alternative<EmbeddingTable>(kind)) {
    return unsigned_of(contract.vocab_size) * unsigned_of(contract.d_model) *
           bytes_per_weight(Encoding::kFp16);
  } else {
    const auto& slice = std::get<HeadSlice>(kind);
    FUSESWEEP_CHECK(0 <= slice.vocab_begin && slice.vocab_begin < slice.vocab_end &&
                    slice.vocab_end <= contract.vocab_size);
    weights = unsigned_of(slice.vocab_end - slice.vocab_begin) * unsigned_of(contract.d_model);
  }
  return weights * bytes_per_weight(encoding);
}

}  // namespace fusesweep
