// What every package that is read must do when it is executed, whatever is in it.
#pragma once

#include "runners/mlprogram/package.h"

namespace fusesweep {

// It is placed; and when it is small, it loads on the plain loops exactly when it loads on the best
// kernels, and a few calls give the same bits on both. Ends the program when it does not.
void check_execution(const Package& package);

}  // namespace fusesweep
