#include "runners/coreml/coreml_runner.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "runners/coreml/compiled_forms.h"
#include "runners/coreml/coreml_session.h"
#include "runners/mlprogram/artifact.h"

namespace fusesweep {
namespace {

constexpr TargetUnits kTargets[] = {
    {"cpu_and_ane", ComputeUnits::kCpuAndNeuralEngine, "ane"},
    {"all", ComputeUnits::kAll, "ane"},
    {"cpu_and_gpu", ComputeUnits::kCpuAndGpu, "gpu"},
    {"cpu", ComputeUnits::kCpuOnly, "cpu"},
};

Result<TargetUnits> read_target(const RunnerOptions& options) {
  if (options.residency_limit_bytes) {
    return invalid_input(
        fmt::format("options.residency_limit_bytes: found {}, want none: what stays on the Neural "
                    "Engine, CoreML decides",
                    *options.residency_limit_bytes));
  }
  JsonReader reader(options.own, "options");
  std::string units = std::string(kTargets[0].name);
  if (const auto own = reader.root().find("coreml")) {
    own->allow_only({"units"});
    if (const auto field = own->find("units")) units = field->text();
  }
  if (reader.error()) return fail(*reader.error());
  std::string names;
  for (const TargetUnits& target : kTargets) {
    if (target.name == units) return target;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", target.name);
  }
  return invalid_input(
      fmt::format("options.coreml.units: found {}, want one of {}", quote(units), names));
}

int threads_of(const RunnerOptions& options) {
  return options.threads > 0 ? options.threads : available_threads();
}

// A compiled model as it is, a package compiled, an artifact's compiled form.
Result<CompiledPath> compiled_of(CoreMl& core_ml, const std::filesystem::path& path, int threads) {
  if (path.extension() == ".mlmodelc") return CompiledPath(path, CompiledPath::Keep::kYes);
  if (path.extension() == ".mlpackage") return compiled_package(core_ml, path, {}, threads);
  const Result<Artifact> artifact = read_artifact(path);
  if (!artifact) return fail(artifact.error());
  return compiled_artifact(core_ml, *artifact, threads);
}

std::string device_of(const CoreMlSystem& system, const TargetUnits& target) {
  std::string device = system.chip.empty() ? "Mac" : one_line(system.chip);
  if (target.place == "ane" && system.neural_engine_cores)
    device += fmt::format(", Neural Engine of {} cores", *system.neural_engine_cores);
  return device;
}

}  // namespace

Result<RunnerDescription> CoreMlRunner::describe(const RunnerOptions& options) {
  const Result<TargetUnits> target = read_target(options);
  if (!target) return fail(target.error());
  const CoreMlSystem system = core_ml_->system();
  return RunnerDescription{
      .name = "coreml",
      .version = std::string(version()),
      .device = device_of(system, *target),
      .device_kind = std::string(target->place),
      .device_memory_bytes = system.memory_bytes,
      .capabilities = capabilities_of(system.version),
      .process_compiles = 1,
      .toolchain = fmt::format("fusesweep-coreml {} macos {} {} {}", version(),
                               to_text(system.version), one_line(system.build), target->name)};
}

Result<BuiltShard> CoreMlRunner::build(const BuildRequest& request, Progress& progress) {
  const SystemClock clock;
  const auto begin = clock.steady_now();
  Result<BuiltShard> built = builds_.build(request, progress);
  const bool is_run = !std::holds_alternative<EmbeddingTable>(request.identity.kind);
  if (!built || !is_run || !macos_for_plan(core_ml_->system().version)) return built;
  const Result<Artifact> artifact = read_artifact(built->artifact);
  if (!artifact) return fail(artifact.error());
  const auto compiled = compiled_artifact(*core_ml_, *artifact, threads_of(request.options));
  if (!compiled) return fail(compiled.error());
  if (built->build_ns)
    built->build_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock.steady_now() - begin).count();
  return built;
}

Result<Placement> CoreMlRunner::inspect(const InspectRequest& request) {
  const Result<TargetUnits> target = read_target(request.options);
  if (!target) return fail(target.error());
  if (auto can = macos_for_plan(core_ml_->system().version); !can) return fail(can.error());
  const auto compiled = compiled_of(*core_ml_, request.artifact, threads_of(request.options));
  if (!compiled) return fail(compiled.error());
  const auto plan = core_ml_->plan(compiled->path(), target->units);
  if (!plan) return fail_with_context(plan.error(), one_line(request.artifact.string()));
  return count_plan(*plan, target->place);
}

Result<Opened> CoreMlRunner::open(const OpenRequest& request, Progress& progress) {
  const Result<TargetUnits> target = read_target(request.options);
  if (!target) return fail(target.error());
  if (auto can = macos_for_state(core_ml_->system().version); !can) return fail(can.error());
  return open_coreml_session(*core_ml_, request, *target, progress);
}

}  // namespace fusesweep
