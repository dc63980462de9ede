// `fusesweep speculate`: a split decoded greedily and speculatively in one trial, exactness first.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct SpeculateArguments {
  std::optional<std::string> model;
  std::string split = "16+8+6+2";
  std::string verifier_tokens = "2,4,8";
  std::string verifier = "beside";
  std::string workload = "tiled";
  std::string ngram_min = "2";
  std::string ngram_max = "4";
  std::optional<std::string> guard;
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string head_shards = "1";
  std::optional<std::string> threads;
  std::string runner = "cpu";
  std::optional<std::string> residency_limit;
  std::string prompt_tokens = "32";
  std::string decode_tokens = "64";
  std::string decodings = "2";
  std::string blocks = "8";
  std::string seed = "1";
  std::string positions = "16";
  std::string prompts = "4";
  std::string gate_prompt_tokens = "32";
  std::string greedy_tokens = "32";
  bool fresh = false;
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 1 when no verifier is exact, 4 when the trial is dirty, 130 when it was interrupted.
Result<Answer> run_speculate_command(const SpeculateArguments& arguments,
                                     const Invocation& invocation);

}  // namespace fusesweep
