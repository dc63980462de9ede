// The flags that say how shards are run, the same for every command that takes them.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// --threads N and --residency-limit BYTES; errors name the flag.
Result<RunnerOptions> read_run_options(const std::optional<std::string>& threads,
                                       const std::optional<std::string>& residency_limit);

}  // namespace fusesweep
