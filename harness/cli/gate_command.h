// `fusesweep gate`: a split, some shards, or a package of somebody else's, through the gates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct GateArguments {
  std::optional<std::string> model;
  std::optional<std::string> profile;
  std::optional<std::string> split;
  std::vector<std::string> segments;
  bool head = false;
  std::optional<std::string> package;
  std::optional<std::string> head_slice;  // of the package
  std::optional<std::string> only;
  std::optional<std::string> limits;
  bool keep_going = false;
  bool retry_failed = false;
  // Without them: one token, 512 positions, int8, mask; a package's own.
  std::optional<std::string> tokens;
  std::optional<std::string> context;
  std::optional<std::string> encoding;
  std::optional<std::string> kv_form;
  std::string head_shards = "1";
  std::string runner = "cpu";
  std::optional<std::string> threads;
  std::optional<std::string> residency_limit;
  std::string positions = "16";
  std::string prompts = "4";
  std::string prompt_tokens = "32";
  std::string greedy_tokens = "32";
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 1 when a gate failed; 4 when none did, but some were not run or had too little data.
Result<Answer> run_gate(const GateArguments& arguments, const Invocation& invocation);

}  // namespace fusesweep
