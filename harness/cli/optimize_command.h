// `fusesweep optimize`: the fastest of all splits, and how much faster one that nobody tried could still be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"
#include "harness/cli/sweep_command.h"
#include "harness/core/segment.h"

namespace fusesweep {

// As they were typed.
struct OptimizeArguments {
  // Model, runner, one form of all shards, gates and how whole splits are measured; it has no splits, and its
  // budget counts nothing.
  SweepArguments common;
  std::string regret = "1%";
  std::string max_builds = "64";
  std::string budget_s = "300";
  std::string verify = "3";
  std::string tail = "6+2";
  std::optional<std::string> longest_shard;
  std::optional<std::string> max_shards;
  std::vector<std::string> forbidden;
};

// Exit code 0 where the bound that was asked for is reached and the verification chose a split, or a record was
// asked; 1 where no split is left; 4 where the bound was not reached or the verification ranks nothing; 130 when it
// was interrupted.
Result<Answer> run_optimize_command(const OptimizeArguments& arguments,
                                    const Invocation& invocation);

// "[0,24),[24,32)" or "0:24", each as often as it was typed; errors name the flag.
Result<std::vector<Segment>> read_forbidden(const std::vector<std::string>& typed, int n_layers);

}  // namespace fusesweep
