// Time as an argument, so that tests can hold it still.
#pragma once

#include <chrono>

namespace fusesweep {

class Clock {
 public:
  virtual ~Clock() = default;
  // For durations: never goes back, says nothing about dates.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
  // For dates (UTC): may jump when somebody sets the clock; never subtract two of these to get a
  // duration.
  virtual std::chrono::system_clock::time_point wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady_now() const override;
  std::chrono::system_clock::time_point wall_now() const override;
};

}  // namespace fusesweep
