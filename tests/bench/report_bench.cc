// Reports of a store with 100 sweeps and 10,000 runs: one page, and the list of all with a page of each.
// The aim: one page in under 5 s, opening the store among it. Pictures are gnuplot's time, and left out.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "reports/html_page.h"
#include "reports/sweep_document.h"
#include "reports/sweep_index.h"
#include "results/store.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

constexpr int kSweeps = 100;
constexpr int kRunsPerSweep = 100;
constexpr int kBlocks = 6;
constexpr int kSplits = 10;
constexpr int kRounds = 2;

Json an_answer() {
  Json candidates = Json::array();
  for (int i = 0; i < kSplits; ++i) {
    const std::string name = std::to_string(i + 1) + "+" + std::to_string(31 - i);
    candidates.push_back({{"name", name},
                          {"split", name},
                          {"standing", "qualified"},
                          {"tok_per_s", 50 + i},
                          {"ms_per_token", 1000.0 / (50 + i)},
                          {"groups", {{{"group", "[0,16)"}, {"ms_per_token", 9}}}},
                          {"verdict", "slower"},
                          {"size_rel", 0.01 * i},
                          {"interval", {0.01 * i - 0.01, 0.01 * i + 0.01}},
                          {"recorded", Json::array()}});
  }
  return {{"candidates", candidates},
          {"best", "1+31"},
          {"gates", Json::array()},
          {"trials", {"T=1"}},
          {"blocks", kBlocks},
          {"wanted_blocks", kBlocks},
          {"noise", {{"dirt", Json::array()}}}};
}

BlockRow a_block(int number) {
  BlockRow block{.block = number, .trial = "T=1", .wall_ns = 5'000'000'000};
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kSplits; ++i) {
      block.cells.push_back({.arm = std::to_string(i + 1) + "+" + std::to_string(31 - i),
                             .split_key = std::string(32, '4'),
                             .round = round,
                             .position = i,
                             .token_ns = std::vector<std::int64_t>(64, 20'000'000 + number)});
    }
  }
  return block;
}

// On whatever disk temporary files are, made once.
const std::filesystem::path& filled_store() {
  static const TemporaryFolder folder;
  static const std::filesystem::path file = [] {
    const std::filesystem::path path = folder.path() / "s.db";
    const SystemClock clock;
    Store store = *Store::open(path, Access::kWrite, clock);
    for (int i = 0; i < kSweeps; ++i) {
      Uuid run{};
      for (int j = 0; j < kRunsPerSweep; ++j) run = *store.begin_run({.command = "sweep"});
      const Uuid sweep = *store.begin_sweep(run, {.spec_hash = std::to_string(i)});
      for (int block = 0; block < kBlocks; ++block)
        FUSESWEEP_CHECK(store.put_block(run, sweep, a_block(block)));
      FUSESWEEP_CHECK(store.end_sweep(sweep, "done", an_answer()));
    }
    return path;
  }();
  return file;
}

void report_one(benchmark::State& state) {
  const std::filesystem::path& file = filled_store();
  const SystemClock clock;
  for (auto _ : state) {
    const Store store = *Store::open(file, Access::kRead, clock);
    const Result<SweepRows> sweep = read_sweep(store, std::nullopt);
    FUSESWEEP_CHECK(sweep && sweep->splits.front().processes.size() == kBlocks);
    benchmark::DoNotOptimize(html_page(sweep_document(*sweep, 0), {}));
  }
}
BENCHMARK(report_one)->Name("ReportOneOf100Sweeps")->Unit(benchmark::kMillisecond);

void report_all(benchmark::State& state) {
  const std::filesystem::path& file = filled_store();
  const SystemClock clock;
  for (auto _ : state) {
    const Store store = *Store::open(file, Access::kRead, clock);
    const Result<StoredSweeps> sweeps = StoredSweeps::read(store);
    std::vector<SweepReading> readings;
    for (std::size_t i = 0; i < sweeps->size(); ++i) {
      readings.push_back({sweeps->stored(i).id, sweeps->answer(i)});
      benchmark::DoNotOptimize(html_page(sweep_document(*sweeps->sweep(i), 0), {}));
    }
    benchmark::DoNotOptimize(html_page(sweep_index(readings, ".html", 0), {}));
  }
}
BENCHMARK(report_all)->Name("ReportAll100Sweeps")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fusesweep
