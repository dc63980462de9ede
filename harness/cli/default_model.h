// What commands measure that are not told what: a miniature of Phi-4-mini with random weights, made
// once in the work folder, and a residency limit that gives it a cliff.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// Fills in `model` and `residency_limit` where neither a model nor a runner with one of its own was asked
// for. Errors: the file cannot be written.
Result<void> fill_in_default_model(const std::filesystem::path& work, const std::string& runner,
                                   std::optional<std::string>& model,
                                   std::optional<std::string>& residency_limit);

}  // namespace fusesweep
