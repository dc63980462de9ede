// `fusesweep baseline set NAME`: freezes what a sweep measured and gated, to be measured against later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct BaselineSetArguments {
  std::string name;
  std::optional<std::string> sweep;   // the beginning of an id; absent: the newest that has ended
  std::vector<std::string> splits;    // absent: the one that the sweep chose
  std::optional<std::string> model;   // absent: the file of which the default sweep is
  std::optional<std::string> runner;  // absent: of the sweep
  std::optional<std::string> work;
  bool json = false;
};

Result<Answer> run_baseline_set(const BaselineSetArguments& arguments,
                                const Invocation& invocation);

}  // namespace fusesweep
