// Gathers the facts for the exactness gate: a split decodes a set of prompts greedily, and speculatively
// with a verifier.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/speculation.h"
#include "harness/gate/exactness_gate.h"
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

// How a split speculates.
struct Verifier {
  int tokens = 4;  // T
  VerifierLoading loading = VerifierLoading::kBeside;
  Speculation speculation;
};

// What both ways of decoding are compared on.
struct ExactnessPrompts {
  int count = 20;
  int tokens = 32;         // of each
  int decode_tokens = 64;  // after the first, of each
};

// What the split is opened with to speculate.  REQUIRES: the gates' shape takes one token a call.
SplitToPrepare speculative_split(const GateSetup& gates, const Split& split, int tokens,
                                 VerifierLoading loading);

// Every other one repeats itself, with a period that grows; the others are random. The same on every
// machine.  REQUIRES: vocab_size, count, tokens are positive.
std::vector<Prompt> speculation_prompts(int vocab_size, int count, int tokens);

// The verifiers of one split. What greedy decoding says is asked once.
class ExactnessGates {
 public:
  // `bench` is one of shards that take one token a call; it must outlive this.
  ExactnessGates(GateWorkbench& bench, Split split, ExactnessPrompts prompts = {});

  // A bound for the guard: twice the largest difference that a logit had, on the first half of the prompts,
  // between a call of T tokens and calls of one; two best logits that are further apart cannot have changed
  // places by as much. A split that gives the same bits for every T has 0.
  Result<double> measure_guard(int tokens);

  // Errors: the runner cannot speculate; the weights are more than a process of it holds.
  Result<Gated> gate(const Verifier& verifier);

 private:
  Result<Opened> open(int tokens, VerifierLoading loading);
  Result<std::vector<DecodeResult>> decode_all(int tokens, VerifierLoading loading,
                                               const std::optional<Speculation>& speculation);
  Result<void> decode_greedily();
  // Of the guard's prompts, [n, vocab] each.
  Result<std::vector<std::vector<float>>> logits_of(int tokens);
  Result<std::vector<ExactnessComparison>> compare(const Verifier& verifier);
  Result<void> add_logits(std::size_t prompt, ExactnessDivergence& divergence);
  Result<Subject> subject_of(const Verifier& verifier) const;

  GateWorkbench& bench_;
  Split split_;
  int decode_tokens_;
  std::vector<Prompt> prompts_;
  std::vector<DecodeResult> greedy_;         // of each prompt; empty: not asked yet
  std::vector<std::vector<float>> singles_;  // of calls of one token; the same
};

}  // namespace fusesweep
