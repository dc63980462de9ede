// A CoreMl that needs no Mac: "compiles" a package by copying it, plans by a rule that the test gives, and
// runs the program with the cpu runner's Executable. So everything of the coreml runner but Apple's part is
// exercised, with real packages and real results.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runners/coreml/core_ml.h"
#include "runners/cpu/executable.h"
#include "runners/mlprogram/package.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {

// What it was asked for, in order: "compile layers_0_2", "plan", "load 3", "reset".
using CoreMlCalls = std::vector<std::string>;

class FakeCoreMl final : public CoreMl {
 public:
  explicit FakeCoreMl(CoreMlCalls& calls) : calls_(calls) {}

  CoreMlSystem told = {.version = {15, 2, 0},
                       .build = "24C101",
                       .chip = "Apple M4 Max",
                       .memory_bytes = 1 << 30,
                       .neural_engine_cores = 16,
                       .thermal_state = 1,
                       .low_power_mode = 0};
  std::vector<PlannedOperation> planned;
  std::optional<Error> no;  // to compile, plan and load

  CoreMlSystem system() override { return told; }

  Result<std::filesystem::path> compile(const std::filesystem::path& package) override {
    calls_.push_back("compile " + package.stem().string());
    if (no) return fail(*no);
    const std::filesystem::path to =
        folder_.path() / std::to_string(calls_.size()) / (package.stem().string() + ".mlmodelc");
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy(package, to, std::filesystem::copy_options::recursive);
    return to;
  }

  Result<std::vector<PlannedOperation>> plan(const std::filesystem::path& compiled,
                                             ComputeUnits /*units*/) override {
    calls_.push_back("plan " + compiled.filename().string());
    if (no) return fail(*no);
    return planned;
  }

  Result<LoadedShard> load(const std::filesystem::path& compiled, ComputeUnits units) override {
    calls_.push_back("load " + std::to_string(static_cast<int>(units)));
    if (no) return fail(*no);
    const Result<Package> package = Package::open(compiled);
    if (!package) return fail(package.error());
    const Program& program = package->model().program;
    Result<Executable> executable = Executable::load(*package, {.kernels = &ref_kernels()}, pool_);
    if (!executable) return fail(std::move(executable).error());
    return LoadedShard{{program.inputs, program.outputs, program.states},
                       std::make_unique<Loaded>(*std::move(executable), program, calls_)};
  }

  // Temporary compiled forms that are still there.
  std::size_t left_behind() const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
      found += entry.path().extension() == ".mlmodelc" ? 1U : 0U;
    return found;
  }

 private:
  class Loaded final : public ShardExecutor {
   public:
    Loaded(Executable executable, const Program& program, CoreMlCalls& calls)
        : executable_(std::move(executable)),
          output_(program.outputs.front().name),
          calls_(calls) {}
    std::span<std::byte> port(std::string_view name) override {
      return name == output_ ? executable_.output(name) : executable_.input(name);
    }
    Result<void> run() override { return executable_.run(); }
    Result<void> reset() override {
      calls_.emplace_back("reset");
      executable_.reset();
      return {};
    }
    void add_run(PlacementSum& /*sum*/) const override {}

   private:
    Executable executable_;
    std::string output_;
    CoreMlCalls& calls_;
  };

  CoreMlCalls& calls_;
  ThreadPool pool_{1};
  TemporaryFolder folder_;
};

}  // namespace fusesweep
