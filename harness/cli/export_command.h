// `fusesweep export`: the runtime manifest of a split, or a check of one that there is.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// As they were typed.
struct ExportArguments {
  std::optional<std::string> split;
  std::optional<std::string> check;
  bool follow_outside = false;
  std::optional<std::string> model;
  std::optional<std::string> head_shards;
  std::optional<std::string> verifier_tokens;
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::optional<std::string> prefix;
  std::optional<std::string> output;
  std::optional<std::string> work;
  bool json = false;
};

// The text to print.
Result<std::string> run_export(const ExportArguments& arguments);

}  // namespace fusesweep
