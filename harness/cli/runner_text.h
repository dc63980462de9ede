// What a person is told of a runner before its answers: the same in every table.
#pragma once

#include <string>

#include "runners/runner.h"

namespace fusesweep {

// "emulated, not a property of the device: residency_limit_bytes (32.00 MiB a shard)"; empty where
// nothing is. One line, whatever the runner said.
std::string emulated_text(const RunnerDescription& runner);

}  // namespace fusesweep
