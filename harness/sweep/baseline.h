// Sets a baseline: takes what a sweep measured and gated, with the artifacts, the samples and the program
// that ran them, into a folder of its own (results/baseline.h), where nothing that comes later changes it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/sweep/prepared_split.h"
#include "results/baseline.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

struct BaselineRequest {
  std::string name;
  StoredSweep sweep;
  // By the name or the split of its candidates; empty: the one that the sweep chose.
  std::vector<std::string> splits;
};

struct BaselinePlace {
  std::filesystem::path work;
  const Store& store;
  // The runner that measured the sweep: it is asked where the shards' operations run, and builds those
  // that are not there any more.
  Runner& runner;
  RunnerDescription description;
  BaselineRunner called;          // how it was called: kind and words
  std::filesystem::path program;  // its file; of one of ours it is copied
  RunnableModel model;
  const Clock& clock;
  Progress& progress;
};

// Errors: a name that is taken or none; a sweep that has not ended, ranks nothing that was asked for, or
// was measured by another runner, of another model, or with limits of its own; a split that has not passed
// every gate for the bytes that lie there now; the system's.
Result<Baseline> set_baseline(const BaselineRequest& request, const BaselinePlace& place);

}  // namespace fusesweep
