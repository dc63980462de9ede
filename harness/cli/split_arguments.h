// Which splits are meant, the same for every command that takes several.
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "topologies/split_set.h"

namespace fusesweep {

// --splits LIST and --family F, each as often as it was typed; errors name the flag.
Result<SplitSet> read_splits(const std::vector<std::string>& lists,
                             const std::vector<std::string>& families, int n_layers);

}  // namespace fusesweep
