// What a sweep comes to, in words that a person reads in five seconds. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/sweep_rows.h"

namespace fusesweep {

enum class SweepOutcome {
  kInterrupted,      // or it goes on: no answer yet
  kRecorded,         // others measured; nothing is ranked
  kAllDisqualified,  // no candidate may be measured
  kNothingMeasured,
  kDirty,      // measured, and not to be believed
  kNoRanking,  // measured too little
  kTie,
  kBest,
};

std::string_view to_text(SweepOutcome outcome);  // "interrupted", ..., "best"

SweepOutcome outcome_of(const SweepRows& sweep);

// One short sentence, without its full stop: "16+16 is the fastest".
std::string headline(const SweepRows& sweep);

// By how much, how sure, and what to do about it: a paragraph each.
std::vector<std::string> lead(const SweepRows& sweep);

// "nano on cpu (a CPU, 2 cores)".
std::string subject_of(const SweepRows& sweep);

// Those that may be the fastest; one alone is.
std::vector<const SplitRow*> tied_splits(const SweepRows& sweep);

// What others measured of the splits.
struct RecordedRuns {
  std::vector<const SplitRow*> splits;  // that have runs
  std::size_t runs = 0;                 // of all of them
  bool do_all_overlap = false;          // no split's runs are all faster than all of another's
};
RecordedRuns recorded_runs(const SweepRows& sweep);

// What kind of evidence all of it is: "recorded", or "measured".
std::string evidence_in_words(const SweepRows& sweep);

// How often this harness on this machine sees a difference where there is none, and what it finds.
std::vector<std::string> selfcheck_in_words(const SweepRows& sweep);

// Of "16+8+6+2": 4. Absent where the text is no split.
std::optional<int> shards_of(const SplitRow& split);

// The split that answers the question: the best, or the preferred one of a tie; absent without either.
const SplitRow* chosen_split(const SweepRows& sweep);

// Those that may be the fastest first, then the measured ones by speed, then the others; where nothing
// is ranked, as they stand.
std::vector<const SplitRow*> in_reading_order(const SweepRows& sweep);

}  // namespace fusesweep
