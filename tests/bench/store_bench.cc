// The store: how fast blocks are written, each synced to the disk, and how fast the samples of a sweep
// are read. The aims: 500,000 token samples a second; 10,000 cells in under half a second.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "results/store.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

constexpr int kArms = 10;
constexpr int kRounds = 5;
constexpr std::size_t kTokens = 64;
constexpr std::size_t kGroups = 8;
constexpr std::int64_t kTokensPerBlock = kArms * kRounds * kTokens;
constexpr const char* kTrial = "T=1";

// Times of about 20 ms a token, no two alike.
BlockRow a_block(int number) {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < kGroups; ++i)
    groups.push_back("[" + std::to_string(4 * i) + "," + std::to_string(4 * i + 4) + ")");
  std::int64_t varied = number;
  const auto about = [&varied](std::int64_t ns) { return ns + (varied += 7919) % 100'003; };
  BlockRow block{.block = number, .trial = kTrial, .noise = {{"steal_ns", 0}}};
  for (int arm = 0; arm < kArms; ++arm) {
    ArmLoadRow load{.arm = "arm " + std::to_string(arm), .load_ns = about(50'000'000)};
    for (const std::string& group : groups) load.activation_ns[group] = about(1'000'000);
    block.loads.push_back(load);
  }
  for (int round = 0; round < kRounds; ++round) {
    for (int arm = 0; arm < kArms; ++arm) {
      CellRow cell{.arm = "arm " + std::to_string(arm),
                   .split_key = std::string(32, '4'),
                   .round = round,
                   .position = arm,
                   .prefill_ns = about(300'000'000),
                   .groups = groups,
                   .ids = std::vector<int>(kTokens + 1, 200'063),
                   .counters = {{"involuntary_switches", about(0)},
                                {"major_faults", 0},
                                {"minor_faults", about(0)},
                                {"steal_ns", about(0)}}};
      for (std::size_t step = 0; step < kTokens; ++step) {
        cell.token_ns.push_back(about(20'000'000));
        std::vector<std::int64_t>& times = cell.group_ns.emplace_back();
        for (std::size_t i = 0; i < kGroups; ++i) times.push_back(about(2'500'000));
      }
      block.cells.push_back(cell);
    }
  }
  return block;
}

// On whatever disk temporary files are.
struct Filled {
  TemporaryFolder folder;
  SystemClock clock;
  Store store = *Store::open(folder.path() / "s.db", Access::kWrite, clock);
  Uuid run = *store.begin_run({.command = "sweep"});
  Uuid sweep = *store.begin_sweep(run, {.spec_hash = "x"});
};

// Until there are a million token samples.
void put_blocks(benchmark::State& state) {
  constexpr std::int64_t kWanted = 1'000'000;
  std::int64_t tokens = 0;
  const BlockRow sample = a_block(0);
  for (auto _ : state) {
    state.PauseTiming();
    auto filled = std::make_unique<Filled>();
    BlockRow block = sample;
    state.ResumeTiming();
    for (block.block = 0; block.block * kTokensPerBlock < kWanted; ++block.block) {
      FUSESWEEP_CHECK(filled->store.put_block(filled->run, filled->sweep, block));
      tokens += kTokensPerBlock;
    }
    state.PauseTiming();
    filled.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(tokens);
}
BENCHMARK(put_blocks)->Name("StorePutBlocks")->UseRealTime()->Unit(benchmark::kMillisecond);

double median(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

// What each arm took, in log: of 10,000 cells with all of their samples.
void summarize(benchmark::State& state) {
  constexpr int kBlocks = 10'000 / (kArms * kRounds);
  Filled filled;
  for (int i = 0; i < kBlocks; ++i)
    FUSESWEEP_CHECK(filled.store.put_block(filled.run, filled.sweep, a_block(i)));
  std::int64_t cells = 0;
  for (auto _ : state) {
    std::map<std::string, double> sum_of_logs;
    const auto blocks = filled.store.blocks_of(filled.sweep, kTrial);
    FUSESWEEP_CHECK(blocks && blocks->size() == kBlocks);
    for (const BlockRow& block : *blocks) {
      for (const CellRow& cell : block.cells) {
        sum_of_logs[cell.arm] += std::log(median(cell.token_ns));
        ++cells;
      }
    }
    benchmark::DoNotOptimize(sum_of_logs);
  }
  state.SetItemsProcessed(cells);
}
BENCHMARK(summarize)->Name("StoreSummarize10000Cells")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fusesweep
