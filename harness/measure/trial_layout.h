// Which arms of a trial are measured together, where not all of them fit in memory at once: a block
// holds one loaded process of every arm. Arithmetic only; who knows the bytes calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// Arms by number: 0 is the control, 1 its twin, the others are candidates.
struct TrialLayout {
  // Each group is measured in blocks of its own, and has control and twin before its candidates: what
  // is compared across groups is compared through the control.
  std::vector<std::vector<std::size_t>> groups;
  std::vector<std::size_t> left_out;  // candidates that do not fit even alone beside the two

  bool operator==(const TrialLayout&) const = default;
};

// One group where everything fits. Else few groups: the largest candidate first, into the first group
// with room for it. An error where control and twin alone do not fit.
// REQUIRES: two arms or more.
Result<TrialLayout> lay_out_trial(std::span<const std::uint64_t> arm_bytes,
                                  std::uint64_t limit_bytes);

}  // namespace fusesweep
