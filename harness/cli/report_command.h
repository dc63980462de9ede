// `fusesweep report`: what a sweep came to, as files to read, keep and send.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct ReportArguments {
  std::optional<std::string> sweep;
  bool all = false;
  std::string format = "html";
  std::optional<std::string> output;
  std::optional<std::string> work;
  bool json = false;
};

Result<Answer> run_report(const ReportArguments& arguments);

}  // namespace fusesweep
