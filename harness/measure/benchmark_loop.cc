#include "harness/measure/benchmark_loop.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

namespace fusesweep {
namespace {

class RunCollector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }

  void ReportRuns(const std::vector<Run>& report) override {
    for (const Run& run : report) {
      // With one iteration in nanoseconds, adjusted times are nanoseconds of that iteration.
      runs.push_back(
          {run.run_name.function_name, run.GetAdjustedRealTime(), run.GetAdjustedCPUTime()});
    }
  }

  std::vector<LoopRun> runs;
};

// Flags take their defaults from the environment before main(); only flags can set them back. The
// names that a version of the library does not know are passed over.
void reset_flags() {
  std::array<std::string, 7> flags = {"fusesweep",
                                      "--benchmark_list_tests=false",
                                      "--benchmark_min_warmup_time=0",
                                      "--benchmark_repetitions=1",
                                      "--benchmark_enable_random_interleaving=false",
                                      "--benchmark_out=",
                                      "--benchmark_perf_counters="};
  std::array<char*, flags.size() + 1> arguments{};
  for (std::size_t i = 0; i < flags.size(); ++i) arguments[i] = flags[i].data();
  int count = static_cast<int>(flags.size());
  benchmark::Initialize(&count, arguments.data());
  benchmark::BenchmarkReporter::Context::executable_name = "fusesweep";  // not that local string
}

struct Tried {
  const LoopStep& step;
  bool succeeded = false;
};

void register_step(Tried& tried) {
  const auto loop = [&tried](benchmark::State& state) {
    for ([[maybe_unused]] auto iteration : state) {
      const std::optional<double> ns = tried.step.run();
      if (!ns) {
        state.SkipWithError("the step failed");
        break;
      }
      state.SetIterationTime(*ns / 1e9);
      tried.succeeded = true;
    }
  };
  benchmark::RegisterBenchmark(tried.step.name.c_str(), loop)
      ->UseManualTime()
      ->Unit(benchmark::kNanosecond)
      ->Iterations(1)
      ->Repetitions(1);
}

}  // namespace

Result<std::vector<std::optional<LoopRun>>> run_benchmark_loop(const std::vector<LoopStep>& steps) {
  std::vector<std::optional<LoopRun>> runs(steps.size());
  if (steps.empty()) return runs;
  reset_flags();
  benchmark::ClearRegisteredBenchmarks();
  std::vector<Tried> all;
  all.reserve(steps.size());  // the loop keeps their addresses
  for (const LoopStep& step : steps) register_step(all.emplace_back(Tried{step}));
  RunCollector collector;
  benchmark::RunSpecifiedBenchmarks(&collector, "all");
  benchmark::ClearRegisteredBenchmarks();

  if (collector.runs.size() != steps.size()) {
    return unavailable(fmt::format("google-benchmark: found {} runs, want {}",
                                   collector.runs.size(), steps.size()));
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (all[i].succeeded) runs[i] = std::move(collector.runs[i]);
  }
  return runs;
}

}  // namespace fusesweep
