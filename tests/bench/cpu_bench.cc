// The cpu runner: how fast its kernels read weights, what a token of nano costs, and what it costs to
// know where the time went.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/base/parallel.h"
#include "runners/cpu/huge_memory.h"
#include "runners/cpu/kernels.h"
#include "runners/cpu/read_bandwidth.h"
#include "runners/cpu/thread_pool.h"

namespace fusesweep {
namespace {

constexpr std::size_t kColumns = 3072;
constexpr std::size_t kRows = 1 << 16;  // 192 MiB, more than a cache holds
constexpr std::size_t kRowsPerChunk = 64;

// bytes_per_second is of weights, whatever the tokens.
void int8_rows(benchmark::State& state, const Kernels& kernels) {
  const auto tokens = static_cast<std::size_t>(state.range(0));
  ThreadPool pool(static_cast<int>(state.range(1)));
  HugeMemory memory = *HugeMemory::create(kRows * kColumns);
  const std::span<std::byte> weights = memory.take(kRows * kColumns);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::byte>((i * 2654435761U) >> 13U);
  std::vector<std::int16_t> q(tokens * kColumns, 1000);
  std::vector<float> scales(tokens * kColumns / kBlock, 1e-4F);
  std::vector<float> y(tokens * kRows);
  const float row_scale = 1e-3F;
  const Int8Product product{.weights = reinterpret_cast<const std::int8_t*>(weights.data()),
                            .row_scales = &row_scale,
                            .row_scale_step = 0,
                            .x = {.q = q.data(),
                                  .scales = scales.data(),
                                  .padded = kColumns,
                                  .blocks = kColumns / kBlock},
                            .tokens = tokens,
                            .y = y.data()};
  const ThreadPool::Work work = [&](std::size_t chunk) {
    kernels.int8_rows(product, chunk * kRowsPerChunk, (chunk + 1) * kRowsPerChunk);
  };
  for (auto _ : state) pool.run(kRows / kRowsPerChunk, work);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(weights.size()));
}

// What the figures above are measured against, in the same run.
void plain_reading(benchmark::State& state) {
  const SystemClock clock;
  Progress progress({}, clock);
  double best = 0;
  for (auto _ : state) {
    const auto read = measure_read_bandwidth(
        {.threads = static_cast<int>(state.range(0)), .bytes = kRows * kColumns, .passes = 3},
        progress);
    FUSESWEEP_CHECK(read);
    best = std::max(best, read->best_gb_per_s);
  }
  state.counters["best_gb_per_s"] = best;
}

// One lap of the session's timers. A token of a split has as many as it has groups, and two more.
void timer_lap(benchmark::State& state) {
  const SystemClock clock;
  std::int64_t before = clock.steady_now().time_since_epoch().count();
  std::int64_t sum = 0;
  for (auto _ : state) {
    const std::int64_t after = clock.steady_now().time_since_epoch().count();
    sum += after - before;
    before = after;
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(timer_lap)->Name("TimerLap");

// Handing out work that is none: what a shared operation costs beside its work.
void handing_out(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  const ThreadPool::Work work = [](std::size_t) {};
  for (auto _ : state) pool.run(8, work);
}
BENCHMARK(handing_out)->Name("ThreadPoolRun")->ArgName("threads")->Arg(1)->Arg(available_threads());

const int kRegistered = [] {
  const int all = available_threads();
  benchmark::RegisterBenchmark("PlainReading", plain_reading)
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(all)
      ->UseRealTime();
  for (const Kernels& kernels : vector_kernels()) {
    benchmark::RegisterBenchmark(("Int8Rows/" + std::string(kernels.name)).c_str(),
                                 [&kernels](benchmark::State& state) { int8_rows(state, kernels); })
        ->ArgNames({"T", "threads"})
        ->ArgsProduct({{1, 4, 16}, {1, all}})
        ->UseRealTime();
  }
  return 0;
}();

}  // namespace
}  // namespace fusesweep
