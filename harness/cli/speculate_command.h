// `fusesweep speculate`: a split decoded greedily and speculatively in one trial, exactness first.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"
#include "harness/cli/one_split.h"

namespace fusesweep {

// As they were typed, all of them.
struct SpeculateArguments : OneSplitArguments {
  std::string verifier_tokens = "2,4,8";
  std::string verifier = "beside";
  std::string workload = "tiled";
  std::string ngram_min = "2";
  std::string ngram_max = "4";
  std::optional<std::string> guard;
  std::optional<std::string> log;  // a file of ids: simulated, not run
  std::string prompt_tokens = "32";
  std::string decode_tokens = "64";
  std::string decodings = "2";
  std::string blocks = "8";
  std::string seed = "1";
  std::string positions = "16";
  std::string prompts = "4";
  std::string gate_prompt_tokens = "32";
  std::string greedy_tokens = "32";
};

// Exit code 1 when no verifier is exact, 4 when the trial is dirty, 130 when it was interrupted.
Result<Answer> run_speculate_command(const SpeculateArguments& arguments,
                                     const Invocation& invocation);

}  // namespace fusesweep
