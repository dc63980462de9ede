// What somebody expects of a sweep, in a form that its answer can confirm or refute. Only reads the text;
// judgement.h judges it.
//
//   tok_s(20+4+6+2) > tok_s(16+8+6+2)     METRIC(SPLIT) OP METRIC(SPLIT): of one metric
//   ttft_ms(16+16) <= 250 ms              METRIC(SPLIT) OP NUMBER [UNIT]
//   cliff in [20,24]                      [0,20) is resident, [0,24) is not
//   cliff confirmed
//   qualified(16+16)    disqualified(24+6+2)
//   best = 16+8+6+2     tie(16+8+6+2, 20+4+6+2)
//
// METRIC is tok_s, ms_per_token, ttft_ms, load_ms or activation_ms; OP is >, <, >= or <=. A split may be
// followed by the words by which a sweep tells it from another one: 16+16 fp16.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "harness/base/result.h"

namespace fusesweep {

enum class SplitMetric { kTokPerS, kMsPerToken, kTtftMs, kLoadMs, kActivationMs };

std::string_view to_text(SplitMetric metric);  // "tok_s", "ms_per_token", ...
std::string_view unit_of(SplitMetric metric);  // "tok/s", "ms"

enum class Comparison { kAbove, kBelow, kAtLeast, kAtMost };

std::string_view to_text(Comparison comparison);  // ">", "<", ">=", "<="

// Splits are canonical: "8+8+8+8", not "8x4".
struct SplitsComparison {
  SplitMetric metric = SplitMetric::kTokPerS;
  std::string left;
  Comparison comparison = Comparison::kAbove;
  std::string right;

  bool operator==(const SplitsComparison&) const = default;
};

struct SplitBound {
  SplitMetric metric = SplitMetric::kTokPerS;
  std::string split;
  Comparison comparison = Comparison::kAbove;
  double bound = 0;  // in the metric's unit

  bool operator==(const SplitBound&) const = default;
};

struct CliffWithin {
  int resident = 0;
  int not_resident = 0;

  bool operator==(const CliffWithin&) const = default;
};

struct CliffIsConfirmed {
  bool operator==(const CliffIsConfirmed&) const = default;
};

struct SplitQualifies {
  std::string split;
  bool qualifies = true;  // false: it is disqualified

  bool operator==(const SplitQualifies&) const = default;
};

struct SplitIsBest {
  std::string split;

  bool operator==(const SplitIsBest&) const = default;
};

struct SplitsTie {
  std::string one;
  std::string other;

  bool operator==(const SplitsTie&) const = default;
};

using Claim = std::variant<SplitsComparison, SplitBound, CliffWithin, CliffIsConfirmed,
                           SplitQualifies, SplitIsBest, SplitsTie>;

struct Hypothesis {
  std::string text;  // as it was written, as one line
  Claim claim;
};

// The error says at which character what was found and wanted; the caller adds where.
Result<Hypothesis> parse_hypothesis(std::string_view text);

}  // namespace fusesweep
