#include "runners/coreml/coreml_session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/core/shard_weight.h"
#include "runners/coreml/compiled_forms.h"
#include "runners/coreml/fallback.h"
#include "runners/mlprogram/artifact.h"
#include "runners/stack/run_counters.h"
#include "runners/stack/stack_session.h"

namespace fusesweep {
namespace {

constexpr int kTimedCalls = 5;

RunCounters counters_of(CoreMl& core_ml) {
  RunCounters counters = read_counters();
  const CoreMlSystem system = core_ml.system();
  counters.thermal_state = system.thermal_state;
  counters.low_power_mode = system.low_power_mode;
  return counters;
}

Result<LoadedShard> load_shard(CoreMl& core_ml, const StackedShard& shard, ComputeUnits units,
                               int threads) {
  const auto compiled = compiled_package(core_ml, shard.package, shard.compiled, threads);
  if (!compiled) return fail(compiled.error());
  Result<LoadedShard> loaded = core_ml.load(compiled->path(), units);
  if (!loaded)
    return fail_with_context(std::move(loaded).error(), one_line(shard.package.string()));
  return loaded;
}

Result<Opened> open_stack(CoreMl& core_ml, const Stack& stack, const RunnerOptions& options,
                          ComputeUnits units, Progress& progress) {
  const int threads = options.threads > 0 ? options.threads : available_threads();
  return StackSession::open(stack,
                            {.options = options,
                             .load =
                                 [&core_ml, units, threads](const StackedShard& shard) {
                                   return load_shard(core_ml, shard, units, threads);
                                 },
                             .counters = [&core_ml] { return counters_of(core_ml); }},
                            progress);
}

// What a session needs to look for a fallback: one artifact that is big enough to tell.
struct Suspect {
  Stack stack;
  RunnerOptions options;
  std::uint64_t weight_bytes = 0;
};

std::optional<Suspect> suspect_of(const OpenRequest& request, const Stack& stack) {
  if (request.artifacts.size() != 1) return std::nullopt;
  const Result<Artifact> artifact = read_artifact(request.artifacts.front());
  if (!artifact) return std::nullopt;
  const std::uint64_t bytes =
      shard_weight_bytes(artifact->contract, artifact->identity.kind, artifact->identity.encoding);
  if (bytes < kLeastWeightsToTell) return std::nullopt;
  return Suspect{stack, request.options, bytes};
}

class CoreMlSession final : public Session {
 public:
  CoreMlSession(CoreMl& core_ml, std::unique_ptr<Session> stack, std::optional<Suspect> suspect)
      : core_ml_(core_ml), stack_(std::move(stack)), suspect_(std::move(suspect)) {}

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
    auto outputs = stack_->run(request);
    if (!outputs || !suspect_ || outputs->size() != 1) return outputs;
    const std::optional<std::string> warning = look_for_fallback(outputs->front().group);
    if (warning) outputs->front().notes.push_back(*warning);
    return outputs;
  }
  Result<DecodeResult> decode(const DecodeRequest& request) override {
    return stack_->decode(request);
  }
  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    return stack_->time(request);
  }

 private:
  // Nothing where the shard cannot be timed: that it runs is what counts.
  std::optional<std::string> look_for_fallback(const std::string& group) {
    const TimeRequest calls{.group = group, .calls = kTimedCalls};
    const auto calls_ns = stack_->time(calls);
    SystemClock clock;
    Progress unseen(nullptr, clock);
    Result<Opened> on_cpu =
        open_stack(core_ml_, suspect_->stack, suspect_->options, ComputeUnits::kCpuOnly, unseen);
    if (!calls_ns || !on_cpu) return std::nullopt;
    const auto cpu_calls_ns = on_cpu->session->time(calls);
    if (!cpu_calls_ns) return std::nullopt;
    return suspect_fallback({*calls_ns, *cpu_calls_ns, suspect_->weight_bytes});
  }

  CoreMl& core_ml_;
  std::unique_ptr<Session> stack_;
  const std::optional<Suspect> suspect_;  // absent: there is nothing to look for
};

}  // namespace

Result<Opened> open_coreml_session(CoreMl& core_ml, const OpenRequest& request,
                                   const TargetUnits& target, Progress& progress) {
  const Result<Stack> stack = read_stack(request);
  if (!stack) return fail(stack.error());
  Result<Opened> opened = open_stack(core_ml, *stack, request.options, target.units, progress);
  if (!opened) return opened;
  std::optional<Suspect> suspect;
  if (target.place != "cpu") suspect = suspect_of(request, *stack);
  opened->session =
      std::make_unique<CoreMlSession>(core_ml, std::move(opened->session), std::move(suspect));
  return opened;
}

}  // namespace fusesweep
