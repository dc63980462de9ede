// `fusesweep trend`: what was measured, and what others recorded, over time.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct TrendArguments {
  std::optional<std::string> metric;
  std::optional<std::string> split;
  std::optional<std::string> model;
  std::optional<std::string> host;
  std::optional<std::string> since;     // YYYY-MM-DD
  std::optional<std::string> recorded;  // a record by itself, without a store
  std::optional<std::string> work;
  bool json = false;
  bool csv = false;
};

// Always done: a change is an answer, and so is that there is none.
Result<Answer> run_trend(const TrendArguments& arguments);

}  // namespace fusesweep
