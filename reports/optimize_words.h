// What a search for the fastest split comes to, in words that a person reads in five seconds. Pure functions;
// texts from models, runners and stores are shown as one line each, nothing else of them is escaped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/optimize.h"

namespace fusesweep {

// One short sentence, without its full stop: "16+16 is the fastest; none is faster by more than 0.80 % (95 %)".
std::string headline(const OptimizeReport& report);

// The best and its time, the bound and what it is conditional on, what was never built: a paragraph each.
std::vector<std::string> lead(const OptimizeReport& report);

// The split that the answer is about: the verified one, else the best by the sum of its segments. Empty: none.
std::string answer_of(const OptimizeReport& report);

// What is known of that split's time; null where its sum is not among the best.
const PathFinding* answered_path(const OptimizeReport& report);

// By how much a split may be faster than that one; absent where that is not known.
std::optional<double> answered_bound(const OptimizeReport& report);

struct SegmentCounts {
  std::size_t measured = 0;
  std::size_t predicted = 0;
  std::size_t excluded = 0;
};
SegmentCounts count_segments(const OptimizeReport& report);

// Of the split that answers, boundaries included: what segments are compared with. Absent without one.
std::optional<double> best_ms_per_layer(const OptimizeReport& report);

// What a segment and its boundary take a layer, over the former, less 1. Absent where either is.
std::optional<double> relative_cost(const OptimizeReport& report, const SegmentFinding& finding);

// "12.345", "1.2e+12": any number that a store may hold, at most 16 characters. Without its unit.
std::string ms_text(double ms);
// "0.80 %", with a sign where it is asked for; the same.
std::string rel_text(double share);
std::string signed_rel_text(double share);

// "88.2 s", "14.7 min", "3.2 h", "12 days", "665 years".
std::string duration_text(double seconds);

}  // namespace fusesweep
