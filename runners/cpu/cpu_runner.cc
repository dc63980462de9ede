#include "runners/cpu/cpu_runner.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "runners/cpu/cpu_session.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/huge_memory.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"
#include "topologies/runtime_manifest.h"

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

// A manifest's stack. Paths in a manifest of our own lie outside its folder when the work folder's
// artifacts are elsewhere; who may name what is for whoever handed the path in to decide.
Result<StackToLoad> read_stack(const std::filesystem::path& path) {
  const Result<RuntimeManifest> manifest = read_runtime_manifest(path, OutsidePaths::kFollow);
  if (!manifest) return fail(manifest.error());
  const std::filesystem::path folder = path.parent_path();
  StackToLoad stack{.contract = manifest->contract, .embedding = folder / manifest->embedding};
  const auto add = [&](const std::vector<ManifestShard>& from, std::vector<ShardToLoad>& to) {
    for (const ManifestShard& shard : from)
      to.push_back({.kind = shard.kind, .package = folder / shard.package});
  };
  add(manifest->layers, stack.shards);
  add(manifest->head, stack.shards);
  if (manifest->verifier) {
    add(manifest->verifier->layers, stack.verifier);
    add(manifest->verifier->head, stack.verifier);
  }
  return stack;
}

Result<StackToLoad> read_stack(const std::vector<std::filesystem::path>& artifacts) {
  StackToLoad stack;
  for (const std::filesystem::path& folder : artifacts) {
    const Result<Artifact> artifact = read_artifact(folder);
    if (!artifact) return fail(artifact.error());
    const std::string where = one_line(folder.string());
    if (std::holds_alternative<EmbeddingTable>(artifact->identity.kind))
      return invalid_input(fmt::format("{}: found an embedding table, want a shard", where));
    if (stack.shards.empty()) {
      stack.contract = artifact->contract;
    } else if (stack.contract != artifact->contract) {
      return invalid_input(fmt::format("{}: found another model than in the first", where));
    } else {
      const ShardKind& before = stack.shards.back().kind;
      const auto* left = std::get_if<Segment>(&before);
      const auto* right = std::get_if<Segment>(&artifact->identity.kind);
      if (left == nullptr || (right != nullptr && right->begin != left->end)) {
        return invalid_input(fmt::format("{}: found {} after {}, want what follows it", where,
                                         to_text(artifact->identity.kind), to_text(before)));
      }
    }
    stack.shards.push_back({.kind = artifact->identity.kind, .package = artifact->path()});
  }
  return stack;
}

}  // namespace

Result<RunnerDescription> CpuRunner::describe(const RunnerOptions& options) {
  const Result<ExecutionChoice> choice = read_choice(options);
  if (!choice) return fail(choice.error());
  RunnerDescription description{
      .name = "cpu",
      .version = std::string(version()),
      .device = processor_name(),
      .device_kind = "cpu",
      .capabilities = {"build", "inspect", "open", "run", "decode", "continue", "speculate",
                       "time"},
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

Result<const ModelFile*> CpuRunner::read_model(const std::filesystem::path& path, int threads) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (model_ && !error && path == model_path_ && time == model_time_) return &*model_;
  model_.reset();
  Result<ModelFile> model = open_model_file(path, threads);
  if (!model) return fail(std::move(model).error());
  model_ = *std::move(model);
  model_path_ = path;
  model_time_ = time;
  return &*model_;
}

Result<BuiltShard> CpuRunner::build(const BuildRequest& request, Progress& progress) {
  const int threads = request.options.threads > 0 ? request.options.threads : available_threads();
  const Result<const ModelFile*> read = read_model(request.model, threads);
  if (!read) return fail(read.error());
  const ModelFile& model = **read;
  const ShardIdentity identity = shard_of(model, request.identity);
  if (identity != request.identity) {
    return invalid_input(
        fmt::format("{}: found the model {} and builder version {}, want {} and {}",
                    one_line(request.model.string()), model.hash, kBuilderVersion,
                    one_line(request.identity.model_hash), request.identity.builder_version));
  }
  std::error_code error;
  const bool was_there = std::filesystem::exists(request.artifacts / hash_of(identity), error);
  const SystemClock clock;
  const auto begin = clock.steady_now();
  const Result<Artifact> artifact =
      build_shard(model, identity, request.artifacts, {.threads = threads}, progress);
  if (!artifact) return fail(artifact.error());
  BuiltShard built{.artifact = artifact->folder,
                   .bytes = artifact->bytes,
                   .build_ns = std::nullopt,
                   .content_hash = artifact->content_hash};
  if (!was_there) {
    built.build_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock.steady_now() - begin).count();
  }
  return built;
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
  Result<StackToLoad> stack =
      request.manifest.empty() ? read_stack(request.artifacts) : read_stack(request.manifest);
  if (!stack) return fail(std::move(stack).error());
  stack->choice = *choice;
  stack->options = request.options;
  return CpuSession::open(*stack, progress);
}

}  // namespace fusesweep
