// The exit codes that scripts may rely on; README.md lists them for users, a test pins them.
#pragma once

namespace fusesweep {

enum class ExitCode {
  kDone = 0,  // done, and every asked question answered
  kFailed =
      1,  // a gate failed, a regression was found, or every candidate of a sweep is disqualified
  kUsage = 2,         // wrong usage or input
  kEnvironment = 3,   // the environment or a runner failed, and nothing could be answered
  kInconclusive = 4,  // inconclusive or dirty: no honest answer from these measurements
  kBug = 70,          // an exception reached main (EX_SOFTWARE of sysexits.h)
  kInterrupted = 130  // interrupted by the user (128 + SIGINT)
};

}  // namespace fusesweep
