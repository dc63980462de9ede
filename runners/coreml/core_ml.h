// What the coreml runner asks of CoreML, in words that any compiler understands. apple_core_ml.mm
// answers it on a Mac; a fake that runs packages on the CPU answers it in tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "runners/coreml/macos_version.h"
#include "runners/coreml/plan_counts.h"
#include "runners/stack/shard_executor.h"

namespace fusesweep {

// Numbers as Apple's MLComputeUnits.
enum class ComputeUnits { kCpuOnly = 0, kCpuAndGpu = 1, kAll = 2, kCpuAndNeuralEngine = 3 };

struct CoreMlSystem {
  MacosVersion version;
  std::string build;  // "24C101"
  std::string chip;   // "Apple M4 Max"; empty: not told
  std::optional<std::uint64_t> memory_bytes;
  std::optional<int> neural_engine_cores;      // absent: there is none
  std::optional<std::int64_t> thermal_state;   // 0 nominal, 1 fair, 2 serious, 3 critical
  std::optional<std::int64_t> low_power_mode;  // 1 on, 0 off
};

class CoreMl {
 public:
  virtual ~CoreMl() = default;

  virtual CoreMlSystem system() = 0;

  // Compiles a package into a temporary folder NAME.mlmodelc, which the caller removes.
  virtual Result<std::filesystem::path> compile(const std::filesystem::path& package) = 0;

  // The plan for a compiled package, in the program's order.  REQUIRES: macos_for_plan().
  virtual Result<std::vector<PlannedOperation>> plan(const std::filesystem::path& compiled,
                                                     ComputeUnits units) = 0;

  // REQUIRES: macos_for_state().
  virtual Result<LoadedShard> load(const std::filesystem::path& compiled, ComputeUnits units) = 0;
};

}  // namespace fusesweep
