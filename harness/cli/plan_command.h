// `fusesweep plan`: reads its arguments, makes the plan, and writes it as a table or as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// How many splits are listed unless --limit says otherwise: what a person scrolls through, what a
// program reads.
inline constexpr std::size_t kListedInTable = 40;
inline constexpr std::size_t kListedInJson = 10000;

// As they were typed; run_plan checks them.
struct PlanArguments {
  std::optional<std::string> layers;
  std::optional<std::string> model;
  std::vector<std::string> splits;
  std::vector<std::string> families;
  std::string encoding = "int8";
  std::optional<std::string> residency_limit;
  std::optional<std::string> limit;
  bool json = false;
};

// The text to print, or an error that names the argument.
Result<std::string> run_plan(const PlanArguments& arguments);

}  // namespace fusesweep
