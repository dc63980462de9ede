// google-benchmark's loop for steps that take their time elsewhere, in a runner's process, and tell it
// afterwards: each step is a benchmark of one iteration with manual time. The only file of the
// program that includes that library.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

struct LoopStep {
  std::string name;  // "decode/16+8/block:1/round:2"
  // Runs once and says how many ns are to be reported; absent: it failed, and says elsewhere how.
  std::function<std::optional<double>()> run;
};

// What google-benchmark reports of a step.
struct LoopRun {
  std::string name;
  double real_ns = 0;  // the manual time
  double cpu_ns = 0;   // of our own thread meanwhile: what waiting for the step costs
};

// Runs the steps in their order, on the calling thread. One run each, absent where the step failed.
// Prints nothing and heeds none of the library's flags and BENCHMARK_* variables. Benchmarks that
// are registered otherwise in this process are forgotten. Not to be called from within a step.
Result<std::vector<std::optional<LoopRun>>> run_benchmark_loop(const std::vector<LoopStep>& steps);

}  // namespace fusesweep
