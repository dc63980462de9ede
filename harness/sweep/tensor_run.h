// Runs of a session whose tensors are brought along and taken back: files in a folder that goes away.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// One group's output, with its values [n, width]; empty where there is only a record.
struct GroupValues {
  GroupOutput output;
  std::vector<float> values;
};

// Shards that run one after the other on hidden states [n, d_model]; a record needs none.
struct ChainToRun {
  std::vector<std::filesystem::path> artifacts;
  RunnerOptions options;
  std::span<const float> hidden;
  std::size_t d_model = 0;
};

// `scratch` is made and removed. Errors beyond the runner's: an output of another length than [n, width].
Result<std::vector<GroupValues>> run_chain(Runner& runner, const ChainToRun& chain,
                                           const std::filesystem::path& scratch,
                                           Progress& progress);

// The same of a session that has all of a model, on ids.
Result<std::vector<GroupValues>> run_ids(Session& session, const std::vector<int>& ids,
                                         const std::filesystem::path& scratch);

// Hidden states of no meaning, [tokens, d_model], for runs of which only the placement is of interest.
std::vector<float> pattern_states(int tokens, int d_model);

}  // namespace fusesweep
