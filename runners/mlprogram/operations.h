// The operations of ML Programs that we know, as far as types go: what each gives for what it gets.
// The builder finds its own types here, and whoever reads a package checks them here. Rules are
// those of Apple's MIL operation reference (coremltools), operation sets CoreML5 to CoreML8.
#pragma once

#include <vector>

#include "harness/base/result.h"
#include "runners/mlprogram/operation_reader.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

// The types of the operation's outputs. Errors name the operation, the parameter, what was found
// and what is wanted; an operation that we do not know is such an error.
Result<std::vector<TensorType>> infer_types(const Operation& operation, const Scope& scope);

// Whether the program is one: every name is defined once and before its use, every operation's
// outputs are what infer_types says, and the program's outputs exist.
Result<void> check_types(const Program& program);

}  // namespace fusesweep
