// Compares the weights of a package, ours or somebody else's, with those of the model that it is said
// to be made of. Every weight is dequantized as the program means it and held against the reference's
// own rounding (runners/model/reference_matrix.h), which shares no code with whoever built the package.
#pragma once

#include "harness/base/result.h"
#include "harness/core/shard_identity.h"
#include "harness/core/weight_facts.h"
#include "runners/mlprogram/package.h"
#include "runners/model/model_file.h"

namespace fusesweep {

// Of the identity only the kind and the encoding are asked. Weights are found by what they are used
// for: constants that convolutions have, and those [1, d_model, 1, 1] that something is multiplied by,
// in the order of the program and by their shapes. Projections that a package keeps apart (q, k and v;
// gate and up; the rows of a head) are parts of the model's one tensor. What the package has only some
// rows of is among the tensors with these, and among the missing with the others:
// "blk.0.attn_qkv.weight rows [48,64)".
//
// Equal numbers are the same bits here, though a zero may have either sign: int8 has only one. What is
// meant in fp32 is rounded to fp16 first. Memory does not grow with the weights.
//
// Errors: a shard that the model does not have, a tensor of the model that is missing, of another shape
// or not finite, far more constants than a shard has.
Result<WeightFacts> check_weights(const Package& package, const ModelFile& model,
                                  const ShardIdentity& identity, int threads);

}  // namespace fusesweep
