// What a rerun of a baseline comes to: what became better, worse or other since it was set, how sure that
// is, and what may have caused it. `fusesweep rerun` fills it in, the store keeps it, reports show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace fusesweep {

// How speeds were compared.
enum class RerunForm {
  kStrong,  // old runner with old artifacts beside new runner with new ones, in the same blocks
  kWeak,    // the new ones alone, through another split, against what was measured then
  kNotMeasured,  // nothing was timed: the new artifacts fail a gate, or there is nothing to compare with
};

std::string_view to_text(RerunForm form);  // "strong", "weak", "not measured"

enum class FindingOutcome {
  kRegression,    // worse: beyond chance, and by the margin at least
  kImproved,      // better, the same way
  kSame,          // told apart by nothing, and a loss that matters is excluded
  kInconclusive,  // neither: the data do not say
  kDirty,         // the trial may not be believed
  kToldOnly,      // shown, and never judged: one number on either side says nothing about chance
};

std::string_view to_text(
    FindingOutcome outcome);  // "regression", "improved", "same", ..., "told only"

// One figure of one part, then and now.
struct RerunFinding {
  std::string split;   // canonical text
  std::string metric;  // a metric's id, see metric.h, or the name of a gate
  std::string part;    // "[0,16)", "head": a group or a shard; empty: the whole split
  FindingOutcome outcome = FindingOutcome::kToldOnly;
  std::optional<double> before;  // in the metric's unit
  std::optional<double> now;
  // Of `before`, in the direction in which the figure went: 0.02 is 2 % more of it.
  std::optional<double> change_rel;
  // Of the change, at the level of the verdict; absent where the figure has no spread.
  std::optional<double> low_rel;
  std::optional<double> high_rel;
  std::optional<double> smallest_detectable_rel;
  std::string text;  // one line, where figures do not say it: "3 conv moved from vector to ref"

  bool operator==(const RerunFinding&) const = default;
};

// Something that is not what it was when the baseline was set.
struct RerunChange {
  std::string what;  // "compiler", "runner version", "git revision", "kernel", "weights"
  std::string before;
  std::string now;

  bool operator==(const RerunChange&) const = default;
};

struct RerunReport {
  std::string baseline;  // its name
  std::string baseline_id;
  std::int64_t set_unix_ms = 0;
  std::string sweep;  // under which the blocks of this rerun are stored
  std::string model;
  std::string runner;
  RerunForm form = RerunForm::kNotMeasured;
  std::string form_reason;          // of any other form than strong: why
  bool is_cross_host = false;       // only ratios to the control were compared
  bool is_strong_required = false;  // any other form answers nothing
  std::vector<RerunFinding> findings;
  std::vector<RerunChange> changes;  // all that are known
  std::string cause;              // one line: what the changes allow to say; empty: no regression
  std::vector<std::string> dirt;  // one line each; empty: what was measured is clean
  int blocks = 0;
  int wanted_blocks = 0;
  double margin_rel = 0;    // below which a loss does not count
  double rule_out_rel = 0;  // a loss of this size must be excluded for "same"
  bool is_interrupted = false;

  bool operator==(const RerunReport&) const = default;
};

// The answer as a whole: a regression if any finding is one; inconclusive if anything is dirty or
// inconclusive, it was interrupted, the form is not good enough, no speed was compared or nothing judged;
// else the same.
FindingOutcome outcome_of(const RerunReport& report);

// {"baseline", ..., "findings": [...], "changes": [...], ...}; what is absent, empty or not finite is null.
Json to_json(const RerunReport& report);

// Of what to_json gave and a store kept.  Errors: anything else, with the place.
Result<RerunReport> read_rerun_report(const Json& json);

}  // namespace fusesweep
