// Another process that keeps one core busy, for measuring how the harness does beside one. It has
// nothing to do with us but its end: it is gone when this is destroyed, and when our process is, however
// that ends.
#pragma once

#include <sys/types.h>

#include "harness/base/result.h"

namespace fusesweep {

class BusyCore {
 public:
  // Errors: the system grants no process.
  static Result<BusyCore> start();

  BusyCore(BusyCore&& other) noexcept;
  BusyCore& operator=(BusyCore&& other) noexcept;
  ~BusyCore();

  pid_t process() const { return process_; }

 private:
  BusyCore(pid_t process, int held) : process_(process), held_(held) {}
  void end();

  pid_t process_ = -1;  // -1: moved from
  int held_ = -1;       // our end of a pipe, which closes when we are gone
};

}  // namespace fusesweep
