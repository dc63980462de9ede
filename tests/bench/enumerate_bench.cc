// How fast splits are enumerated, counted and addressed. The aim: all
// 8,388,608 splits of 24 layers in under a second on one core, without storing them.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>

#include "topologies/bounded_splits.h"

namespace fusesweep {
namespace {

void enumerate_all(benchmark::State& state) {
  const BoundedSplits all(static_cast<int>(state.range(0)), {});
  std::int64_t splits = 0;
  for (auto _ : state) {
    for (std::optional<Split> s = all.first(); s; all.advance(s)) {
      benchmark::DoNotOptimize(s->lengths().data());
      ++splits;
    }
  }
  state.SetItemsProcessed(splits);
}
BENCHMARK(enumerate_all)
    ->Name("EnumerateAll")
    ->ArgName("layers")
    ->Arg(20)
    ->Arg(24)
    ->Unit(benchmark::kMillisecond);

void enumerate_bounded(benchmark::State& state) {
  const BoundedSplits bounded(24,
                              {.min_shard = 2, .max_shard = 10, .min_shards = 4, .max_shards = 8});
  std::int64_t splits = 0;
  for (auto _ : state) {
    for (std::optional<Split> s = bounded.first(); s; bounded.advance(s)) ++splits;
  }
  state.SetItemsProcessed(splits);
}
BENCHMARK(enumerate_bounded)->Name("EnumerateBounded")->Unit(benchmark::kMillisecond);

void count_all(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(BoundedSplits(static_cast<int>(state.range(0)), {}).count());
  }
}
BENCHMARK(count_all)
    ->Name("CountAll")
    ->ArgName("layers")
    ->Arg(32)
    ->Arg(126)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond);

void address_by_rank(benchmark::State& state) {
  const BoundedSplits all(static_cast<int>(state.range(0)), {});
  const BigCount middle = all.count() / 3;
  for (auto _ : state) benchmark::DoNotOptimize(all.at(middle));
}
BENCHMARK(address_by_rank)
    ->Name("AddressByRank")
    ->ArgName("layers")
    ->Arg(32)
    ->Arg(126)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fusesweep
