#include "harness/measure/trial_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/base/bytes.h"
#include "harness/base/check.h"

namespace fusesweep {
namespace {

constexpr std::size_t kFirstCandidate = 2;  // after control and twin

struct Group {
  std::vector<std::size_t> candidates;
  std::uint64_t free_bytes = 0;
};

std::vector<std::size_t> largest_first(std::span<const std::uint64_t> arm_bytes) {
  std::vector<std::size_t> candidates(arm_bytes.size() - kFirstCandidate);
  std::iota(candidates.begin(), candidates.end(), kFirstCandidate);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](std::size_t a, std::size_t b) { return arm_bytes[a] > arm_bytes[b]; });
  return candidates;
}

}  // namespace

Result<TrialLayout> lay_out_trial(std::span<const std::uint64_t> arm_bytes,
                                  std::uint64_t limit_bytes) {
  FUSESWEEP_CHECK(arm_bytes.size() >= kFirstCandidate);
  if (arm_bytes[0] > limit_bytes || arm_bytes[1] > limit_bytes - arm_bytes[0]) {
    return unavailable(fmt::format(
        "memory: found a limit of {}, want {} for the control and {} for its twin at the same time",
        format_bytes(limit_bytes), format_bytes(arm_bytes[0]), format_bytes(arm_bytes[1])));
  }
  const std::uint64_t room_bytes = limit_bytes - arm_bytes[0] - arm_bytes[1];

  TrialLayout layout;
  std::vector<Group> groups(1, Group{.candidates = {}, .free_bytes = room_bytes});
  for (const std::size_t candidate : largest_first(arm_bytes)) {
    const std::uint64_t bytes = arm_bytes[candidate];
    if (bytes > room_bytes) {
      layout.left_out.push_back(candidate);
      continue;
    }
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& some) { return bytes <= some.free_bytes; });
    if (group == groups.end()) {
      groups.push_back({.candidates = {}, .free_bytes = room_bytes});
      group = groups.end() - 1;
    }
    group->candidates.push_back(candidate);
    group->free_bytes -= bytes;
  }

  std::sort(layout.left_out.begin(), layout.left_out.end());
  for (Group& group : groups) {
    std::sort(group.candidates.begin(), group.candidates.end());
    std::vector<std::size_t>& arms = layout.groups.emplace_back(std::vector<std::size_t>{0, 1});
    arms.insert(arms.end(), group.candidates.begin(), group.candidates.end());
  }
  return layout;
}

}  // namespace fusesweep
