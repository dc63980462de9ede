// The graphs of shards: decoder layers over a KV cache that is held as state, and slices of the LM
// head. Only the graph: weights are constants that were encoded before. harness/docs/MLPROGRAM.md
// has the operations and why they are these.
#pragma once

#include <string>

#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"
#include "runners/mlprogram/program.h"
#include "runners/mlprogram/program_builder.h"
#include "runners/mlprogram/weight_encoder.h"

namespace fusesweep {

// Norms are fp16 [1, d_model, 1, 1]. Rows of qkv are all queries, all keys, all values; of gate_up
// the gate, then up.
struct LayerWeights {
  Value attention_norm;
  EncodedMatrix qkv;
  EncodedMatrix attention_output;
  Value feed_forward_norm;
  EncodedMatrix gate_up;
  EncodedMatrix down;
};

// T tokens a call, S positions in the cache, all tensors fp16:
//   x [1, d_model, T, 1], rope_cos and rope_sin [T, rope_dim / 2], attn_mask [1, 1, T, S] (0 visible,
//   -1e4 hidden), and either kv_write_mask [1, 1, S, T] (1 where position s is written with token t,
//   else 0) or pos, int32 [1] (where token 0 is written)
//   -> hidden [1, d_model, T, 1]
// with the states layers.<i>.k_state and .v_state [1, n_kv_heads, S, d_head], i from 0 in the shard.
// A column of kv_write_mask that is all 0 writes nothing: that is how fewer than T tokens are run.
class DecoderGraph {
 public:
  // For a shard of so many layers.  REQUIRES: layers, tokens and context are positive.
  DecoderGraph(const Contract& contract, int layers, int tokens, int context, KvForm kv_form);

  void add_layer(const LayerWeights& weights);

  // REQUIRES: all layers were added.
  Program finish() &&;

 private:
  std::string rotate(const std::string& name, const std::string& heads);
  std::string update_cache(const std::string& state, const std::string& name,
                           const std::string& rows);
  std::string attend(const std::string& name, const std::string& qkv, int layer);

  const Contract& contract_;
  int layers_;
  int tokens_;
  int context_;
  KvForm kv_form_;
  ProgramBuilder builder_;
  int added_ = 0;  // layers
  std::string x_;  // the residual stream
  std::string cosines_;
  std::string sines_;
  std::string mask_;
  std::string write_mask_;  // mask form: where tokens are written, and
  std::string keep_mask_;   // 1 where nothing is
  std::string begin_;       // slice form
  std::string end_;
};

// hidden [1, d_model, T, 1] -> logits [1, rows, T, 1], with the final norm.
Program head_graph(const Contract& contract, int tokens, const Value& norm,
                   const EncodedMatrix& rows);

}  // namespace fusesweep
