// Loads a stack of shards with CoreML.
#pragma once

#include <string_view>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/coreml/core_ml.h"
#include "runners/runner.h"

namespace fusesweep {

// What CoreML may use, and which device is meant by it.
struct TargetUnits {
  std::string_view name;  // in options
  ComputeUnits units = ComputeUnits::kCpuAndNeuralEngine;
  std::string_view place;  // "ane", "gpu", "cpu"
};

// A StackSession over models of CoreML. Its run of a single artifact that is meant for another device
// than the CPU is followed by a few timed calls, there and loaded for the CPU alone, whose comparison is
// a note of the output where it looks as if the shard had fallen back. The session uses core_ml.
Result<Opened> open_coreml_session(CoreMl& core_ml, const OpenRequest& request,
                                   const TargetUnits& target, Progress& progress);

}  // namespace fusesweep
