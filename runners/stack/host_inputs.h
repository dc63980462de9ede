// What the host computes for a call of the shards: embeddings, rotary tables, masks, and the greedy
// choice among the logits. harness/docs/MLPROGRAM.md has the inputs' meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"
#include "runners/stack/shard_executor.h"

namespace fusesweep {

// Tokens [position, position + count) of a call that takes `tokens`; the others are padding, whose
// results mean nothing and which write nothing that is ever seen.
struct CallRange {
  int position = 0;
  int count = 1;
};

class HostInputs {
 public:
  // Of shards with so many tokens a call and positions in the cache; of heads alone, which take no
  // such inputs, with no positions.
  HostInputs(const Contract& contract, int tokens, int context);

  // Computes the tables and masks of a call.  REQUIRES: its tokens are within the context.
  void prepare(const CallRange& range);

  // Copies them to a layer shard's inputs.
  void feed(ShardExecutor& shard, KvForm kv_form) const;

  int tokens() const { return tokens_; }
  int context() const { return context_; }

 private:
  int tokens_;
  int context_;
  std::size_t pairs_;
  std::vector<std::uint16_t> all_cosines_;  // fp16 [context, pairs]
  std::vector<std::uint16_t> all_sines_;
  std::vector<std::uint16_t> cosines_;  // fp16 [tokens, pairs]
  std::vector<std::uint16_t> sines_;    // the same
  std::vector<std::uint16_t> visible_;  // fp16 [tokens, context]
  std::vector<std::uint16_t> written_;  // fp16 [context, tokens]
  std::int32_t position_ = 0;
};

// The id with the largest of the fp16 logits, the first of equals.
int greedy_id(std::span<const std::uint16_t> logits);

}  // namespace fusesweep
