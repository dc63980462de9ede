// Reruns cut from a bank: what a rerun of a baseline would have said, had it been measured in these minutes
// of it, with one layer group delayed or none. Pure functions of the bank's blocks.
#pragma once

#include <span>
#include <string>

#include "harness/core/selfcheck.h"
#include "harness/sweep/rerun_speed.h"
#include "harness/sweep/selfcheck_trials.h"

namespace fusesweep {

// `tables` are those of all blocks of the bank; the delay, a share of the control's median time of a token, is
// added to every token of the candidate and to the group's part of it.
SelfcheckReruns cut_reruns(std::span<const SpeedTable> tables, std::span<const BankBlock> bank,
                           double seconds, double injected_rel, const std::string& group,
                           int trials);

}  // namespace fusesweep
