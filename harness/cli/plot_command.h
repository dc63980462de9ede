// `fusesweep plot`: a picture of what is stored.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct PlotArguments {
  std::string kind;
  std::optional<std::string> sweep;
  std::optional<std::string> recorded;
  std::optional<std::string> output;
  bool terminal = false;
  bool keep_script = false;
  bool csv = false;
  bool json = false;  // what was written, and what it shows
  std::optional<std::string> work;
};

// The kinds, each with what it shows, a line each.
std::string plot_kinds_help();

// Without gnuplot an error (exit code 3), with the data as CSV where the picture would have been.
Result<Answer> run_plot(const PlotArguments& arguments);

}  // namespace fusesweep
