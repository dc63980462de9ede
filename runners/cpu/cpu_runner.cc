#include "runners/cpu/cpu_runner.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "runners/cpu/cpu_executor.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/huge_memory.h"
#include "runners/mlprogram/artifact.h"
#include "runners/stack/stack.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kDefaultResidencyLimit = std::uint64_t{2} << 30;

Result<ExecutionChoice> read_choice(const RunnerOptions& options) {
  const std::vector<Kernels>& all = vector_kernels();
  ExecutionChoice choice{
      .kernels = all.empty() ? &ref_kernels() : &all.front(),
      .residency_limit_bytes = options.residency_limit_bytes.value_or(kDefaultResidencyLimit)};
  JsonReader reader(options.own, "options");
  std::string isa;
  if (const auto cpu = reader.root().find("cpu")) {
    cpu->allow_only({"isa"});
    if (const auto field = cpu->find("isa")) isa = field->text();
  }
  if (reader.error()) return fail(*reader.error());
  if (isa.empty()) return choice;
  std::string names = "ref";
  if (isa == "ref") {
    choice.kernels = &ref_kernels();
    return choice;
  }
  for (const Kernels& kernels : all) {
    if (kernels.name == isa) {
      choice.kernels = &kernels;
      return choice;
    }
    names += fmt::format(", {}", kernels.name);
  }
  return invalid_input(fmt::format("options.cpu.isa: found {}, want one of {}", quote(isa), names));
}

// "AMD EPYC", or empty.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) return one_line(line.substr(colon + 2));
    }
  }
  return {};
}

bool is_package(const std::filesystem::path& path) { return path.extension() == ".mlpackage"; }

}  // namespace

Result<RunnerDescription> CpuRunner::describe(const RunnerOptions& options) {
  const Result<ExecutionChoice> choice = read_choice(options);
  if (!choice) return fail(choice.error());
  RunnerDescription description{
      .name = "cpu",
      .version = std::string(version()),
      .device = processor_name(),
      .device_kind = "cpu",
      .capabilities = {"build", "inspect", "open", "run", "decode", "continue", "time"},
      .emulated = {"residency_limit_bytes"},
      .graph_limit_bytes = choice->residency_limit_bytes,
      .toolchain = fmt::format("fusesweep-cpu {} {}", version(), choice->kernels->name)};
  if (description.device.empty()) description.device = "cpu";
  const int threads = available_threads();
  description.device +=
      fmt::format(", {} {}, {}", threads, threads == 1 ? "core" : "cores", choice->kernels->name);
  description.device_memory_bytes = physical_memory_bytes();
  return description;
}

Result<BuiltShard> CpuRunner::build(const BuildRequest& request, Progress& progress) {
  return builds_.build(request, progress);
}

Result<Placement> CpuRunner::inspect(const InspectRequest& request) {
  const Result<ExecutionChoice> choice = read_choice(request.options);
  if (!choice) return fail(choice.error());
  std::filesystem::path path = request.artifact;
  if (!is_package(path)) {
    const Result<Artifact> artifact = read_artifact(path);
    if (!artifact) return fail(artifact.error());
    path = artifact->path();
  }
  const Result<Package> package = Package::open(path);
  if (!package) return fail(package.error());
  return plan_placement(*package, *choice);
}

Result<Opened> CpuRunner::open(const OpenRequest& request, Progress& progress) {
  const Result<ExecutionChoice> choice = read_choice(request.options);
  if (!choice) return fail(choice.error());
  const Result<Stack> stack = read_stack(request);
  if (!stack) return fail(stack.error());
  return open_cpu_session(*stack, *choice, request.options, progress);
}

}  // namespace fusesweep
