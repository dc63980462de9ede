// The gate of speculative decoding: its ids are those of plain greedy decoding, on a set of prompts, to
// the last one. It says what was seen on these prompts, and nothing of others.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "harness/core/verdict.h"

namespace fusesweep {

// Where speculative decoding first leaves greedy decoding, and what the shards of one token a call, which
// decide in greedy decoding, give for both ids there.
struct ExactnessDivergence {
  std::size_t at = 0;         // of the generated ids
  std::optional<int> found;   // absent: there are fewer ids
  std::optional<int> wanted;  // the same
  std::optional<double> found_logit;
  std::optional<double> wanted_logit;
};

// One prompt.
struct ExactnessComparison {
  std::string prompt;
  std::size_t tokens = 0;  // that greedy decoding generated
  std::optional<ExactnessDivergence> divergence;
  int guard_calls = 0;
};

inline constexpr int kExactnessPrompts = 20;
inline constexpr int kExactnessTokens = 64;  // generated after each

// Passes when all are equal, over at least so many prompts and tokens of each: fewer are not enough
// data. Names the first divergence, both logits and the margin between them.
GateVerdict judge_exactness(std::span<const ExactnessComparison> comparisons,
                            int least_prompts = kExactnessPrompts,
                            int least_tokens = kExactnessTokens);

}  // namespace fusesweep
