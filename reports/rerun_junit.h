// A rerun of a baseline as JUnit XML, which GitLab, Jenkins and GitHub's test reporters read. A pure function.
#pragma once

#include <string>

#include "harness/core/rerun.h"

namespace fusesweep {

// A suite a split, a case a judged finding: a regression has failed, what is inconclusive or dirty was skipped,
// with the reason. What is told only are properties of its suite. A suite for the whole has one case,
// "conclusive", that was skipped where there is no answer.
std::string rerun_junit(const RerunReport& report);

}  // namespace fusesweep
