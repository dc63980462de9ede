// What a sweep comes to. One form for the command, reports and scripts: to_json().
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/uuid.h"
#include "harness/core/cliff.h"
#include "harness/stats/trial_verdict.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/qualification.h"
#include "harness/sweep/sweep_spec.h"

namespace fusesweep {

struct GroupTime {
  std::string group;  // "embed", "host", "[0,16)", ..., "head"
  double ms_per_token = 0;
};

// Of one arm, over all blocks: medians of decoding steps; prefill, loading and first calls apart.
struct ArmFigures {
  double ms_per_token = 0;
  double tok_per_s = 0;
  std::vector<GroupTime> groups;
  std::optional<double> ttft_ms;
  std::optional<double> load_ms;
  std::optional<double> activation_ms;  // of the first calls of all its groups together
};

// A run that somebody else made and wrote down.
struct RecordedDecode {
  double tok_per_s = 0;
  std::vector<GroupTime> groups;  // those that were written down
  std::vector<std::string> notes;
};

struct CandidateAnswer {
  Candidate candidate;
  std::string name;
  Standing standing = Standing::kUngated;
  std::string reason;                    // of a standing that is not qualified
  std::optional<ArmFigures> figures;     // of one that was measured
  std::optional<Comparison> comparison;  // with the control; of the control itself absent
  std::vector<RecordedDecode> recorded;
};

struct SweepAnswer {
  Uuid sweep{};  // as the store knows it
  std::optional<CliffResult> cliff;
  std::vector<CandidateAnswer> candidates;  // in the order of preference
  std::optional<std::size_t> control;       // of the candidates
  std::vector<Gated> gates;                 // of everything that was gated, each subject once
  std::vector<std::string> trials;          // those that the verdicts come from, by their names
  std::optional<TrialVerdict> trial;
  std::vector<std::size_t> ties;  // candidates that may be the fastest, the preferred one first
  std::filesystem::path
      manifest;  // of the best, or the preferred of the ties; empty: there is none
  int blocks = 0;
  int wanted_blocks =
      0;  // for the precision that was aimed at; more than blocks: the budget ended it
  TrialNoise noise;
  double measured_s = 0;  // of all blocks, those of trials that had to be begun anew among them
  int work_done = 0;      // probes, gated splits and blocks of this call; 0: all was known before
  bool is_interrupted = false;
};

Json to_json(const SweepAnswer& answer);

}  // namespace fusesweep
