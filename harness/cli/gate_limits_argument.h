// --limits FILE, the same for every command that runs gates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/gate/gate_limits.h"

namespace fusesweep {

// The defaults for the device, with those of the file in place of them; errors name the flag or the
// file and the place.
Result<GateLimits> read_gate_limits_argument(const std::optional<std::string>& file,
                                             std::string_view device_kind);

}  // namespace fusesweep
