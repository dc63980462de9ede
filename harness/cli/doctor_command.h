// `fusesweep doctor`: what this machine offers, and what will make its numbers noisy.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct DoctorArguments {
  std::optional<std::string> work;
  bool quick = false;
  bool json = false;
};

// Always done: noise is an answer.
Result<Answer> run_doctor(const DoctorArguments& arguments);

}  // namespace fusesweep
