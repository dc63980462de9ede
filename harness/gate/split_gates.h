// The gates of a split as a whole: error budget and full stack. Shards that each pass alone were once
// all green while the chat was garbage.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/golden_numbers.h"
#include "harness/core/verdict.h"
#include "harness/gate/gate_limits.h"

namespace fusesweep {

// One shard at the end of the chain of those before it: what it gives on what the shard before it gave,
// and its relative L2 on the reference's input, to tell own error from inherited. The chain is held to
// what one shard of all its layers would be.
GateVerdict judge_error_budget(const GoldenNumbers& chained,
                               std::optional<double> local_relative_l2,
                               const GoldenLimits& fidelity);

// A position whose top token is another than the reference's.
struct TopFlip {
  std::string prompt;
  std::size_t position = 0;
  int found = 0;  // ids
  int wanted = 0;
  double margin = 0;  // by which the reference prefers its own

  bool operator==(const TopFlip&) const = default;
};

// Logits of one prompt against a reference's, both [n, vocab].
struct TopTokens {
  std::size_t positions = 0;
  std::vector<TopFlip> flips;
};

// REQUIRES: equal sizes that are multiples of vocab_size.
TopTokens compare_top_tokens(std::string_view prompt, std::span<const float> found,
                             std::span<const float> wanted, std::size_t vocab_size);

// Greedy ids of one prompt, and where they leave the reference's.
struct GreedyComparison {
  std::string prompt;
  std::size_t tokens = 0;                       // compared
  std::optional<std::size_t> first_divergence;  // of the generated ones; absent: there is none
  double margin = 0;                            // by which the reference prefers its own id there
};

struct FullStackFacts {
  GoldenNumbers
      calibration;       // logits of the calibration set against the reference on rounded weights
  GoldenNumbers logits;  // of the prompt set
  TopTokens top;         // of the prompt set
  // Beside it, where it was looked at: the original weights, and decoding.
  std::optional<double> original_cosine;
  std::optional<double> original_top1_agreement;  // share of positions, 0 to 1
  std::vector<GreedyComparison> greedy;
};

// Passes when the logits are near the reference's and every flip is where the reference was
// undecided, also the first of each decoded sequence: its margin lies below what the calibration set's
// error explains.
GateVerdict judge_full_stack(const FullStackFacts& facts, const FullStackLimits& limits);

// The same of a runner that decodes and gives no logits: somebody's runtime.
struct DecodedStackFacts {
  // Logits of the reference on weights rounded as asked for, against those on the original ones.
  GoldenNumbers rounding;
  std::vector<GreedyComparison> greedy;
};

// Passes when decoding leaves the reference's ids only where the reference was undecided: its margin lies
// below what rounding the weights alone explains, for more cannot be asked of a stack whose logits nobody sees.
GateVerdict judge_decoded_stack(const DecodedStackFacts& facts, const FullStackLimits& limits);

}  // namespace fusesweep
