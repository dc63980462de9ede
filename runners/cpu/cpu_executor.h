// Loads a stack of shards for this machine's processors.
#pragma once

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/cpu/executable.h"
#include "runners/runner.h"
#include "runners/stack/stack.h"

namespace fusesweep {

// A StackSession over Executables, whose threads stay on their processors while it works.
Result<Opened> open_cpu_session(const Stack& stack, const ExecutionChoice& choice,
                                const RunnerOptions& options, Progress& progress);

}  // namespace fusesweep
