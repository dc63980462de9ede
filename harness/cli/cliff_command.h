// `fusesweep cliff`: finds the length of front shards at which strict residency is lost.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct CliffArguments {
  std::optional<std::string> model;
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string runner = "cpu";
  std::optional<std::string> threads;
  std::optional<std::string> residency_limit;
  std::optional<std::string> first_guess;
  bool exhaustive = false;
  bool again = false;
  bool retry_failed = false;
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 4 when there is no edge, or answers contradict it.
Result<Answer> run_cliff(const CliffArguments& arguments, const Invocation& invocation);

}  // namespace fusesweep
