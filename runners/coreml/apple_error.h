// From an NSError to an Error of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// One error and those that it was caused by, outermost first.
struct AppleError {
  std::string domain;  // "com.apple.CoreML"
  std::int64_t code = 0;
  std::string description;
};

// kInvalidInput where one of them says that what was named is not there or not a model, else
// kUnavailable: this system could not do it. `what` was being done, and begins the message. One of
// the Neural Engine's compiler is said to be that, for it is what the user has to shrink the shard for.
Error error_of(const std::vector<AppleError>& chain, std::string_view what);

}  // namespace fusesweep
