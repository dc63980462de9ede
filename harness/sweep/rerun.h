// A baseline once more: built from the model again, gated again, and measured beside what it was: the old
// program with the old artifacts and the new one with the new ones, afresh in every block of one trial
// (the strong form). Where the old program cannot run, what runs now is compared with history through
// another split of the same sweep (the weak form). Every block is stored when it is done; a rerun that is
// cut short goes on when it is asked for again.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/rerun.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_blocks.h"
#include "results/baseline.h"

namespace fusesweep {

struct RerunRules {
  double margin_rel = 0.005;  // a loss below it does not count
  double rule_out_rel =
      0.02;                  // a loss of it must be excluded at 95 %, or the rerun is inconclusive
  double target_rel = 0.01;  // half width of the 95 % interval that is aimed at
  std::chrono::milliseconds budget{30'000};  // for measuring
  std::uint64_t seed = 1;
  VerdictRules trial;               // but its margin, which is above
  std::set<std::string> metrics;    // that are judged, of metric.h and gates; empty: all of them
  bool is_strong_required = false;  // any other form answers nothing
};

// What is measured now where it is not as it was then: only across hosts, and then as ratios.
struct OtherWorkload {
  std::optional<int> prompt_tokens;
  std::optional<int> decode_tokens;
  std::optional<int> context;
};

struct RerunSetup {
  Baseline baseline;
  std::filesystem::path folder;  // the baseline's
  std::filesystem::path work;
  RunnableModel model;
  std::optional<Profile> profile;
  RerunRules rules;
  OtherWorkload workload;
  RunnerDescription description;  // of what runs now
  std::string program_hash;       // of its program; empty: not known
  Provenance provenance;          // of this run
  StartRunner start_old;          // empty: it cannot be started
  std::string why_not_old;        // and why
  RunnerDescription old_description;
  StartRunner start_new;
  bool is_cross_host = false;
  bool is_fresh = false;
  int threads = 1;  // for what is not the runner's work
  std::function<bool()> is_interrupted;
};

// What a rerun judges: ids of metrics, and names of gates.
std::vector<std::string> rerun_metrics();

// Errors: a baseline of another machine, model, contract, workload or context, unless it is compared across
// hosts; a store that cannot be written; a runner that cannot even build.
// `place.runner` is the new one, for building and gating.
Result<RerunReport> run_rerun(const RerunSetup& setup, const SweepPlace& place);

}  // namespace fusesweep
