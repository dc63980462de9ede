// What a harness that measures itself comes to: how often it cries wolf between equal arms, how often
// it finds a delay that was injected, and the smallest one that it finds. `fusesweep selfcheck` fills it
// in, reports show it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"

namespace fusesweep {

// A count of trials, and the probability that it speaks for: Clopper and Pearson's 95 % interval. The
// interval takes trials for independent: those cut from one bank share blocks, and it is then narrower
// than it should be.
struct TrialRate {
  int count = 0;
  int trials = 0;
  double low = 0;
  double high = 1;

  bool operator==(const TrialRate&) const = default;
};

// Blocks that were measured one after the other under one condition: control, twin, candidate, all
// three the same split.
struct SelfcheckBank {
  std::string condition;  // "idle", "one core busy"
  int blocks = 0;
  double block_s = 0;               // median
  std::optional<double> cell_sd;    // of a cell about its block and arm, log units; 0.01 is 1 %
  std::optional<double> block_sd;   // of the blocks' levels
  std::optional<double> drift_rel;  // from the first block to the last, by a straight line
  std::optional<double> steal_rel;

  bool operator==(const SelfcheckBank&) const = default;
};

// Trials of one length, under one condition, with one delay.
struct SelfcheckTrials {
  std::string condition;
  bool is_physical = false;  // measured as trials of their own; otherwise cut from the bank
  double seconds = 0;        // of measuring
  double blocks = 0;         // of a trial; mean
  double injected_rel = 0;   // of the control's time per token; 0: equal arms (A/A)
  std::string group;         // that was delayed; empty: none
  // The candidate against the control. Of each: they add up to all trials.
  TrialRate faster;
  TrialRate slower;
  TrialRate equivalent;
  TrialRate inconclusive;
  TrialRate dirty;
  std::optional<double> size_rel;                 // median of what was found
  std::optional<double> smallest_detectable_rel;  // median of what the trials stated

  bool operator==(const SelfcheckTrials&) const = default;
};

// The smallest delay that was found in 95 % of the trials of a length, between the delays that were
// tried; absent: not even the largest.
struct SelfcheckSmallest {
  std::string condition;
  double seconds = 0;
  std::optional<double> injected_rel;

  bool operator==(const SelfcheckSmallest&) const = default;
};

// Reruns of a baseline, cut from a bank: its control stands for what was, its candidate for what is now, with
// one layer group delayed or none.
struct SelfcheckReruns {
  std::string condition;
  double seconds = 0;
  double blocks = 0;        // of a rerun; mean
  double injected_rel = 0;  // of the control's time per token; 0: nothing has changed
  std::string group;        // that was delayed; empty: none
  TrialRate regressions;    // of any figure
  TrialRate right_group;    // that name the delayed group, and no other
  TrialRate dirty;

  bool operator==(const SelfcheckReruns&) const = default;
};

struct SelfcheckFigures {
  std::string split;
  std::vector<SelfcheckBank> banks;
  std::vector<SelfcheckTrials> trials;
  std::vector<SelfcheckSmallest> smallest;
  std::vector<SelfcheckReruns> reruns;  // none in what older versions stored

  bool operator==(const SelfcheckFigures&) const = default;
};

Json to_json(const SelfcheckFigures& figures);

// Of what to_json gave and a store kept.  Errors: anything else, with the place.
Result<SelfcheckFigures> read_selfcheck(const Json& json);

}  // namespace fusesweep
