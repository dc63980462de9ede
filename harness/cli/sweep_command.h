// `fusesweep sweep`: the main job. Gates and measures every candidate and says which is the fastest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them; lists are separated by commas.
struct SweepArguments {
  std::optional<std::string> model;
  std::optional<std::string> profile;
  std::vector<std::string> splits;
  std::vector<std::string> families;
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string head_shards = "1";
  std::optional<std::string> threads;
  std::string runner = "cpu";
  std::optional<std::string> residency_limit;
  std::optional<std::string> limits;
  std::string prompt_tokens = "16";
  std::string decode_tokens = "64";
  std::string decodings = "4";
  std::string turn_tokens = "16";
  std::string target_rel = "0.01";
  std::string margin_rel = "0.01";
  std::string budget_s = "40";
  std::string seed = "1";
  std::string positions = "16";
  std::string prompts = "4";
  std::string gate_prompt_tokens = "32";
  std::string greedy_tokens = "32";
  std::optional<std::string> memory;
  bool dry_run = false;
  bool fresh = false;
  bool retry_failed = false;
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 0 for an answer, a tie among them; 1 when every candidate is disqualified; 4 when the trial
// is dirty or too short; 130 when it was interrupted.
Result<Answer> run_sweep_command(const SweepArguments& arguments, const Invocation& invocation);

}  // namespace fusesweep
