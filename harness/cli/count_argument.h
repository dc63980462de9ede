// Counts as a user types them.
#pragma once

#include <initializer_list>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

inline constexpr int kMostTypedCount = 1 << 20;  // where nothing asks for another bound

// Errors name the flag, what was found and what was wanted.
Result<int> read_count(const std::string& typed, const char* flag, int low,
                       int high = kMostTypedCount);

struct TypedCount {
  const std::string& typed;
  const char* flag;
  int low;
  int& into;
};

// All of them, up to the first that is none.
Result<void> read_each_count(std::initializer_list<TypedCount> counts);

}  // namespace fusesweep
