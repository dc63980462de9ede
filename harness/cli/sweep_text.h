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

// Parts of it. "small on cpu (AMD EPYC, 2 cores)", a line; what of the answers is real, a line.
std::string title_line(const SweepTitle& title);
std::string what_is_real(const RunnerDescription& runner);

// A row a candidate: split, speed, against the control, verdict or why not.
std::string candidates_table(const SweepAnswer& answer, bool is_recorded);

// What a trial that ranks nothing suffered from, and how noisy it was: lines, or nothing.
std::string dirt_lines(const SweepAnswer& answer);
std::string noise_line(const SweepAnswer& answer);

}  // namespace fusesweep
