// Trends: 10,000 runs are to be read and judged in under a second, and change points of 10,000 points
// in well under half a second.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/stats/change_points.h"
#include "reports/trend_rows.h"
#include "results/store.h"
#include "tests/results/sample_rows.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

constexpr int kRuns = 10'000;
constexpr int kSweeps = 1'000;  // of them; the others stored a single decoding each
constexpr int kBlocks = 6;
constexpr std::size_t kTokens = 64;
constexpr std::size_t kGroups = 8;

std::int64_t varied(std::int64_t ns, std::int64_t& state) {
  return ns + (state = (state * 1'103'515'245 + 12'345) % 2'147'483'648) % 100'003;
}

std::vector<double> noisy(std::size_t count, std::int64_t state) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<double>(varied(i < count / 2 ? 0 : 20'000, state)));
  return values;
}

void find_in_one(benchmark::State& state) {
  const std::vector<double> values = noisy(10'000, 1);
  for (auto _ : state) benchmark::DoNotOptimize(find_change_points(values));
}
BENCHMARK(find_in_one)->Name("ChangePointsOneSeriesOf10000")->Unit(benchmark::kMillisecond);

void find_in_many(benchmark::State& state) {
  std::vector<std::vector<double>> all;
  for (int i = 0; i < 100; ++i) all.push_back(noisy(100, i));
  for (auto _ : state) {
    for (const std::vector<double>& values : all)
      benchmark::DoNotOptimize(find_change_points(values));
  }
}
BENCHMARK(find_in_many)->Name("ChangePoints100SeriesOf100")->Unit(benchmark::kMillisecond);

struct Filled {
  TemporaryFolder folder{memory_folder()};
  SystemClock clock;
  Store store = *Store::open(folder.path() / "s.db", Access::kWrite, clock);
};

std::vector<std::string> group_names() {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < kGroups; ++i) groups.push_back("group " + std::to_string(i));
  return groups;
}

template <typename Row>
void fill_times(Row& row, std::int64_t& state) {
  row.token_ns.clear();
  row.group_ns.clear();
  row.prefill_ns = varied(300'000'000, state);
  for (std::size_t i = 0; i < kTokens; ++i) {
    row.token_ns.push_back(varied(20'000'000, state));
    row.group_ns.emplace_back(kGroups, varied(2'500'000, state));
  }
}

void fill_runs(Store& store) {
  std::int64_t state = 1;
  const Provenance made{.program_version = "0.1.0", .host = "box", .os = "an OS"};
  const std::string arms[] = {"16+16", "twin", "32"};
  for (int i = 0; i < kRuns; ++i) {
    const Uuid run = *store.begin_run({.command = "bench", .provenance = made});
    if (i % (kRuns / kSweeps) != 0) {
      DecodeRow decode{.split = i % 2 == 0 ? "16+16" : "32",
                       .workload = {{"tokens", 1}, {"context", 512}},
                       .evidence = "measured",
                       .prompt_tokens = 16,
                       .groups = group_names()};
      fill_times(decode, state);
      FUSESWEEP_CHECK(store.put_decode(run, decode));
      continue;
    }
    const Uuid sweep =
        *store.begin_sweep(run, {.spec_hash = std::to_string(i), .spec = {{"prompt_tokens", 16}}});
    for (int block = 0; block < kBlocks; ++block) {
      BlockRow row{.block = block, .trial = "t", .began_unix_ms = 86'400'000LL * i};
      for (int cell = 0; cell < 6; ++cell) {
        const std::string& arm = arms[cell % 3];
        CellRow one{.arm = arm,
                    .split_key = arm == "32" ? "b" : "a",
                    .round = cell / 3,
                    .position = cell % 3,
                    .groups = group_names()};
        fill_times(one, state);
        row.cells.push_back(std::move(one));
      }
      FUSESWEEP_CHECK(store.put_block(run, sweep, row));
    }
  }
}

void read_all(benchmark::State& state, const char* metric) {
  static Filled* const kFilled = [] {
    auto* filled = new Filled();  // NOLINT(*-owning-memory): one for all metrics, until the end
    fill_runs(filled->store);
    return filled;
  }();
  std::size_t points = 0;
  for (auto _ : state) {
    const auto rows = read_trend(kFilled->store, {.metric = metric});
    FUSESWEEP_CHECK(rows);
    points = 0;
    for (const TrendSeries& series : rows->series) points += series.points.size();
    FUSESWEEP_CHECK(points >= kRuns);
  }
  state.SetItemsProcessed(state.iterations() * kRuns);
}
BENCHMARK_CAPTURE(read_all, tokens, "tok_per_s")
    ->Name("TrendOf10000Runs/tok_per_s")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_all, first, "ttft_ms")
    ->Name("TrendOf10000Runs/ttft_ms")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_all, groups, "group_ms")
    ->Name("TrendOf10000Runs/group_ms")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fusesweep
