// What is stored beside every number about how it was made: this program, how it was built, and the
// machine, as far as they are known.
#pragma once

#include <filesystem>

#include "results/rows.h"

namespace fusesweep {

// Facts that change by the minute (load, free memory, the clock's frequency now) are left out: a
// provenance is kept once for all runs that share it. `work` is a folder that may not exist yet.
Provenance gather_provenance(const std::filesystem::path& work);

}  // namespace fusesweep
