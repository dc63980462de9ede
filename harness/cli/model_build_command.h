// `fusesweep model build`: shards from a model file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// As they were typed.
struct ModelBuildArguments {
  std::string file;
  std::vector<std::string> segments;
  bool head = false;
  bool embedding = false;
  std::string head_shards = "1";
  std::string tokens = "1";
  std::string context = "512";
  std::string encoding = "int8";
  std::string kv_form = "mask";
  std::optional<std::string> output;
  std::optional<std::string> work;
  bool json = false;
};

// The text to print.
Result<std::string> run_model_build(const ModelBuildArguments& arguments);

}  // namespace fusesweep
