// A clock that moves only when it is told to.
#pragma once

#include <chrono>

#include "harness/base/clock.h"

namespace fusesweep {

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady_now() const override { return steady_; }
  std::chrono::system_clock::time_point wall_now() const override { return wall_; }

  void advance(std::chrono::nanoseconds duration) {
    steady_ += duration;
    wall_ += std::chrono::duration_cast<std::chrono::system_clock::duration>(duration);
  }
  void set_wall(std::chrono::system_clock::time_point wall) { wall_ = wall; }

 private:
  std::chrono::steady_clock::time_point steady_;
  std::chrono::system_clock::time_point wall_;
};

}  // namespace fusesweep
