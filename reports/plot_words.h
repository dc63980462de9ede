// A sweep's finding in words: what titles of plots say. Pure.
#pragma once

#include <string>

#include "reports/sweep_rows.h"

namespace fusesweep {

bool is_out(const SplitRow& split);  // disqualified

// "not resident", "wrong outputs", "did not build"; "disqualified" where the reason is another.
std::string why_out(const SplitRow& split);

// "3 splits tie, within 1.2 %; 24+6+2 is not resident".
std::string finding(const SweepRows& sweep);

// Model, device, and what of it is recorded or emulated.
std::string source_line(const SweepRows& sweep);

}  // namespace fusesweep
