// `fusesweep model check`: is this the model that it should be?
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct ModelCheckArguments {
  std::string file;
  std::optional<std::string> profile;
  bool json = false;
};

// Exit code 1 when anything differs.
Result<Answer> run_model_check(const ModelCheckArguments& arguments);

}  // namespace fusesweep
