// What a sweep comes to, for people: a table on the terminal. Reports are reports/'s.
#pragma once

#include <string>

#include "harness/sweep/sweep_answer.h"
#include "runners/runner.h"

namespace fusesweep {

struct SweepTitle {
  std::string model;
  int n_layers = 0;
  const RunnerDescription& runner;
};

std::string sweep_table(const SweepAnswer& answer, const SweepTitle& title);

}  // namespace fusesweep
