// How fast the best paths are found. The aims: the 100 best over the 528 segments of 32 layers in under 5 ms, and
// over all 8,001 segments of 126 layers in under 50 ms.
#include <benchmark/benchmark.h>

#include <random>

#include "topologies/shortest_path.h"

namespace fusesweep {
namespace {

SegmentTable random_table(int n_layers) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> residual(-0.1, 0.1);
  SegmentTable table(n_layers);
  for (int begin = 0; begin < n_layers; ++begin) {
    for (int end = begin + 1; end <= n_layers; ++end)
      table.set({begin, end}, 1 + (end - begin) + residual(random), 1);
  }
  return table;
}

void find_best(benchmark::State& state) {
  const SegmentTable table = random_table(static_cast<int>(state.range(0)));
  PathLimits limits;
  if (state.range(2) > 0) limits.shards = static_cast<int>(state.range(2));
  for (auto _ : state) {
    benchmark::DoNotOptimize(best_paths(table, limits, static_cast<std::size_t>(state.range(1))));
  }
}
BENCHMARK(find_best)
    ->Name("BestPaths")
    ->ArgNames({"layers", "count", "shards"})
    ->Args({32, 1, 0})
    ->Args({32, 100, 0})
    ->Args({32, 100, 6})
    ->Args({126, 1, 0})
    ->Args({126, 100, 0})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fusesweep
