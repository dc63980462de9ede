// What the system counted while something ran: evidence of noise.
#pragma once

#include <cstdint>
#include <optional>

#include "runners/runner.h"

namespace fusesweep {

// The counters of this process, and of the machine, up to now.
RunCounters read_counters();

// What was added between two readings; the frequency, the memory, the heat and the power mode are
// those of the second.
RunCounters counted_between(const RunCounters& before, const RunCounters& after);

}  // namespace fusesweep
