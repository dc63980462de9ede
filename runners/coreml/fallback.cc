#include "runners/coreml/fallback.h"

#include <fmt/format.h>

#include <algorithm>

namespace fusesweep {
namespace {

// Two loads of the same code on the same processor differ by less; figures of a real fallback are
// wanted before this is made finer.
constexpr double kAlike = 0.25;

}  // namespace

std::optional<std::string> suspect_fallback(const CallTimes& times) {
  if (times.weight_bytes < kLeastWeightsToTell || times.calls_ns.empty() ||
      times.cpu_calls_ns.empty())
    return std::nullopt;
  // The best of a few calls, which noise can only slow down.
  const auto best = static_cast<double>(*std::ranges::min_element(times.calls_ns));
  const auto cpu = static_cast<double>(*std::ranges::min_element(times.cpu_calls_ns));
  if (best <= 0 || cpu <= 0 || best < cpu * (1 - kAlike) || best > cpu * (1 + kAlike))
    return std::nullopt;
  const auto bytes = static_cast<double>(times.weight_bytes);
  return fmt::format(
      "a call reads its weights at {:.3g} GB/s, loaded for the CPU alone at {:.3g}: it may have "
      "fallen back to the CPU",
      bytes / best, bytes / cpu);
}

}  // namespace fusesweep
