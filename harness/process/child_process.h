// A program as a child that cannot outlive us. It is started from a list of arguments, never by a
// shell, in a process group of its own, under a supervisor: a forked process that notices our end
// through a pipe, then kills the group. On Linux the supervisor also kills what left the group:
// orphans become its children. Used by LineChild, which speaks with the child.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/process/descriptor.h"

namespace fusesweep {

class ChildProcess {
 public:
  // The first argument is the program, looked for in PATH when it has no slash; the folder becomes
  // the current one. The child inherits nothing but the other ends of the pipes below. The error
  // names the program.  REQUIRES: arguments are not empty.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                    const std::filesystem::path& folder);

  ChildProcess(ChildProcess&&) = default;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // end(0)

  // Our ends, which do not block.
  Descriptor& input() { return input_; }    // written to its stdin
  Descriptor& output() { return output_; }  // its stdout
  Descriptor& errors() { return errors_; }  // its stderr

  pid_t pid() const { return pid_; }

  // What it and everything that it started hold in memory (shared pages count for each). Absent
  // where the system does not tell (only Linux does).
  std::optional<std::uint64_t> resident_bytes() const;

  // Gives it `grace` to end by itself, kills whatever is left of it and waits until it is gone. Its
  // status as of waitpid(2); absent when it had to be killed.
  std::optional<int> end(std::chrono::milliseconds grace);

 private:
  ChildProcess() = default;

  pid_t supervisor_ = -1;
  pid_t pid_ = -1;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  Descriptor lifeline_;  // what the supervisor watches: closed by us, or by our death
  Descriptor reports_;   // what it tells; closed once it is gone
};

// "exited with status 3", "was killed by signal 11 (Segmentation fault)".
std::string describe_end(int wait_status);

}  // namespace fusesweep
