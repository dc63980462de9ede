// What lies in a baseline's folder, held against what its document says of it. For whoever takes one in
// from elsewhere, and before it is sent there.
#pragma once

#include <filesystem>
#include <string_view>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "results/baseline.h"

namespace fusesweep {

// Whether the program that ran a baseline can be started again: the copy in its folder, or else what its
// command names. That it is there, as it was; nothing is started.
enum class ProgramState {
  kReady,
  kNotTrusted,  // imported, and nobody said that it is trusted
  kMissing,     // there is no such program, or it may not be started
  kAltered,     // other bytes than those that ran
};

std::string_view to_text(ProgramState state);  // "ready", "not trusted", "missing", "altered"

ProgramState state_of_program(const Baseline& baseline, const std::filesystem::path& folder);

// Reads all of it. Errors: something that does not belong there, or is missing; a store that cannot be
// read, or without the sweep that the baseline was set from; a shard that is another one, or of other
// bytes; a program of other bytes. A store with an older schema is migrated, where it can be written.
Result<void> check_baseline_contents(const Baseline& baseline, const std::filesystem::path& folder,
                                     Progress& progress);

}  // namespace fusesweep
