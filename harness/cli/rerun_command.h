// `fusesweep rerun NAME`: is what was measured once still as fast, as resident and as right?
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct RerunArguments {
  std::string name;
  std::optional<std::string> model;   // absent: the file that the baseline was set from
  std::optional<std::string> runner;  // absent: called as the baseline's
  std::string budget_s = "30";
  std::string margin_rel = "0.005";
  std::string rule_out_rel = "0.02";
  std::string target_rel = "0.01";
  std::string seed = "1";
  std::optional<std::string> metrics;  // absent: all
  std::optional<std::string> prompt_tokens;
  std::optional<std::string> decode_tokens;
  std::optional<std::string> context;
  bool cross_host = false;
  bool require_strong = false;
  bool fresh = false;
  std::string inconclusive_exit = "4";
  std::optional<std::string> junit;     // file
  std::optional<std::string> markdown;  // file
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 0: no regression; 1: one was found; 4, or what was asked for: inconclusive or dirty; 130: it
// was interrupted.
Result<Answer> run_rerun_command(const RerunArguments& arguments, const Invocation& invocation);

}  // namespace fusesweep
