// `fusesweep gc`: removes from a work folder what nothing needs any more. harness/docs/GC.md.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed.
struct GcArguments {
  bool intermediates = false;
  bool dry_run = false;
  std::optional<std::string> work;
  bool json = false;
};

// Done when all that was found is removed, kEnvironment where some of it could not be.
// Errors: no store in the folder, or another fusesweep at work there; a baseline, a sweep or a folder that
// cannot be read.
Result<Answer> run_gc(const GcArguments& arguments);

}  // namespace fusesweep
