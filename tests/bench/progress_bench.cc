// What it costs the work to say how far it is, with somebody watching and with nobody.
#include <benchmark/benchmark.h>

#include "harness/base/clock.h"
#include "harness/base/progress.h"

namespace fusesweep {
namespace {

void advance(benchmark::State& state) {
  const SystemClock clock;
  Progress progress(
      state.range(0) != 0 ? Progress::Draw([](const ProgressState*) {}) : Progress::Draw(), clock);
  progress.begin_stage("counting", 1U << 30U);
  for (auto _ : state) progress.advance();
}
BENCHMARK(advance)->Name("ProgressAdvance")->ArgName("watched")->Arg(0)->Arg(1);

}  // namespace
}  // namespace fusesweep
