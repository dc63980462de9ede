#include "runners/cpu/read_bandwidth.h"

#include <fmt/format.h>
#include <sys/mman.h>
#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/check.h"

// Compiled once for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runners/cpu/read_bandwidth.cc"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fusesweep::HWY_NAMESPACE {
namespace {

// Reads every word; the result only keeps the compiler from leaving that out. Four independent
// chains: more gave nothing on AVX-512.  REQUIRES: a multiple of 4 KiB, aligned.
std::uint64_t read_all(const std::uint64_t* words, std::size_t count) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<std::uint64_t> tag;
  const std::size_t lanes = hn::Lanes(tag);
  auto a = hn::Zero(tag);
  auto b = a;
  auto c = a;
  auto d = a;
  for (std::size_t i = 0; i < count; i += 4 * lanes) {
    a = hn::Xor(a, hn::Load(tag, words + i));
    b = hn::Xor(b, hn::Load(tag, words + i + lanes));
    c = hn::Xor(c, hn::Load(tag, words + i + 2 * lanes));
    d = hn::Xor(d, hn::Load(tag, words + i + 3 * lanes));
  }
  return hn::GetLane(hn::SumOfLanes(tag, hn::Xor(hn::Xor(a, b), hn::Xor(c, d))));
}

}  // namespace
}  // namespace fusesweep::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fusesweep {
namespace {

HWY_EXPORT(read_all);

using Steady = std::chrono::steady_clock;

constexpr std::size_t kPageBytes = 4096;

class Pages {
 public:
  explicit Pages(std::size_t bytes) : bytes_(bytes) {
    void* address =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) return;
    address_ = static_cast<std::uint64_t*>(address);
#ifdef MADV_HUGEPAGE
    madvise(address, bytes, MADV_HUGEPAGE);  // small ones will do, at a lower figure
#endif
  }
  ~Pages() {
    if (address_ != nullptr) munmap(address_, bytes_);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::uint64_t* words() const { return address_; }

 private:
  std::uint64_t* address_ = nullptr;
  std::size_t bytes_;
};

// To the processor that comes `index`th among those that this process may use. Where the system
// says no, the thread stays free.
void pin_this_thread([[maybe_unused]] std::size_t index) {
#ifdef __linux__
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) == 0) return;
  index %= static_cast<std::size_t>(CPU_COUNT(&allowed));
  for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &allowed) || index-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
    return;
  }
#endif
}

struct Pass {
  Steady::time_point begin;
  Steady::time_point end;
};

// A pass takes from the first thread's begin to the last one's end.
std::vector<double> rates_of(std::span<const std::vector<Pass>> by_thread, std::size_t bytes) {
  std::vector<double> rates;
  for (std::size_t pass = 0; pass < by_thread.front().size(); ++pass) {
    Pass whole = by_thread.front()[pass];
    for (const std::vector<Pass>& of_thread : by_thread) {
      whole.begin = std::min(whole.begin, of_thread[pass].begin);
      whole.end = std::max(whole.end, of_thread[pass].end);
    }
    const std::chrono::duration<double> seconds = whole.end - whole.begin;
    rates.push_back(static_cast<double>(bytes) / seconds.count() / 1e9);
  }
  std::sort(rates.begin(), rates.end());
  return rates;
}

}  // namespace

Result<ReadBandwidth> measure_read_bandwidth(const ReadBandwidthRequest& request,
                                             Progress& progress) {
  FUSESWEEP_CHECK(request.threads >= 1 && request.passes >= 1);
  const auto threads = static_cast<std::size_t>(request.threads);
  const std::size_t part_bytes = request.bytes / threads / kPageBytes * kPageBytes;
  FUSESWEEP_CHECK(part_bytes > 0);
  const Pages pages(part_bytes * threads);
  if (pages.words() == nullptr) {
    return unavailable(fmt::format("no memory to read, wanted {}: {}", format_bytes(request.bytes),
                                   std::generic_category().message(errno)));
  }

  const std::size_t part_words = part_bytes / sizeof(std::uint64_t);
  std::vector<std::vector<Pass>> by_thread(threads);
  std::atomic<std::uint64_t> sum = 0;
  std::barrier together(request.threads);
  {
    std::vector<std::jthread> running;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      running.emplace_back([&, thread] {
        pin_this_thread(thread);
        const std::span part(pages.words() + thread * part_words, part_words);
        std::fill(part.begin(), part.end(), thread);
        std::vector<Pass> passes(static_cast<std::size_t>(request.passes));
        for (Pass& pass : passes) {
          together.arrive_and_wait();
          pass.begin = Steady::now();
          sum ^= HWY_DYNAMIC_DISPATCH(read_all)(part.data(), part.size());
          pass.end = Steady::now();
          if (thread == 0) progress.advance();
        }
        by_thread[thread] = std::move(passes);
      });
    }
  }
  const std::vector<double> rates = rates_of(by_thread, part_bytes * threads);
  return ReadBandwidth{.best_gb_per_s = rates.back(), .median_gb_per_s = rates[rates.size() / 2]};
}

}  // namespace fusesweep
#endif
