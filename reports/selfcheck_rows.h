// The newest selfcheck of a store, for those who ask about no sweep.
#pragma once

#include "harness/base/result.h"
#include "harness/core/selfcheck.h"
#include "results/store.h"

namespace fusesweep {

// Of those that have ended.  Errors: none such, or one that holds something else.
Result<SelfcheckFigures> read_newest_selfcheck(const Store& store);

}  // namespace fusesweep
