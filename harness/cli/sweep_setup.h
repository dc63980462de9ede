// What `sweep` and `optimize` read from the command line alike.
#pragma once

#include <filesystem>

#include "harness/base/result.h"
#include "harness/cli/invocation.h"
#include "harness/cli/sweep_command.h"
#include "harness/sweep/sweep.h"
#include "runners/protocol/client.h"

namespace fusesweep {

// All but the candidates. The runner must outlive the setup. Errors name the flag.
Result<SweepSetup> read_sweep_setup(const SweepArguments& arguments, RunnerClient& runner,
                                    const std::filesystem::path& work,
                                    const Invocation& invocation);

// Everything must fit into the cache: what is decoded, and what gates run.
Result<void> check_room(const SweepSpec& spec, const ShardIdentity& shape);

}  // namespace fusesweep
