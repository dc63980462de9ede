// The process between us and a child: see child_process.h. It is forked from a program that may have
// many threads, so nothing here may allocate, lock or throw: system calls and no more.
#pragma once

#include <cstdint>

namespace fusesweep {

// What a supervisor tells through its pipe: first kStarted or a failure, then kEnded, unless it had
// to kill the child.
struct SupervisorReport {
  enum class What : std::int32_t { kStarted, kForkFailed, kFolderFailed, kExecFailed, kEnded };
  What what = What::kStarted;
  std::int32_t value = 0;  // the child's pid; errno; its status as of waitpid(2)
};

// Descriptors are of the pipes' ends that are not ours, and at least 10.
struct SupervisedProgram {
  char* const* arguments = nullptr;  // ends with null
  const char* folder = nullptr;
  int input = -1;
  int output = -1;
  int errors = -1;
  int lifeline = -1;    // read: at its end everything is killed
  int reports = -1;     // written
  int start_read = -1;  // a pipe of its own, through which the child tells that it could not start
  int start_write = -1;
};

// Runs in the forked process, with all signals blocked.
[[noreturn]] void supervise(const SupervisedProgram& program);

}  // namespace fusesweep
