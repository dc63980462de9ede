// `fusesweep model synth` and `reference`: makes model files and runs them.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// As they were typed; the functions below check them and return the text to print.
struct ModelSynthArguments {
  std::string shape = "nano";
  std::string dtype = "q8_0";
  std::string seed = "1";
  bool echo = false;
  std::string output;
  bool json = false;
};

struct ModelReferenceArguments {
  std::string file;
  std::string ids;
  std::string generate = "0";
  std::string weights = "original";
  std::string context = "512";
  std::string head_shards = "1";
  std::optional<std::string> logits;
  std::optional<std::string> hidden_folder;
  bool json = false;
};

Result<std::string> run_model_reference(const ModelReferenceArguments& arguments);
Result<std::string> run_model_synth(const ModelSynthArguments& arguments);

}  // namespace fusesweep
