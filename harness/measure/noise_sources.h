// What about a machine will make measurements noisy or slower than they need be, and what to do
// about it: rules over its facts, without a look at the machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/measure/machine.h"

namespace fusesweep {

struct NoiseSource {
  std::string_view name;  // stable, for scripts: "governor"
  std::string what;
  std::string fix;  // one line, a command where there is one
};

// What was seen during a short time of full work just now.
struct SeenAtWork {
  std::optional<double> steal_rel;        // see steal_rel()
  std::optional<double> read_spread_rel;  // median pass of reading memory below the best: 0.02
};

// The worst first. What nobody told is not complained about.
std::vector<NoiseSource> noise_sources(const MachineFacts& facts, const SeenAtWork& seen);

}  // namespace fusesweep
