// What the commands take that gate and measure one split, and what it comes to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/runner_argument.h"
#include "harness/sweep/gate_setup.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

// As they were typed, all of them.
struct OneSplitArguments {
  std::optional<std::string> model;
  std::string split = "16+8+6+2";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string head_shards = "1";
  std::optional<std::string> threads;
  std::string runner = "cpu";
  std::optional<std::string> residency_limit;
  bool fresh = false;
  std::optional<std::string> work;
  bool json = false;
};

struct OneSplit {
  Split split;
  RunnerDescription description;
  GateSetup gates;  // with the default limits of the runner's device
};

// `tokens` is --tokens, T of its shards.  Errors name the flag; a runner that replays a record is one.
Result<OneSplit> read_one_split(const OneSplitArguments& arguments, const std::string& tokens,
                                RunnerClient& runner, const std::filesystem::path& work);

// "16+8+6+2 of phi on cpu (...)", and a line that says what the runner emulates, where it does.
std::string heading_text(const Split& split, const RunnableModel& model,
                         const RunnerDescription& runner);

}  // namespace fusesweep
