// `fusesweep model`: makes model files and shows what is in them.
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
  std::string output;
  bool json = false;
};

struct ModelInspectArguments {
  std::string file;
  bool json = false;
};

Result<std::string> run_model_synth(const ModelSynthArguments& arguments);
Result<std::string> run_model_inspect(const ModelInspectArguments& arguments);

}  // namespace fusesweep
