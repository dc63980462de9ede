// `fusesweep bench`: one split, cold and warm, by layer group. It runs no gate and compares nothing, but
// asks the store what gates have said: a split that failed one is not measured, and figures of one
// that has not passed them all are "ungated". What they are worth beside others is for a sweep to say.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct BenchArguments {
  std::optional<std::string> model;
  std::string split;
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::string head_shards = "1";
  std::string runner = "cpu";
  std::optional<std::string> threads;
  std::optional<std::string> residency_limit;
  std::optional<std::string> prompts;
  std::string prompt_tokens = "16";
  std::string decode_tokens = "64";
  std::string repeat = "3";
  std::optional<std::string> work;
  bool json = false;
};

// Exit code 1 for a split that is disqualified.
Result<Answer> run_bench(const BenchArguments& arguments, const Invocation& invocation);

}  // namespace fusesweep
