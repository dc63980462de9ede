// `fusesweep model inspect`: what is in a model file or in a package.
#pragma once

#include <string>

#include "harness/base/result.h"

namespace fusesweep {

struct ModelInspectArguments {
  std::string file;
  bool json = false;
};

// The text to print.
Result<std::string> run_model_inspect(const ModelInspectArguments& arguments);

}  // namespace fusesweep
