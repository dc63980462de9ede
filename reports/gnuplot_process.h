// gnuplot as a child: commands in, a picture out. Used by draw_plot.h alone.
#pragma once

#include <chrono>
#include <string>

#include "harness/base/result.h"

namespace fusesweep {

// How long a picture may take. The largest of ours takes a tenth of a second.
inline constexpr std::chrono::seconds kDrawingLimit{30};

// What the program writes to its standard output when it reads the commands. It is started from a list
// of arguments, without a shell, its own start-up files or our environment, and killed at the limit.
// Errors (kUnavailable, kTimedOut) have what it said, in one line.
Result<std::string> run_gnuplot(const std::string& program, const std::string& commands,
                                std::chrono::milliseconds limit = kDrawingLimit);

}  // namespace fusesweep
