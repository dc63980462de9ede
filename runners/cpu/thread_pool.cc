#include "runners/cpu/thread_pool.h"

#include "harness/base/check.h"

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#endif

namespace fusesweep {
namespace {

// Some 50 to 100 microseconds: longer than the work between two pieces that are shared out, shorter
// than anybody would notice.
constexpr int kSpins = 2000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

#ifdef __linux__
std::vector<std::size_t> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<std::size_t> processors;
  if (pthread_getaffinity_np(pthread_self(), sizeof set, &set) != 0) return processors;
  for (std::size_t i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

void allow(pthread_t thread, const std::vector<std::size_t>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::size_t processor : processors) CPU_SET(processor, &set);
  pthread_setaffinity_np(thread, sizeof set, &set);
}
#endif

}  // namespace

ThreadPool::ThreadPool(int threads) {
  FUSESWEEP_CHECK(threads >= 1);
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
#ifdef __linux__
  const std::vector<std::size_t> processors = allowed_processors();
  for (std::size_t i = 0; i < workers_.size() && !processors.empty(); ++i)
    allow(workers_[i].native_handle(), {processors[(i + 1) % processors.size()]});
#endif
}

ThreadPool::~ThreadPool() {
  open_.store(kEnding);
  open_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(std::size_t count, const Work& work) {
  if (count <= 1 || workers_.empty()) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  work_ = &work;
  count_ = count;
  done_.store(0, std::memory_order_relaxed);
  open_.store(static_cast<std::uint32_t>(count), std::memory_order_release);
  open_.notify_all();
  while (take_chunk()) {
  }
  for (int spins = 0; done_.load(std::memory_order_acquire) != count; ++spins) {
    pause();
    if (spins > kSpins) std::this_thread::yield();
  }
}

bool ThreadPool::take_chunk() {
  std::uint32_t open = open_.load(std::memory_order_acquire);
  while (open != 0 && open != kEnding) {
    if (!open_.compare_exchange_weak(open, open - 1, std::memory_order_acq_rel,
                                     std::memory_order_acquire))
      continue;
    (*work_)(count_ - open);
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }
  return false;
}

void ThreadPool::serve() {
  int spins = 0;
  while (open_.load(std::memory_order_relaxed) != kEnding) {
    if (take_chunk()) {
      spins = 0;
    } else if (++spins < kSpins) {
      pause();
    } else {
      open_.wait(0, std::memory_order_acquire);
    }
  }
}

PinnedCaller::PinnedCaller() {
#ifdef __linux__
  before_ = allowed_processors();
  if (!before_.empty()) allow(pthread_self(), {before_.front()});
#endif
}

PinnedCaller::~PinnedCaller() {
#ifdef __linux__
  if (!before_.empty()) allow(pthread_self(), before_);
#endif
}

}  // namespace fusesweep
