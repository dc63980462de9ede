// `fusesweep bench`: one split, cold and warm, by layer group. It checks nothing and compares nothing:
// its figures are "ungated", and what they are worth beside others is for a sweep to say.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"

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

Result<std::string> run_bench(const BenchArguments& arguments,
                              const std::filesystem::path& own_program);

}  // namespace fusesweep
