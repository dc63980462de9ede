// `fusesweep selfcheck`: the harness measures itself. How often does it cry wolf between equal arms here,
// and how small a delay does it find?
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"
#include "harness/cli/one_split.h"

namespace fusesweep {

// As they were typed, all of them.
struct SelfcheckArguments : OneSplitArguments {
  std::string tokens = "1";
  std::string prompt_tokens = "16";
  std::string decode_tokens = "64";
  std::string decodings = "4";
  std::string turn_tokens = "16";
  std::optional<std::string> blocks;
  std::string seed = "1";
  bool quick = false;
};

// Exit code 0 when it has been measured, whatever was found; 130 when it was interrupted.
Result<Answer> run_selfcheck_command(const SelfcheckArguments& arguments,
                                     const Invocation& invocation);

}  // namespace fusesweep
