// Gathers the facts for the exactness gate: a split decodes a set of prompts greedily, and speculatively
// with a verifier.
#pragma once

#include <string>
#include <vector>

#include "harness/core/speculation.h"
#include "harness/measure/prompts.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/prepared_split.h"
#include "topologies/split.h"

namespace fusesweep {

// How a verifier is loaded.
enum class VerifierLoading {
  kBeside,  // the shards of one token a call and those of T together: twice the weights
  kAlone,   // those of T, which take single tokens with padding
};

struct ExactnessSetup {
  Split split;
  int tokens = 4;  // T of the verifier
  VerifierLoading loading = VerifierLoading::kBeside;
  Speculation speculation;
  int prompts = 20;
  int prompt_tokens = 32;  // of each
  int decode_tokens = 64;  // after the first, of each
};

// What the split is opened with to speculate.  REQUIRES: the gates' shape takes one token a call.
SplitToPrepare speculative_split(const GateSetup& gates, const Split& split, int tokens,
                                 VerifierLoading loading);

// The split with its verifier, in words and as a key of the store.
Result<Subject> speculative_subject(const GateSetup& gates, const ExactnessSetup& setup);

// Every other one repeats itself, with a period that grows; the others are random. The same on every
// machine.  REQUIRES: vocab_size, count, tokens are positive.
std::vector<Prompt> speculation_prompts(int vocab_size, int count, int tokens);

// A bound for the guard: twice the largest difference that a logit had, on the first half of those prompts,
// between a call of T tokens and calls of one; two best logits that are further apart cannot have changed
// places by as much. A split that gives the same bits for every T has 0.
Result<double> measure_guard(GateWorkbench& bench, const ExactnessSetup& setup);

// `bench` is one of shards that take one token a call. Errors: the runner cannot speculate; the weights
// are more than a process of it holds.
Result<Gated> gate_exactness(GateWorkbench& bench, const ExactnessSetup& setup);

}  // namespace fusesweep
