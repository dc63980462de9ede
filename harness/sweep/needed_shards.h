// Which artifacts are still needed: by a baseline, by a sweep that has not ended, or as the best split of one
// that has. Used by whoever removes the others; what is not understood is taken for needed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "results/baseline.h"
#include "results/store.h"

namespace fusesweep {

// Why an artifact is kept. The first of them that holds is told.
enum class KeptFor {
  kBaseline,
  kUnfinishedSweep,
  kBestSplit,        // or the preferred one of a tie
  kUnreadableSweep,  // of the same model, whose shards cannot be told
  kNotGated,         // no gate has said anything of these bytes
  kItsModel,         // an embedding table, of whose model another artifact is kept
};

std::string_view to_text(KeptFor kept_for);  // "a baseline", "an unfinished sweep", ...

struct NeededShards {
  std::map<std::string, KeptFor> shards;  // by identity hash
  std::map<std::string, KeptFor> models;  // by model hash: all artifacts of it
  std::set<Uuid> reruns;                  // that have not ended: their working folders
};

// Each shard stands for the embedding table of its model as well. Of a sweep that has not ended, also the
// shards of one token a call with which block parity compares those of several.
// Errors: a baseline that cannot be read, a sweep of which not even the model can, for then nobody knows
// what they need (kUnavailable); a store that cannot be read.
Result<NeededShards> find_needed(const Store& store, const std::vector<ListedBaseline>& baselines);

}  // namespace fusesweep
