// ThreadPool: a few threads, each pinned to a processor, that share out the chunks of one piece of
// work after the other. A chunk goes to whoever asks next, so a thread that the system has switched
// out holds up at most the chunk in its hands. Handing out work allocates nothing and, while the
// threads are awake, makes no system call.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace fusesweep {

class ThreadPool {
 public:
  using Work = std::function<void(std::size_t chunk)>;

  // The caller of run() is one of the threads.  REQUIRES: threads >= 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls work(chunk) once for each chunk in [0, count) and returns when all are done. What the
  // calls compute must not depend on who makes them.
  void run(std::size_t count, const Work& work);

 private:
  static constexpr std::uint32_t kEnding = ~std::uint32_t{0};

  bool take_chunk();
  void serve();

  // How many chunks nobody has taken yet. Whoever takes one finds work_ and count_ as they were when the count was
  // set, since the count cannot be set again before that chunk is done.
  // kEnding: no more work will come.
  std::atomic<std::uint32_t> open_{0};
  std::atomic<std::uint32_t> done_{0};
  const Work* work_ = nullptr;
  std::size_t count_ = 0;
  std::vector<std::thread> workers_;
};

// While it lives, the calling thread stays on the processor that ThreadPool leaves for it, where the
// system can do that.
class PinnedCaller {
 public:
  PinnedCaller();
  ~PinnedCaller();
  PinnedCaller(const PinnedCaller&) = delete;
  PinnedCaller& operator=(const PinnedCaller&) = delete;

 private:
  std::vector<std::size_t> before_;  // processors; empty where nothing was changed
};

}  // namespace fusesweep
