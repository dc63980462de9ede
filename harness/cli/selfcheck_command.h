// `fusesweep selfcheck`: the harness measures itself. How often does it cry wolf between equal arms here,
// and how small a delay does it find?
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct SelfcheckArguments {
  std::optional<std::string> model;
  std::string split = "16+8+6+2";
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string head_shards = "1";
  std::optional<std::string> threads;
  std::string runner = "cpu";
  std::optional<std::string> residency_limit;
  std::string prompt_tokens = "16";
  std::string decode_tokens = "64";
  std::string decodings = "4";
  std::string turn_tokens = "16";
  std::optional<std::string> blocks;
  std::string seed = "1";
  bool quick = false;
  bool fresh = false;
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 0 when it has been measured, whatever was found; 130 when it was interrupted.
Result<Answer> run_selfcheck_command(const SelfcheckArguments& arguments,
                                     const Invocation& invocation);

}  // namespace fusesweep
