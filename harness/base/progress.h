// What long work is at, for how long, and how long it will still take: a line on the terminal, or
// whatever else draws it. Where nobody watches there is nothing: no output and no thread. Saying how far one is costs an
// atomic addition; drawing happens on a thread of its own, so a terminal that hangs does not hold
// up the work.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "harness/base/clock.h"

namespace fusesweep {

// What stages are part of, in long work.
struct ProgressStep {
  std::string name;         // "gating 16+8+6+2, shards"; empty: stages stand for themselves
  std::uint64_t done = 0;   // of total
  std::uint64_t total = 0;  // 0: not known
  std::chrono::nanoseconds later{0};  // that steps after it are expected to take
};

struct ProgressState {
  std::string stage;        // "building shards"
  std::string item;         // "[0,16)", or empty
  std::uint64_t done = 0;   // of total
  std::uint64_t total = 0;  // 0: not known, and then no remaining time is claimed
  std::chrono::nanoseconds elapsed{0};
  ProgressStep step;
  std::chrono::nanoseconds step_elapsed{0};  // since a step of that total began
};

// "building shards 3/9 [0,16)  elapsed 1:05  remaining 2:10". Remaining time assumes that what is
// left takes as long per step as what is done; nothing is claimed before the first step is done. Of
// stages within a step it is the step's, with what comes later: "gating 16+8+6+2, shards 3/9: building 1/4
// elapsed 0:02  remaining 1:10".
std::string progress_line(const ProgressState& state);

class Progress {
 public:
  // Shows a state in place of the last one; null erases it. Called from any thread, one at a time.
  using Draw = std::function<void(const ProgressState* state)>;

  // A Draw of progress_line on this stream that cuts lines to the terminal's width, or an empty one
  // when it is no terminal.
  static Draw on_terminal(std::FILE* stream);

  // The clock must outlive the progress. An empty draw: nobody watches.
  Progress(Draw draw, const Clock& clock);
  ~Progress();  // erases what was drawn
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin_stage(std::string stage, std::uint64_t total);
  void set_item(std::string item);
  // Holds for the stages that follow.
  void set_step(ProgressStep step);
  void advance(std::uint64_t steps = 1) { done_.fetch_add(steps, std::memory_order_relaxed); }

  // What the drawing thread does five times a second.
  void redraw();

 private:
  const Draw draw_;
  std::mutex drawing_;
  const Clock& clock_;
  std::atomic<std::uint64_t> done_{0};
  std::mutex mutex_;  // guards state_ (but for done, which is done_) and begun_
  ProgressState state_;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point step_begun_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace fusesweep
